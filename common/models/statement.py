"""What is sent to a database for rows of values, and how what comes back is converted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import NotSupportedError, OperationalError, connections, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import JSONField, Model, QuerySet
from django.db.models.fields.json import KeyTransform
from django.db.models.query import ModelIterable
from psycopg import adapters
from psycopg.pq import Format

from common.models.instances import instance_of

Row = Sequence[Any]
Values = Mapping[str, Any]

# The driver's own, in C where there is one: Django's is written in Python, and half of what a page costs. Connections
# speak of moments in UTC, and so do both.
_MOMENTS: Any = adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)


@dataclass(frozen=True)
class Between:
    """A moment, and the two between which it makes no difference for what is made of it, such as the day it is in."""

    moment: datetime
    begin: datetime
    end: datetime


@dataclass(frozen=True)
class Hole:
    """Where a named value stands among the parameters, and what its database takes it as."""

    name: str
    kind: type | None
    # Which of several keys it is.
    place: int | None = None

    def fill(self, values: Values) -> Any:
        value = values[self.name]
        if self.place is not None:
            value = value[self.place]
        elif type(value) is Between:
            value = value.moment
        return value if self.kind is None else self.kind(value)


@dataclass(frozen=True)
class Statement:
    """The text of a statement, with what its parameters are and how what it finds is converted."""

    # Where it is sent; None is where its model is read from at that moment, which a router may decide anew each time.
    using: str | None
    model: type[Model]
    text: str
    parameters: tuple[Any, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...]
    # Whether the database keeps its plan: for rows that are looked up by keys, whose plan is the same for all values.
    planned_once: bool = False
    # What makes an instance of a row that it finds.
    instance: Callable[[Row], Any] | None = None

    def rows(self, values: Values) -> list[Row]:
        parameters = self.filled(values)
        connection: Any = connections[self.using or router.db_for_read(self.model)]
        plans = self.planned_once and connection.settings_dict["OPTIONS"].get("prepare_threshold") is not None
        if not plans or connection.queries_logged:  # of what the server has prepared, the log would not know the text
            return self._sent(connection.cursor(), parameters, connection)
        connection.ensure_connection()
        try:
            # It sends text and values apart, so that the driver prepares what it sends often.
            apart = connection._prepare_cursor(ServerBindingCursor(connection.connection))  # type: ignore[call-arg] # the stubs know no arguments
            return self._sent(apart, parameters, connection)
        except NotSupportedError as refused:
            # A migration has changed a column since: a kept plan refuses for as long as the connection lasts.
            connection.connection.prepare_threshold = None
            if connection.in_atomic_block:  # which is lost: whoever began it begins again
                raise OperationalError(*refused.args) from refused.__cause__
            return self._sent(connection.cursor(), parameters, connection)

    def first(self, values: Values) -> Any:
        """The instance of the first row that is found, or None."""
        found = self.rows(values)
        return self.instance(found[0]) if found and self.instance is not None else None

    def filled(self, values: Values) -> list[Any]:
        """The parameters, with these values in their places."""
        return [one.fill(values) if isinstance(one, Hole) else one for one in self.parameters]

    def _sent(self, cursor: Any, parameters: list[Any], connection: Any) -> list[Row]:
        with cursor:
            if connection.vendor == "postgresql":
                cursor.cursor.adapters.register_loader("timestamptz", _MOMENTS)
            cursor.execute(self.text, parameters)
            found: list[Any] = list(cursor.fetchall())  # PyMySQL's is a tuple
        if self.converters:
            for number, row in enumerate(found):
                found[number] = shown = list(row)
                for place, converters, expression in self.converters:
                    for convert in converters:
                        shown[place] = convert(shown[place], expression, connection)
        return found


def fetched(rows: QuerySet[Any, Any]) -> list[Row]:
    """What a `values_list` finds, all at once; the ORM's own way is to take it in parts."""
    try:
        return statement_of(rows).rows({})
    except EmptyResultSet:
        return []


def statement_of(rows: QuerySet[Any, Any]) -> Statement:
    compiler = rows.query.get_compiler(rows.db)
    text, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    listed = tuple(
        (place, tuple(_fast(one, column) for one in convert), column) for place, (convert, column) in converters.items()
    )
    instance = instance_of(compiler, rows.db) if rows._iterable_class is ModelIterable else None
    return Statement(rows.db, rows.model, text, tuple(parameters), listed, instance=instance)


def _fast(convert: Any, column: Any) -> Any:
    """The same converter, in C where there is one: Django's for JSON is in Python, and a tenth of what a page costs."""
    field = getattr(convert, "__self__", None)
    plain = isinstance(field, JSONField) and field.decoder is None and not isinstance(column, KeyTransform)
    return _json if plain else convert


def _json(text: str | None, *_: Any) -> Any:
    return None if text is None else orjson.loads(text)
