"""Statements whose text is made once: the ORM says what is asked, and the values are put in when somebody asks.

To compile a queryset costs several times what its statement costs the database. A `Prepared` is a function from named
values to rows of values. It is asked with made-up values for each shape of them that comes a second time, and what
comes out tells where each value stands. Whatever does not fit this, the ORM does each time, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Lock
from typing import Any
from uuid import UUID
from weakref import WeakSet

from django.core.exceptions import EmptyResultSet
from django.core.signals import setting_changed
from django.db import connections
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable

from common.models.statement import Between, Hole, Row, Statement, Values, statement_of

# So many shapes of one question are kept: a new one takes the place of the oldest.
MOST_SHAPES = 200
MOST_KEYS = 100
MOST_DIGITS = 2**63
# So many made-up values of each are put in: one of a moment can be true of two hours of a day, and not of a third.
SAMPLES = 4

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


class Lacks(Unpreparable):
    """It would be, if this value were named as well."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The statement hangs on {name}.")
        self.name = name


class Keys(tuple[int, ...]):
    """Keys of rows, each of which has a place of its own in a statement."""

    __slots__ = ()


Statements = tuple[Statement, ...]


class Prepared:
    """Rows of values, as a function of named values and of nothing else makes them.

    What it knows of the clock is a value, and of the settings what they were in the beginning.
    """

    def __init__(self, rows: Callable[..., Any], *, optional: Iterable[str] = (), planned_once: bool = True) -> None:
        self.ask = rows
        # Values that some statements leave out. Any other that is not there as it was given was changed on its way.
        self.optional = frozenset(optional)
        self.planned_once = planned_once
        self.known: dict[Any, Statements | Unpreparable | None] = {}
        self._learning = Lock()
        _all.add(self)

    def __call__(self, **values: Any) -> list[Row]:
        statement = self.statement(values)
        return list(self.ask(**values)) if statement is None else statement.rows(values)

    def statement(self, values: Values) -> Statement | None:
        """The statement for values of this shape, or None where there is no one statement for them."""
        found = self.statements(values)
        return None if isinstance(found, Unpreparable) else found[0]

    def statements(self, values: Values) -> Statements | Unpreparable:
        """The statements for values of this shape, or why they are not the same for all of them."""
        try:
            shape = shape_of(values)
        except Unpreparable as why:
            return why
        known = self.known.get(shape, _NEVER_ASKED)
        if known is _NEVER_ASKED:
            # What is asked but once does not pay.
            with self._learning:
                if len(self.known) >= MOST_SHAPES:
                    del self.known[next(iter(self.known))]
                self.known[shape] = None
            return _NEVER_ASKED
        if known is None:
            known = self.known[shape] = self._learned(values)
        return known

    def _learned(self, values: Values) -> Statements | Unpreparable:
        try:
            return _prepared(self.ask, values, optional=self.optional, planned_once=self.planned_once)
        except Unpreparable as why:
            return why.with_traceback(None)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            return Unpreparable("What is made of a value cannot be made of another.")


_NEVER_ASKED = Unpreparable("This has not been asked before.")
_all: WeakSet[Prepared] = WeakSet()


def _forget(**_: Any) -> None:
    for prepared in _all:
        prepared.known.clear()


setting_changed.connect(_forget)


def shape_of(values: Values) -> tuple[Any, ...]:
    """What of the values may decide how the statement reads: their types; the value, where nothing stands in for it."""
    shape: list[Any] = [*values]
    for value in values.values():
        kind = type(value)
        if kind is int and not -MOST_DIGITS <= value < MOST_DIGITS:
            raise Unpreparable("The ORM knows that no row has such a number.")
        if kind is Keys and len(value) > MOST_KEYS:
            raise Unpreparable("So many keys are seldom as many again.")
        if kind is Between:
            shape.append((kind, value.begin, value.end))
            continue
        try:
            hash(value)
        except TypeError:
            raise Unpreparable("A value that can change is no part of a shape.") from None
        shape.append((kind, len(value)) if kind is Keys else kind if kind in _STAND_IN else (kind, value))
    return tuple(shape)


def _prepared(ask: Callable[..., Any], values: Values, *, optional: frozenset[str], planned_once: bool) -> Statements:
    samples = [_stand_ins(values, number) for number in range(SAMPLES)]
    compiled = [_compiled(ask, {**values, **sample}) for sample in samples]
    if len({tuple((one.text, len(one.parameters)) for one in statements) for statements in compiled}) > 1:
        raise Unpreparable("The text hangs on the values.")
    statements: list[Statement] = []
    found: set[str] = set()
    for versions in zip(*compiled, strict=True):
        places = zip(*(one.parameters for one in versions), strict=True)
        parameters = tuple(_hole_or_constant(place, samples) for place in places)
        found |= {hole.name for hole in parameters if isinstance(hole, Hole)}
        statements.append(replace(versions[0], using=None, parameters=parameters, planned_once=planned_once))
    if not {name for name, value in samples[0].items() if value != ()} <= found | optional:
        raise Unpreparable("Of a value something else was made.")
    return tuple(statements)


def _stand_ins(values: Values, sample: int) -> dict[str, Any]:
    """Made-up values, each of which no other has; keys come in the same order in all samples."""
    made: dict[str, Any] = {}
    number = 1_000 * sample
    for name, value in values.items():
        match value:
            case Keys():
                made[name] = Keys(_STAND_IN[int](number + place) for place in range(len(value)))
                number += len(value)
            case Between(begin=begin, end=end):
                made[name] = begin + (end - begin) * (0.01 + 0.97 * sample / (SAMPLES - 1)) + timedelta(0, 0, number)
            case _ if type(value) in _STAND_IN:
                made[name] = _STAND_IN[type(value)](number)
        number += 1
    return made


def _compiled(ask: Callable[..., Any], values: Values) -> Statements:
    with _asking_nothing():
        rows = ask(**values)
        try:
            return tuple(map(_preparable, [rows] if isinstance(rows, QuerySet) else rows))
        except EmptyResultSet:
            raise Unpreparable("The ORM knows the answer.") from None


def _preparable(rows: QuerySet[Any, Any]) -> Statement:
    known: set[type[Any]] = {ValuesListIterable, ModelIterable}
    if connections[rows.db].vendor != "postgresql" or rows._iterable_class not in known:
        raise Unpreparable("Only what comes as it is from a database that takes values as they are.")
    return statement_of(rows)


def _hole_or_constant(place: Sequence[Any], samples: Sequence[Values]) -> Any:
    one = place[0]
    for name, value in samples[0].items():
        places: Iterable[int | None] = range(len(value)) if isinstance(value, Keys) else [None]
        for number in places:
            hole = Hole(name, None, number)
            if all(_is(put, hole.fill(sample)) for put, sample in zip(place, samples, strict=True)):
                return hole if type(one) is type(hole.fill(samples[0])) else replace(hole, kind=type(one))
    if any(type(other) is not type(one) or other != one for other in place):
        raise Unpreparable("Of a value something else was made.")
    return one


def _is(put: Any, value: Any) -> bool:
    return isinstance(put, type(value)) and bool(put == value)


@contextmanager
def _asking_nothing() -> Iterator[None]:
    """What is found in the database would be taken for what is always there."""
    with ExitStack() as after:
        for connection in connections.all():
            after.enter_context(connection.execute_wrapper(_refuse))
            # What is refused was not sent, and is in no log of statements.
            after.callback(setattr, connection, "force_debug_cursor", connection.force_debug_cursor)
            connection.force_debug_cursor = False
        yield


def _refuse(*_: Any) -> Iterator[Any]:
    raise Unpreparable("It asks the database first.")
