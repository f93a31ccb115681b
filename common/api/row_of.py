"""The row of a detail: its statement is made once for each kind of caller, not for each request.

What a view's `get_queryset` answers may hang on the caller's standing, which is part of the statement's shape, and on
who they are and what time it is, which are put in. Where it asks for anything else, the row is looked up as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db.models import QuerySet

from common.api.rows import Reader, Record
from common.models import Prepared, fetched
from common.models.prepared import Unpreparable

# What of a caller decides how a statement reads.
STANDING = frozenset({"is_superuser", "is_staff", "is_active", "role", "team_id", "timezone"})


def row_of(view: Any, reader: Reader, *, pk: Any) -> Record | None:
    """The row with this key as it is shown, if the view's caller sees it."""
    if type(reader) is not Reader:  # it has a way of its own to read one
        return reader.one(view.get_queryset().filter(pk=pk))
    found = _found(view, reader.columns, pk=int(pk) if str(pk).isdecimal() else pk)
    return reader.whole(found[0]) if found else None


def _found(view: Any, columns: tuple[str, ...], *, pk: Any) -> list[Sequence[Any]]:
    statement, values = None, {}
    if (standing := _standing_of(view.person)) is not None and isinstance(pk, int):
        values = {"pk": pk, "person": view.person.pk, "at": view.person.asks_at, "now": view.now}
        asked = (view.request.method, view.detail, view.action)
        shape = {"caller": (type(view.person), standing), "asked": asked, "columns": columns}
        prepared = _details_of(type(view))  # type: ignore[arg-type] # a class is hashable
        statement = prepared.statement({**values, **shape})
    if statement is None:
        return fetched(view.get_queryset().filter(pk=pk).values_list(*columns))
    return statement.rows(values)


def _standing_of(person: Any) -> tuple[tuple[str, Any], ...] | None:
    """What is known of somebody; None where not all of it is."""
    try:
        named = vars(person)
        return tuple([(name, named[name]) for name in _standing(type(person))])  # type: ignore[arg-type] # a class is hashable
    except (AttributeError, KeyError, TypeError):
        return None


@cache
def _details_of(view: type[Any]) -> Prepared:
    def rows(*, pk: int, person: int, at: Any, now: Any, caller: Any, asked: Any, columns: Any) -> QuerySet[Any, Any]:
        kind, standing = caller
        probe = view()
        probe.request, probe.kwargs = _Unasked(), _Unasked()
        probe.request.method, probe.detail, probe.action = asked
        probe.request.user = _person(kind, standing, pk=person)
        probe.request.user.asks_at, probe.now = at, now
        return probe.get_queryset().filter(pk=pk).order_by().values_list(*columns)  # type: ignore[no-any-return] # a view is anything

    return Prepared(rows, optional={"person", "at", "now"})


@cache
def _standing(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.attname for field in kind._meta.concrete_fields if field.attname in STANDING)


def _person(kind: type[Any], standing: Sequence[tuple[str, Any]], *, pk: int) -> Any:
    """Somebody of this standing. Whatever else is asked of them would have to be looked up, and is refused."""
    known = {kind._meta.pk.attname: pk, **dict(standing)}
    names = [field.attname for field in kind._meta.concrete_fields if field.attname in known]
    return kind.from_db("default", names, [known[name] for name in names])


class _Unasked:
    """What a statement that is made once cannot hang on."""

    def __getattr__(self, name: str) -> Any:
        raise Unpreparable(f"The view asks for {name}.")

    def __getitem__(self, name: str) -> Any:
        raise Unpreparable(f"The view asks for {name}.")
