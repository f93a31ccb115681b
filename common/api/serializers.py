"""The base of every serializer: strict about keys and types, and the declaration of how rows are shown."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy, deepcopy
from functools import cache
from itertools import islice
from typing import Any, ClassVar

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from common.api import fields
from common.api.fields import Schema
from common.api.problems import MOST_NAMED, unknown
from common.money import MoneyField


class Strict:
    """Names each key that nobody asked for. Read-only keys are taken and ignored: an answer can be sent back."""

    fields: Any
    parent: Any
    partial: bool
    # What the fields mean: only the documentation asks, here and below.
    words: ClassVar[dict[str, str]] = {}
    # Keys that an answer may leave out.
    optional: ClassVar[frozenset[str]] = frozenset()
    # Keys that contradict each other, and keys that lack another, as JSON Schema. A PATCH lacks nothing: the row may
    # have it.
    contradictory: ClassVar[tuple[Schema, ...]] = ()
    incomplete: ClassVar[tuple[Schema, ...]] = ()

    def get_fields(self) -> dict[str, Any]:
        """Copies of what its class declares: to look at the model anew for each request is a fifth of a write."""
        return {name: _copy(field) for name, field in _fields_of(type(self)).items()}  # type: ignore[arg-type] # a class is hashable

    def get_validators(self) -> list[Any]:
        return [*_validators_of(type(self))]  # type: ignore[arg-type] # likewise

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            strangers = islice((key for key in data if key not in self.fields), MOST_NAMED)
            errors = {key: [unknown(key, self.fields, what="key")] for key in strangers}
            if self.parent is not None:
                # What is nested comes whole, in a PATCH too: there may be nothing yet to change.
                missing = [name for name, field in self.fields.items() if field.required and name not in data]
                errors.update({name: self.fields[name].error_messages["required"] for name in missing})
            if errors:
                raise ValidationError(errors)
        return super().to_internal_value(data)  # type: ignore[misc] # the serializer beside


@cache
def _fields_of(kind: type[Any]) -> dict[str, Any]:
    beside: Any = super(Strict, kind())
    return beside.get_fields()  # type: ignore[no-any-return] # of the framework's serializer


@cache
def _validators_of(kind: type[Any]) -> list[Any]:
    beside: Any = super(Strict, kind())
    return beside.get_validators()  # type: ignore[no-any-return] # likewise


def _copy(field: Any) -> Any:
    """A field that can be bound; what has others below it makes them anew, with itself above."""
    has_others = isinstance(field, serializers.BaseSerializer | serializers.ListField | serializers.ManyRelatedField)
    return deepcopy(field) if has_others else copy(field)


class StrictSerializer(Strict, serializers.Serializer[Any]):
    """For the input of an action, or an answer that is no model's row."""


class RowSerializer(Strict, serializers.ModelSerializer[Any]):
    """Checks the shape of what comes in; what goes out is read by `common.api.rows` from the same fields."""

    serializer_field_mapping: ClassVar = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.BooleanField: fields.Flag,
        models.CharField: fields.Text,
        models.DateTimeField: fields.Moment,
        models.DurationField: fields.Seconds,
        models.EmailField: fields.Email,
        models.PositiveIntegerField: fields.Whole,
        models.PositiveSmallIntegerField: fields.Whole,
        models.BigAutoField: fields.Whole,
        models.TextField: fields.Text,
        MoneyField: fields.Money,
    }
    serializer_choice_field = fields.Choice
    serializer_related_field = fields.RelatedId
