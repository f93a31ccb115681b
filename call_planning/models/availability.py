"""When restaurants can be called, as rows have it: read beside other columns, in the same statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar

import orjson
from django.conf import settings
from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from call_planning.defaults import defaults
from call_planning.models.block import Block
from call_planning.windows import Availability, Hours, Window
from common.clock import zone
from common.hours import ALWAYS, week
from common.models import JoinedTexts
from contact.models import Contact
from leads.models import Restaurant

_COLUMNS = (
    "timezone",
    "country",
    "region",
    "restaurant_type",
    "opening_hours",
    "assigned_to__timezone",
    "assigned_to__working_hours",
)
_LONGEST_MOMENT = 40

Rows = TypeVar("Rows", bound=QuerySet[Any])


def columns(restaurant: str = "") -> tuple[str, ...]:
    """What `availability_of` needs, in its order, of rows that `with_availability` was added to."""
    prefix = f"{restaurant}__" if restaurant else ""
    return (*(prefix + name for name in _COLUMNS), "call_window", "blocked")


def with_availability(rows: Rows, *, at: datetime, restaurant: str = "") -> Rows:
    """Adds the hours of the primary contact, and the blocks that are not over.

    `restaurant` is the path to it; without one, the rows are restaurants.
    """
    key = OuterRef(restaurant or "pk")
    spans = Concat(_text("starts_at"), Value("/"), _text("ends_at"), output_field=CharField())
    return rows.annotate(
        call_window=Subquery(Contact.objects.filter(primary_for=key).values("call_window")[:1]),
        blocked=JoinedTexts(Block.objects.standing(at=at).filter(restaurant=key), spans),
    )


def availability_of(values: Sequence[Any]) -> Availability:
    """When the restaurant of these `columns` can be called by the person who has it."""
    place, country, region, kind, opening, caller, working, contact, blocked = values
    hours = _hours(
        place or caller or settings.TIME_ZONE,
        caller or place or settings.TIME_ZONE,
        country,
        region,
        (kind or "").strip().lower(),
        _key(opening),
        _key(working),
        _key(contact),
        settings.CALL_HOURS_FILE,
    )
    return Availability(hours, tuple(map(_window, blocked.split(","))) if blocked else ())


def availabilities(restaurants: Iterable[int], *, at: datetime) -> dict[int, Availability]:
    """When each of these can be called by the person who has it. One statement."""
    rows = with_availability(Restaurant.objects.filter(pk__in=list(restaurants)), at=at)
    return {key: availability_of(values) for key, *values in rows.values_list("pk", *columns())}


@lru_cache(maxsize=4096)
def _hours(
    place: str,
    caller: str,
    country: str,
    region: str,
    kind: str,
    opening: bytes,
    working: bytes,
    contact: bytes,
    _: str,
) -> Hours:
    """The same hours for the same columns, so that what was found for a day serves many rows."""
    usual = defaults()
    return Hours(
        place=zone(place),
        caller=zone(caller),
        open=week(orjson.loads(opening)) if opening else usual.open,
        rush=usual.rush_at(kind),
        contact=week(orjson.loads(contact)) if contact else ALWAYS,
        working=week(orjson.loads(working)) if working else usual.working,
        country=country,
        region=region,
    )


def _key(hours: Any) -> bytes:
    return orjson.dumps(hours) if hours else b""


def _text(moment: str) -> Cast:
    return Cast(moment, CharField(max_length=_LONGEST_MOMENT))


def _window(span: str) -> Window:
    start, _, end = span.partition("/")
    return Window(_moment(start), _moment(end))


def _moment(text: str) -> datetime:
    """A moment as each database writes it; they all keep UTC, and not all say so."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
