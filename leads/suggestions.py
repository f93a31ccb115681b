"""Who could look after a restaurant: arithmetic on working hours, load and places, and the reasons in words.

A score is the sum of its reasons' points, 100 at most: up to 40 for working hours that both have, up to 40 for a load
below that of the others, up to 20 for restaurants in the same place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

HOURS_POINTS, LOAD_POINTS, PLACE_POINTS = 40, 40, 20
# Everybody works nine hours by their own clock, from nine to six.
DAY, WORKING_DAY = 24 * 60, 9 * 60
# What a restaurant in the same city is worth, and one elsewhere in the same state.
CITY, STATE = 4, 1
MOST_SUGGESTED = 20


@dataclass(frozen=True)
class Candidate:
    """Somebody who could have the restaurant, with what they look after: all, in its city, and in its state."""

    pk: int
    username: str
    zone: ZoneInfo
    load: int
    in_city: int
    in_state: int


@dataclass(frozen=True)
class Place:
    """Where the restaurant is."""

    zone: ZoneInfo
    city: str
    state: str


@dataclass(frozen=True)
class Reason:
    """A part of the score: its points, why in words, and the figures behind it."""

    code: str
    points: int
    text: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Suggestion:
    candidate: Candidate
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(reason.points for reason in self.reasons)

    def record(self) -> dict[str, Any]:
        """As it is shown."""
        who = {"kam": self.candidate.pk, "username": self.candidate.username, "score": self.score}
        return {**who, "reasons": [asdict(reason) for reason in self.reasons]}


def ranked(candidates: Iterable[Candidate], place: Place, *, at: datetime) -> list[Suggestion]:
    """All candidates, best first; of equals the lower key."""
    people = list(candidates)
    middle = middle_of([one.load for one in people])
    found = [
        Suggestion(one, (hours_reason(one, place, at=at), load_reason(one, middle=middle), place_reason(one, place)))
        for one in people
    ]
    return sorted(found, key=lambda one: (-one.score, one.candidate.pk))


def middle_of(loads: Sequence[int]) -> float:
    """The median load: half of the candidates have less, half have more."""
    return float(median(loads)) if loads else 0.0


def shared_minutes(one: ZoneInfo, other: ZoneInfo, *, at: datetime) -> int:
    """How much of a working day both have, by the offsets of that moment."""
    offsets = [at.astimezone(zone).utcoffset() for zone in (one, other)]
    first, second = (int(offset.total_seconds()) // 60 for offset in offsets if offset is not None)
    apart = (first - second) % DAY
    return max(0, WORKING_DAY - min(apart, DAY - apart))


def hours_reason(one: Candidate, place: Place, *, at: datetime) -> Reason:
    shared = shared_minutes(one.zone, place.zone, at=at)
    hours = f"{shared / 60:g}"
    return Reason(
        "working_hours",
        HOURS_POINTS * shared // WORKING_DAY,
        f"Works {hours} of the restaurant's {WORKING_DAY // 60} working hours.",
        {"shared_minutes": shared, "kam_timezone": one.zone.key, "restaurant_timezone": place.zone.key},
    )


def load_reason(one: Candidate, *, middle: float) -> Reason:
    """All points for nothing, half of them for the median, none for twice the median or more."""
    twice = 2 * max(middle, 1.0)
    share = max(0.0, twice - one.load) / twice
    return Reason(
        "load",
        int(LOAD_POINTS * share),
        f"Looks after {one.load}; the median of those who could is {middle:g}.",
        {"restaurants": one.load, "median": middle},
    )


def place_reason(one: Candidate, place: Place) -> Reason:
    elsewhere = max(0, one.in_state - one.in_city)
    return Reason(
        "place",
        min(PLACE_POINTS, CITY * one.in_city + STATE * elsewhere),
        f"Looks after {one.in_city} in {place.city}, and {elsewhere} elsewhere in {place.state}.",
        {"in_city": one.in_city, "elsewhere_in_state": elsewhere},
    )
