"""The statements of a view: made once for each kind of caller and question, not for each request.

What a view asks may hang on the caller's standing and on what is asked, which are part of a statement's shape, and on
who they are, what time of the day it is, which keys they have and which values they send, which are put in. Where it
hangs on anything else, the ORM makes it each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet

from common.api import standing
from common.api.rows import Reader, Record
from common.models import Prepared, Unpreparable, fetched
from common.models.prepared import Statements

# A function of a view and of values by name, which says what is to be found: one part after the other.
Ask = Callable[..., Iterable[QuerySet[Any, Any]]]

# What a filter's value is named by.
_SENT = "?"


def row_of(view: Any, reader: Reader, *, pk: Any) -> Record | None:
    """The row with this key as it is shown, if the view's caller sees it."""
    if type(reader) is not Reader:  # it has a way of its own to read one
        return reader.one(view.get_queryset().filter(pk=pk))
    for found in found_by(view, _shown, {"pk": _key(pk), "columns": reader.columns}):
        return reader.whole(found[0]) if found else None
    return None


def lock_of(view: Any, *, pk: Any) -> Any:
    """The row with this key, if the view's caller sees it, locked until the transaction ends."""
    statements, named = _made(view, _locked, {"pk": _key(pk)})
    if statements is None:
        return view.get_lockable().locked().filter(pk=pk).first()
    (one,) = statements
    return one.first(named)


def found_by(view: Any, ask: Ask, values: Mapping[str, Any]) -> Iterator[list[Sequence[Any]]]:
    """What is found by each of the statements that `ask` makes, one after the other, as far as they are wanted."""
    statements, named = _made(view, ask, values)
    if statements is None:
        yield from map(fetched, ask(view, **values))
    else:
        yield from (one.rows(named) for one in statements)


def _shown(view: Any, *, pk: Any, columns: tuple[str, ...]) -> list[QuerySet[Any, Any]]:
    return [view.get_queryset().filter(pk=pk).order_by().values_list(*columns)]


def _locked(view: Any, *, pk: Any) -> list[QuerySet[Any, Any]]:
    return [view.get_lockable().locked().filter(pk=pk).order_by()]


def _key(text: Any) -> Any:
    return int(text) if str(text).isdecimal() else text


def _made(view: Any, ask: Ask, values: Mapping[str, Any]) -> tuple[Statements | None, dict[str, Any]]:
    """The statements that were made before, and all values that stand in them; None where there are none."""
    person, request, sent = view.person, view.request, ()
    if (named := standing.named(person)) is None:
        return None, {}
    named |= values
    named["now"] = standing.within_day(view.now, person)
    if view.lists:
        sent = tuple(request.query_params)
        named |= {_SENT + name: _hashable(value) for name, value in view.filters.items()}
        named |= person.known_keys
    named["asked"] = (request.method, view.detail, view.action, sent)
    prepared = _prepared_for(type(view), ask)  # type: ignore[arg-type] # a class is hashable
    return standing.statements_for(person, prepared, named), named


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


@cache
def _prepared_for(view: type[Any], ask: Ask) -> Prepared:
    def rows(*, asked: Any, caller: Any, person: int, team: Any, at: Any, now: Any, **values: Any) -> Any:
        probe = view()
        probe.request, probe.kwargs, probe.now = _Unasked(), _Unasked(), now
        probe.request.method, probe.detail, probe.action, sent = asked
        probe.request.query_params = _Names(sent)
        keys = standing.keys_among(values)
        probe.request.user = standing.somebody(caller, pk=person, team=team, at=at, keys=keys)
        probe.filters = {name[1:]: values.pop(name) for name in [*values] if name.startswith(_SENT)}
        return ask(probe, **values)

    optional = standing.OPTIONAL | {"now", "place"}  # ordered by its key, a row has no other place
    return Prepared(rows, optional=optional, planned_once=ask in {_shown, _locked})


class _Unasked:
    """What a statement that is made once cannot hang on."""

    def __getattr__(self, name: str) -> Any:
        raise Unpreparable(f"The view asks for {name}.")

    def __getitem__(self, name: str) -> Any:
        raise Unpreparable(f"The view asks for {name}.")


class _Names(_Unasked):
    """The names of what was sent, whose values are in `filters`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)
