"""Orderings of rows, and what comes after a place in one: parts that an index answers, each as one range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import BigIntegerField, BooleanField, Expression, F, Field, QuerySet, Value
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce
from django.db.models.lookups import FieldGetDbPrepValueMixin
from django.db.models.sql.where import AND

from common.api.rows import Reader


class Beyond(Expression):
    """The row comparison `(field, key) > (value, key)`, which an index on both answers in order."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, left: Sequence[Any], right: Sequence[Any], *, descending: bool) -> None:
        super().__init__()
        self.parts = [*left, *right]
        self.descending = descending

    def get_source_expressions(self) -> list[Any]:
        return self.parts

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.parts = list(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        compiled = [compiler.compile(part) for part in self.parts]
        sql = [text for text, _ in compiled]
        operator = "<" if self.descending else ">"
        params = tuple(param for _, params in compiled for param in params)
        return f"({sql[0]}, {sql[1]}) {operator} ({sql[2]}, {sql[3]})", params


@dataclass(frozen=True)
class Ordering:
    """One field, up or down; ties are broken by the key, nulls come last, or first where they are the `least`."""

    name: str
    descending: bool
    field: Field[Any, Any]
    nullable: bool
    # Whether nulls are shown as nothing, 0, and come where it does; they are a part of their own in both directions.
    least: bool = False

    @classmethod
    def parse(cls, text: str, rows: QuerySet[Any], reader: Reader, *, least: frozenset[str] = frozenset()) -> Ordering:
        shown = text.removeprefix("-")
        name = dict(zip(reader.names, reader.paths, strict=False)).get(shown, shown)
        try:
            field = rows.model._meta.get_field(name)
            nullable = field.null and not _is_compared(rows, field)
        except FieldDoesNotExist:
            field, nullable = rows.query.annotations[name].output_field, name in least
        if field.primary_key:
            name = "pk"
        return cls(name, text.startswith("-"), field, nullable, name in least)

    def apply(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        key = "-pk" if self.descending else "pk"
        if self.name == "pk":
            return rows.order_by(key)
        column = F(self.name)
        # The nulls that a descending order puts last are a part of their own, so it need not say where they go.
        nulls = {"nulls_last": True} if self.nullable and not self.descending and not self.least else {}
        return rows.order_by(column.asc(**nulls) if not self.descending else column.desc(), key)

    def sorted(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The same order of rows that are to be found first, and sorted then.

        PostgreSQL would rather walk through everybody's by an index on the order, until it has met enough of them:
        few among many are met late. No index has this expression.
        """
        if self.name == "pk" or self.nullable:
            return self.apply(rows)
        column = Coalesce(self.name, self.name)
        return rows.order_by(column.desc() if self.descending else column.asc(), "-pk" if self.descending else "pk")

    def parts(self, rows: QuerySet[Any]) -> list[QuerySet[Any]]:
        """All rows. In a descending order, where an index has the nulls first, the values come before the nulls."""
        if not self.nullable or not (self.descending or self.least):
            return [rows]
        parts = [rows.filter(**{f"{self.name}__isnull": is_null}) for is_null in (False, True)]
        return parts if self.descending else parts[::-1]

    def parts_after(self, rows: QuerySet[Any], value: Any, key: int) -> list[QuerySet[Any]]:
        """What comes after a place, in one part or, where nulls follow values, in two: each is one index range."""
        beyond_key = {"pk__lt" if self.descending else "pk__gt": key}
        if self.name == "pk":
            return [rows.filter(**beyond_key)]
        nulls_first = self.least and not self.descending
        if value is None:
            nulls = rows.filter(**{f"{self.name}__isnull": True}, **beyond_key)
            return [nulls, rows.filter(**{f"{self.name}__isnull": False})] if nulls_first else [nulls]
        place = (Value(value, output_field=self.field), Value(key, output_field=BigIntegerField()))
        beyond = rows.filter(Beyond((F(self.name), F("pk")), place, descending=self.descending))
        # MariaDB finds no range in a row comparison; this says the same less exactly.
        beyond = beyond.filter(**{f"{self.name}__{'lte' if self.descending else 'gte'}": value})
        if not self.nullable or nulls_first:
            return [beyond]
        return [beyond, rows.filter(**{f"{self.name}__isnull": True})]


def _is_compared(rows: QuerySet[Any], field: Field[Any, Any]) -> bool:
    """Whether a filter compares the rows' own column with a value: then it is not null in any of them."""
    where = rows.query.where
    if where.connector != AND or where.negated:
        return False
    conditions: list[Any] = [one for one in where.children if isinstance(one, FieldGetDbPrepValueMixin)]
    compared = [one.lhs for one in conditions if isinstance(one.lhs, Col)]
    return any(column.target is field and column.alias == rows.query.base_table for column in compared)
