"""Strict fields: JSON types are taken as they are, never guessed, and each knows how its column is shown.

`from_row` turns the value of a column into what the renderer writes; without it, it stays as the database gave it.
`schema` says the same in OpenAPI: for what is sent, exactly what is taken; for what is answered, the type.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.fields import empty

from common.api.renderers import exact
from common.api.seen import seen
from common.models import MAX_ID

FromRow = Callable[[Any], Any]
Schema = dict[str, Any]

# Zones, months and databases stay well within these; no meeting is without.
FIRST_YEAR, LAST_YEAR = 1900, 9000
MOST_IDS = 100
LARGEST = 2**31 - 1  # what a whole number's column holds on every database
ANY_TEXT = r"^[^\x00]*$"
SOME_TEXT = r"^[^\x00]+$"
# White space as Python strips it, which takes some control characters for spaces; `\s` of JSON Schema does not.
NOT_BLANK = r"^[^\x00]*[^\s\x00\x1c-\x1f\x85][^\x00]*$"


class Text(serializers.CharField):
    """A JSON string; white space around it is left out, and counts for the length."""

    default_error_messages: ClassVar = {"not_text": "Send a string."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return str(super().to_internal_value(data))

    def schema(self, *, sent: bool) -> Schema:
        if not sent:
            return {"type": "string"}
        longest = {} if self.max_length is None else {"maxLength": self.max_length}
        return {"type": "string", "pattern": self._pattern(), **longest}

    def _pattern(self) -> str:
        for rule in self.validators:
            if isinstance(rule, RegexValidator):
                return re.compile(rule.regex).pattern.replace(r"\Z", "$")
        if self.allow_blank:
            return ANY_TEXT
        return NOT_BLANK if self.trim_whitespace else SOME_TEXT


class Email(Text, serializers.EmailField):
    def schema(self, *, sent: bool) -> Schema:
        said = {**super().schema(sent=sent), "format": "email"}
        said.pop("pattern", None)
        return said


class Flag(serializers.BooleanField):
    """JSON true or false; not 1, not "yes"."""

    default_error_messages: ClassVar = {"invalid": "Send true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Whole(serializers.IntegerField):
    """A JSON integer; not 1.0, not "1"."""

    default_error_messages: ClassVar = {"invalid": "Send a whole number."}

    def __init__(self, **kwargs: Any) -> None:
        if not kwargs.get("read_only"):
            kwargs["max_value"] = min(kwargs.get("max_value") or LARGEST, LARGEST)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data

    def schema(self, *, sent: bool) -> Schema:
        said: Schema = {"type": "integer"}
        bounds = {"minimum": self.min_value, "maximum": self.max_value} if sent else {}
        return {**said, **{name: bound for name, bound in bounds.items() if bound is not None}}


class Choice(serializers.ChoiceField):
    """One of the listed strings, as listed."""

    default_error_messages: ClassVar = {"invalid_choice": "Use one of {choices}."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", choices=", ".join(map(str, self.choices)))
        return data


class Money(serializers.DecimalField):
    """A JSON number with two places at most; kept and answered digit by digit."""

    default_error_messages: ClassVar = {"invalid": "Send a number, such as 5000.00."}
    from_row = staticmethod(exact)

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """As of any field: a number of DRF takes "" for null."""
        return super(serializers.DecimalField, self).validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, int | Decimal) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(str(data))

    def schema(self, *, sent: bool) -> Schema:
        return two_places(below=10 ** (self.max_whole_digits or 0)) if sent else {"type": "number"}


def two_places(*, below: int) -> Schema:
    """An amount, as JSON Schema says it."""
    return {"type": "number", "minimum": 0, "maximum": float(below - Decimal("0.01")), "multipleOf": 0.01}


class Moment(serializers.DateTimeField):
    """An ISO 8601 date and time that says its offset; answered in UTC."""

    default_error_messages: ClassVar = {
        "invalid": "Send an ISO 8601 date and time with an offset, such as 2024-12-28T10:00:00Z.",
        "out_of_range": f"Send a moment between the years {FIRST_YEAR} and {LAST_YEAR}.",
    }

    def to_internal_value(self, value: Any) -> datetime:
        moment = aware(value) if isinstance(value, str) else None
        if moment is None:
            self.fail("invalid")
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self.fail("out_of_range")
        return moment.astimezone(UTC)

    def schema(self, *, sent: bool) -> Schema:
        return MOMENT if sent else {"type": "string", "format": "date-time"}


MOMENT: Schema = {"type": "string", "format": "date-time", "pattern": f"^(19[0-9]{{2}}|[2-8][0-9]{{3}}|{LAST_YEAR})-"}


def aware(text: str) -> datetime | None:
    """The moment that an ISO 8601 text means, or None where it is none or says no offset."""
    try:
        moment = parse_datetime(text) if text.isascii() and "T" in text.upper() else None
    except ValueError:
        return None
    return moment if moment is not None and moment.utcoffset() is not None else None


class Seconds(serializers.DurationField):
    """A length of time, shown in whole seconds."""

    def schema(self, *, sent: bool) -> Schema:
        return {"type": "integer"}

    @staticmethod
    def from_row(value: timedelta | None) -> int | None:
        return None if value is None else int(value.total_seconds())


class RelatedId(serializers.PrimaryKeyRelatedField[Any]):
    """The id of a row that the caller sees; a row they do not see is named as missing.

    What stands there already, an id or null, is always accepted, so that an answer can be sent back. `held` locks the
    row for a new one below it, until the transaction ends.
    """

    default_error_messages: ClassVar = {
        "incorrect_type": "Send a whole number, the id.",
        "does_not_exist": "There is no row with the id {pk_value}.",
    }

    def __init__(self, *, held: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.held = held

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        if data is None and getattr(self.parent.instance, f"{self.source}_id", ...) is None:
            return True, None
        return super().validate_empty_values(data)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("incorrect_type")
        row = self.parent.instance
        if row is not None and getattr(row, f"{self.source}_id", None) == data:
            return getattr(row, str(self.source))
        found = self._seen(data, held=self.held and row is None) if 0 < data <= MAX_ID else None
        if found is None:
            self.fail("does_not_exist", pk_value=data)
        return found

    def run_validation(self, data: Any = empty) -> Any:
        """As of any field: a relation of DRF takes "" for null."""
        return super(serializers.RelatedField, self).run_validation(data)

    def _seen(self, key: int, *, held: bool) -> Any:
        rows: Any = self.get_queryset()
        return seen(rows.model, self.context["request"].user, pk=key, held=held)

    def schema(self, *, sent: bool) -> Schema:
        return ID if sent else {"type": "integer"}


ID: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID}


class Ids(serializers.Field[Any, Any, Any, Any]):
    """A list of ids, each once; whether there are such rows is asked by who uses them."""

    default_error_messages: ClassVar = {
        "not_a_list": "Send a list of ids.",
        "empty": "Send one id at least.",
        "too_long": "Send {most} ids at most.",
        "incorrect_type": "Each id is a whole number.",
    }

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(write_only=True, **kwargs)
        self.most = most

    def to_internal_value(self, data: Any) -> list[int]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if not data:
            self.fail("empty")
        if len(data) > self.most:
            self.fail("too_long", most=self.most)
        if not all(isinstance(key, int) and not isinstance(key, bool) for key in data):
            self.fail("incorrect_type")
        return data

    def schema(self, *, sent: bool) -> Schema:
        return {"type": "array", "items": ID, "minItems": 1, "maxItems": self.most}


class RelatedIds(serializers.Field[Any, Any, Any, Any]):
    """The ids of rows that the caller sees, looked up in one query; those that stand there are always accepted.

    `rows` is the set to look in; `column` the annotation that holds the ids as one text, see `JoinedIds`.
    """

    default_error_messages: ClassVar = {
        "not_a_list": "Send a list of ids.",
        "too_long": f"Send {MOST_IDS} ids at most.",
        "incorrect_type": "Each id is a whole number.",
        "does_not_exist": "There is no row with the id {pk_value}.",
    }

    def __init__(self, *, rows: Any, column: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.rows = rows
        self.column = column

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > MOST_IDS:
            self.fail("too_long")
        if not all(isinstance(key, int) and not isinstance(key, bool) for key in data):
            self.fail("incorrect_type")
        wanted = [key for key in data if 0 < key <= MAX_ID]
        found = self.rows.visible_to(self.context["request"].user).in_bulk(wanted)
        if (row := self.parent.instance) is not None and len(found) < len(set(data)):
            found |= getattr(row, str(self.source)).in_bulk()
        for key in data:
            if key not in found:
                self.fail("does_not_exist", pk_value=key)
        return [found[key] for key in dict.fromkeys(data)]

    def schema(self, *, sent: bool) -> Schema:
        said: Schema = {"type": "array", "items": ID if sent else {"type": "integer"}}
        return {**said, "maxItems": MOST_IDS} if sent else said

    @staticmethod
    def from_row(joined: str | None) -> list[int]:
        return sorted(map(int, joined.split(","))) if joined else []
