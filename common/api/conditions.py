"""The filters of a list in a body: the same names and values as in its address, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import ValidationError as InvalidValue
from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from common.api.fields import Schema
from common.api.problems import MOST_NAMED, unknown

Narrow = Callable[[QuerySet[Any]], QuerySet[Any]]

_WORDS = {
    "array": "a list of strings",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
}


class Conditions(serializers.Field[Any, Any, Any, Any]):
    """The declared filters by name, one at least, such as `{"city": "Pune", "status": ["NEW"]}`.

    Its value is a function that narrows rows to those that meet them all.
    """

    default_error_messages: ClassVar = {
        "not_an_object": "Send an object with the filters of the list.",
        "empty": "Name one filter at least, such as city.",
    }

    def __init__(self, *, filters: type[django_filters.FilterSet], **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)
        self.declared: Mapping[str, django_filters.Filter] = filters.base_filters

    def to_internal_value(self, data: Any) -> Narrow:
        if not isinstance(data, Mapping):
            self.fail("not_an_object")
        if not data:
            self.fail("empty")
        errors: dict[str, list[str]] = {}
        chosen: list[tuple[Any, Any]] = []
        for name, value in islice(data.items(), MOST_NAMED):
            if name not in self.declared:
                errors[name] = [unknown(name, self.declared, what="filter")]
                continue
            try:
                chosen.append((self.declared[name], self._typed(self.declared[name], value)))
            except InvalidValue as wrong:
                errors[name] = wrong.messages
        if errors:
            raise ValidationError(errors)

        def narrow(rows: QuerySet[Any]) -> QuerySet[Any]:
            for declared, value in chosen:
                rows = declared.filter(rows, value)
            return rows

        return narrow

    def _typed(self, declared: Any, value: Any) -> Any:
        """The value of one filter, by way of the text that it would be in an address."""
        ways = declared.schema.get("oneOf", [declared.schema])
        text = next((written for way in ways if (written := _as_text(way, value)) is not None), None)
        if text is None:
            raise InvalidValue(f"Send {' or '.join(way.get('const') or _WORDS[way['type']] for way in ways)}.")
        if not text.strip():
            raise InvalidValue("Send a value, or leave the filter out.")
        return declared.field.clean(text)

    def schema(self, *, sent: bool) -> Schema:
        properties = {name: declared.schema for name, declared in self.declared.items()}  # type: ignore[attr-defined] # ours have one
        return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}


def _as_text(schema: Schema, value: Any) -> str | None:
    """The value as an address has it, or None where it is of another JSON type than this filter takes."""
    written = None
    match "const" if "const" in schema else schema["type"], value:
        case "const", str() if value == schema["const"]:
            written = value
        case "boolean", bool():
            written = "true" if value else "false"
        case (("integer" | "number"), bool()):  # which Python takes for a number
            pass
        case (("integer" | "number"), int()):
            written = str(value)
        case "number", Decimal():
            written = format(value, "f")
        case "string", str():
            written = value
        case "array", list() if value and all(isinstance(one, str) and "," not in one for one in value):
            written = ",".join(value)
    return written
