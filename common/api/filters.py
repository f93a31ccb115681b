"""Strict filters: a FilterSet declares them, each value is typed, and nothing unknown is overlooked.

django-filter's own backend builds a form per request and ignores what it does not know, so that a typing error
answers unfiltered rows. Here the declared filters are bound directly, one by one; `schema` says in OpenAPI what
each takes.
"""

from __future__ import annotations

from datetime import UTC, date
from decimal import Decimal
from re import compile as pattern
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import connections
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

from common.api.fields import FIRST_YEAR, ID, LAST_YEAR, MOMENT, NOT_BLANK, Schema, aware, two_places
from common.api.pagination import refused
from common.models import MAX_ID

LONGEST_TEXT = 100  # All filters together fit in a URL of 8 KB, which is what web servers take.
_DIGITS = pattern(r"[0-9]{1,19}")
_DAY = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = pattern(r"[0-9]{1,8}(\.[0-9]{1,2})?")


class StrictFilterBackend(DjangoFilterBackend):
    def filter_queryset(self, request: Any, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        declared = declared_filters(view)
        for name, value in view.filters.items():
            queryset = declared[name].filter(queryset, value)
        return queryset


def value_of(declared: django_filters.Filter, name: str, value: str) -> Any:
    """The typed value of a parameter; a Problem that names it where it is none."""
    try:
        return declared.field.clean(value)
    except ValidationError as wrong:
        raise refused(name, " ".join(wrong.messages)) from None


def values_of(view: Any, sent: dict[str, str]) -> dict[str, Any]:
    """The typed values of the view's filters that were sent, by name."""
    declared = declared_filters(view)
    return {name: value_of(declared[name], name, value) for name, value in sent.items() if name in declared}


def declared_filters(view: Any) -> dict[str, django_filters.Filter]:
    filterset = getattr(view, "filterset_class", None)
    return filterset.base_filters if filterset is not None else {}


class _IdField(forms.Field):
    def to_python(self, value: Any) -> int:
        if not _DIGITS.fullmatch(value) or not 0 < int(value) <= MAX_ID:
            raise ValidationError("Send a whole number, the id.")
        return int(value)


class _IdOrNoneField(_IdField):
    def to_python(self, value: Any) -> Any:
        return None if value == "none" else super().to_python(value)


class _AmountField(forms.Field):
    def to_python(self, value: Any) -> Decimal:
        if not _AMOUNT.fullmatch(value):
            raise ValidationError("Send an amount up to 99999999.99, such as 5000 or 5000.00.")
        return Decimal(value)


class _MomentField(forms.Field):
    def to_python(self, value: Any) -> Any:
        moment = aware(value)
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValidationError(
                "Send an ISO 8601 date and time with an offset, such as 2024-12-28T10:00:00Z; a + in it is written %2B."
            )
        return moment.astimezone(UTC)  # PostgreSQL knows no offset beyond 16 hours.


class _WholeField(forms.Field):
    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least, self.most = least, most

    def to_python(self, value: Any) -> int:
        if not _DIGITS.fullmatch(value) or not self.least <= int(value) <= self.most:
            raise ValidationError(f"Send a whole number from {self.least} to {self.most}.")
        return int(value)


class _DayField(forms.Field):
    def to_python(self, value: Any) -> date:
        try:
            day = date.fromisoformat(value) if _DAY.fullmatch(value) else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
            raise ValidationError("Send a day, such as 2024-12-28.")
        return day


class _FlagField(forms.Field):
    def to_python(self, value: Any) -> bool:
        if value not in {"true", "false"}:
            raise ValidationError("Send true or false.")
        return bool(value == "true")


class _TextField(forms.Field):
    def to_python(self, value: Any) -> str:
        if "\0" in value or len(value) > LONGEST_TEXT:
            raise ValidationError(f"Send {LONGEST_TEXT} characters at most, and no NUL.")
        return str(value).strip()


class _ChoicesField(forms.Field):
    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = [value for value, _ in choices]

    def to_python(self, value: Any) -> list[str]:
        chosen: list[str] = value.split(",")
        if not set(chosen) <= set(self.known) or len(set(chosen)) < len(chosen):
            raise ValidationError(f"Use one or more of {', '.join(self.known)}, each once, with commas between.")
        return chosen


class _ChoiceField(_ChoicesField):
    def to_python(self, value: Any) -> Any:
        if value not in self.known:
            raise ValidationError(f"Use one of {', '.join(self.known)}.")
        return value


class IdFilter(django_filters.Filter):
    """Rows that point at this id."""

    field_class = _IdField
    schema: ClassVar[Schema] = ID


class IdOrNoneFilter(IdFilter):
    """Rows that point at this id, or, for `none`, at nothing."""

    field_class = _IdOrNoneField
    schema: ClassVar[Schema] = {"oneOf": [ID, {"type": "string", "const": "none"}]}

    def filter(self, qs: QuerySet[Any], value: int | None) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__isnull": True}) if value is None else super().filter(qs, value)


class ExactFilter(django_filters.Filter):
    """Rows with exactly this text."""

    field_class = _TextField
    schema: ClassVar[Schema] = {"type": "string", "maxLength": LONGEST_TEXT, "pattern": NOT_BLANK}

    def filter(self, qs: Any, value: str) -> QuerySet[Any]:
        rows: QuerySet[Any] = qs.filter(**{f"{self.field_name}__exact": value})
        if connections[rows.db].vendor != "mysql":
            return rows
        # There "pune" equals "Pune", and "Cafe" equals "Café"; but only the same letters contain each other.
        return rows.filter(**{f"{self.field_name}__contains": value})


class SearchFilter(ExactFilter):
    """Rows in which each word is found; the set says where it looks (`matching`)."""

    def filter(self, qs: Any, value: str) -> QuerySet[Any]:
        found: QuerySet[Any] = qs.matching(value)
        return found


class FlagFilter(django_filters.Filter):
    """Rows where this is true, or where it is false."""

    field_class = _FlagField
    schema: ClassVar[Schema] = {"type": "boolean"}

    def filter(self, qs: QuerySet[Any], value: bool) -> QuerySet[Any]:  # noqa: FBT001 - django-filter's signature
        return qs.filter(**{f"{self.field_name}__exact": value})


class ChoicesFilter(django_filters.Filter):
    """Rows with one of these values, with commas between."""

    field_class = _ChoicesField

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, **kwargs)
        one: Schema = {"type": "string", "enum": [value for value, _ in choices]}
        self.schema: Schema = {"type": "array", "items": one, "minItems": 1, "uniqueItems": True}

    def filter(self, qs: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        return super().filter(qs, value[0]) if len(value) == 1 else qs.filter(**{f"{self.field_name}__in": value})


class ChoiceOfReport(django_filters.Filter):
    """What the view asks for itself (`asked`): it leaves the rows alone."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class WholeFilter(ChoiceOfReport):
    """A whole number within bounds."""

    field_class = _WholeField

    def __init__(self, *, least: int, most: int, **kwargs: Any) -> None:
        super().__init__(least=least, most=most, **kwargs)
        self.schema: Schema = {"type": "integer", "minimum": least, "maximum": most}


class ChoiceFilter(ChoiceOfReport):
    """One of these values."""

    field_class = _ChoiceField

    def __init__(self, *, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(choices=choices, **kwargs)
        self.schema: Schema = {"type": "string", "enum": [value for value, _ in choices]}


class DayFilter(ChoiceOfReport):
    """A day."""

    field_class = _DayField
    schema: ClassVar[Schema] = {"type": "string", "format": "date", "pattern": "^(19[0-9]{2}|[2-8][0-9]{3})-"}


class AmountFilter(django_filters.Filter):
    """Rows with at least, or at most, this amount."""

    field_class = _AmountField
    schema: ClassVar[Schema] = two_places(below=10**8)

    def filter(self, qs: QuerySet[Any], value: Decimal) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": value})


class MomentFilter(django_filters.Filter):
    """`…_after` takes the moment in, `…_before` leaves it out: two ranges that meet share no row."""

    field_class = _MomentField
    schema: ClassVar[Schema] = MOMENT

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__{self.lookup_expr}": value})


def after(field: str) -> MomentFilter:
    return MomentFilter(field_name=field, lookup_expr="gte", label="From this moment on.")


def before(field: str) -> MomentFilter:
    return MomentFilter(field_name=field, lookup_expr="lt", label="Before this moment.")
