"""Statements whose text is made once: the ORM says what is asked, and the values are put in when somebody asks.

To compile a queryset costs several times what its statement costs the database. A `Prepared` is a function from named
values to rows of values. It is asked twice with made-up values for each shape of them, and what comes out tells where
each value stands. Whatever does not fit this, the ORM does each time, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import NotSupportedError, connections, router
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Model, QuerySet
from django.db.models.query import ValuesListIterable
from psycopg import adapters
from psycopg.pq import Format

Row = Sequence[Any]
Values = Mapping[str, Any]

# So many shapes of one question are kept; more are asked as ever.
MOST_SHAPES = 200
MOST_DIGITS = 2**63

# The driver's own, in C where there is one: Django's is written in Python, and half of what a page costs. Connections
# speak of moments in UTC, and so do both.
_MOMENTS: Any = adapters.get_loader(adapters.types["timestamptz"].oid, Format.TEXT)

# What stands in for a value: nothing that code would look for, and that changes with whatever is made of it.
_SECOND = datetime(2003, 2, 7, 13, 17, 19, 123_457, tzinfo=UTC)
_STAND_IN: dict[type, Callable[[int], Any]] = {
    int: lambda n: 1_790_000_011 + 7_919 * n,
    str: lambda n: f" %s Été\\_'{n}\"? ",
    date: lambda n: date(2003, 2, 7) + timedelta(days=11 * n),
    datetime: lambda n: _SECOND + timedelta(days=n, seconds=n),
    Decimal: lambda n: Decimal("7919.0300") + n,
    UUID: lambda n: UUID(int=0xA5A5_0000_1234_5678_9ABC_DEF0_0000_0000 + n),
}


class Unpreparable(Exception):
    """The statement is not the same for all values of this shape."""


@dataclass(frozen=True)
class Hole:
    """Where a named value stands among the parameters, and what its database takes it as."""

    name: str
    kind: type | None

    def fill(self, values: Values) -> Any:
        value = values[self.name]
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
        except NotSupportedError:
            # A migration has changed a column since: a kept plan refuses for as long as the connection lasts.
            connection.connection.prepare_threshold = None
            if connection.in_atomic_block:
                raise
            return self._sent(connection.cursor(), parameters, connection)

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


class Prepared:
    """Rows of values, as a function of named values and of nothing else makes them: neither clock nor settings."""

    def __init__(self, rows: Callable[..., QuerySet[Any, Any]], *, optional: Iterable[str] = ()) -> None:
        self.ask = rows
        # Values that some statements leave out. Any other that is not there as it was given was changed on its way.
        self.optional = frozenset(optional)
        self.known: dict[Any, Statement | None] = {}

    def __call__(self, **values: Any) -> list[Row]:
        statement = self.statement(values)
        return list(self.ask(**values)) if statement is None else statement.rows(values)

    def statement(self, values: Values) -> Statement | None:
        """The statement for values of this shape, or None where there is no one statement for them."""
        try:
            shape = shape_of(values)
            return self.known[shape]
        except Unpreparable:
            return None
        except KeyError:
            pass
        if len(self.known) >= MOST_SHAPES:
            return None
        try:
            statement = _prepared(self.ask, values, optional=self.optional)
        except Unpreparable:
            statement = None
        self.known[shape] = statement
        return statement


def shape_of(values: Values) -> tuple[Any, ...]:
    """What of the values may decide how the statement reads: their types; the value, where nothing stands in for it."""
    shape: list[Any] = [*values]
    for value in values.values():
        kind = type(value)
        if kind is int and not -MOST_DIGITS <= value < MOST_DIGITS:
            raise Unpreparable("The ORM knows that no row has such a number.")
        try:
            hash(value)
        except TypeError:
            raise Unpreparable("A value that can change is no part of a shape.") from None
        shape.append(kind if kind in _STAND_IN else (kind, value))
    return tuple(shape)


def _prepared(ask: Callable[..., QuerySet[Any, Any]], values: Values, *, optional: frozenset[str]) -> Statement:
    first, again = _stand_ins(values, begin=0), _stand_ins(values, begin=len(values))
    rows, others = _compiled(ask, {**values, **first}), _compiled(ask, {**values, **again})
    if (rows.text, len(rows.parameters)) != (others.text, len(others.parameters)):
        raise Unpreparable("The text hangs on the values.")
    pairs = zip(rows.parameters, others.parameters, strict=True)
    parameters = tuple(_hole_or_constant(*pair, first=first, again=again) for pair in pairs)
    found = {hole.name for hole in parameters if isinstance(hole, Hole)}
    if not first.keys() <= found | optional:
        raise Unpreparable("Of a value something else was made.")
    return replace(rows, using=None, parameters=parameters, planned_once=True)


def _stand_ins(values: Values, *, begin: int) -> dict[str, Any]:
    names = [name for name, value in values.items() if type(value) in _STAND_IN]
    return {name: _STAND_IN[type(values[name])](number) for number, name in enumerate(names, begin)}


def _compiled(ask: Callable[..., QuerySet[Any, Any]], values: Values) -> Statement:
    with _asking_nothing():
        rows = ask(**values)
        if connections[rows.db].vendor != "postgresql" or rows._iterable_class is not ValuesListIterable:
            raise Unpreparable("Only what comes as it is from a database that takes values as they are.")
        try:
            return _statement(rows)
        except EmptyResultSet:
            raise Unpreparable("The ORM knows the answer.") from None


def fetched(rows: QuerySet[Any, Any]) -> list[Row]:
    """What a `values_list` finds, all at once; the ORM's own way is to take it in parts."""
    try:
        return _statement(rows).rows({})
    except EmptyResultSet:
        return []


def _statement(rows: QuerySet[Any, Any]) -> Statement:
    compiler = rows.query.get_compiler(rows.db)
    text, parameters = compiler.as_sql()
    columns = [column for column, *_ in compiler.select[: compiler.col_count]]
    converters = compiler.get_converters(columns)
    listed = tuple((place, tuple(convert), column) for place, (convert, column) in converters.items())
    return Statement(rows.db, rows.model, text, tuple(parameters), listed)


def _hole_or_constant(one: Any, other: Any, *, first: Values, again: Values) -> Any:
    for name, value in first.items():
        if isinstance(one, type(value)) and one == value and other == again[name]:
            return Hole(name, None if type(one) is type(value) else type(one))
    if type(one) is not type(other) or one != other:
        raise Unpreparable("Of a value something else was made.")
    return one


@contextmanager
def _asking_nothing() -> Iterator[None]:
    """What is found in the database would be taken for what is always there."""
    connection = connections["default"]
    # What is refused was not sent, and is in no log of statements.
    logs, connection.force_debug_cursor = connection.force_debug_cursor, False
    try:
        with connection.execute_wrapper(_refuse):
            yield
    finally:
        connection.force_debug_cursor = logs


def _refuse(*_: Any) -> Iterator[Any]:
    raise Unpreparable("It asks the database first.")
