"""Who asks, as far as a statement may hang on it: their standing decides how it reads, the rest is put in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings

from common.clock import local_day_bounds, zone
from common.models import Between, Keys, Lacks, Prepared
from common.models.prepared import Statements, Unpreparable

# The columns that a standing is made of.
STANDING = frozenset({"is_superuser", "is_staff", "is_active", "role", "timezone"})
# What need not stand in a statement as it was named.
OPTIONAL = frozenset({"person", "team", "at", "covered", "shared", "team_ids"})


def named(person: Any) -> dict[str, Any] | None:
    """What a statement may hang on of somebody, by name; None where not all of it is known."""
    try:
        known = vars(person)
        standing = tuple([(name, known[name]) for name in _standing(type(person))])  # type: ignore[arg-type] # a class is hashable
        at = within_day(person.asks_at, person)
        return {"caller": (type(person), standing), "person": person.pk, "team": known["team_id"], "at": at}
    except (AttributeError, KeyError, TypeError):
        return None


def somebody(caller: tuple[Any, Any], *, pk: int, team: Any, at: datetime, keys: Mapping[str, Keys]) -> Any:
    """A person of this standing. Whatever else is asked of them would have to be looked up, and is refused."""
    kind, standing = caller
    known = {kind._meta.pk.attname: pk, "team_id": team, **dict(standing)}
    names = [field.attname for field in kind._meta.concrete_fields if field.attname in known]
    person = kind.from_db("default", names, [known[name] for name in names])
    person.asks_at, person.known_keys = at, _Keys(keys)
    return person


def statements_for(person: Any, prepared: Prepared, values: dict[str, Any]) -> Statements | None:
    """The statements for these values; the keys that they turn out to hang on are looked up, and named as well."""
    found = prepared.statements(values)
    while isinstance(found, Lacks):
        values[found.name] = person.known_keys[found.name]
        found = prepared.statements(values)
    return None if isinstance(found, Unpreparable) else found


def keys_among(values: dict[str, Any]) -> dict[str, Keys]:
    """Takes the keys of the person out of the values."""
    return {name: values.pop(name) for name in [*values] if isinstance(values[name], Keys)}


def within_day(moment: datetime, person: Any) -> Between:
    """The moment, as one of the day that it is in wherever days are counted for this person."""
    zones = (settings.TIME_ZONE, person.timezone)
    begin, end = _days.get(zones, (moment, moment))
    if not begin <= moment < end:
        days = [local_day_bounds(moment, zone(name)) for name in zones]
        begin, end = _days[zones] = max(begin for begin, _ in days), min(end for _, end in days)
    return Between(moment, begin, end)


# By zones the day that was asked for last.
_days: dict[tuple[str, str], tuple[datetime, datetime]] = {}


@cache
def _standing(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.attname for field in kind._meta.concrete_fields if field.attname in STANDING)


class _Keys(dict[str, Any]):
    """Keys that stand in for those of a person."""

    def __missing__(self, name: str) -> Any:
        raise Lacks(name)
