"""When somebody can pick up, and somebody can call: arithmetic on hours by the wall clock, answers in UTC.

A *window* is from a moment until before another. Windows are found by what clocks show: where a clock change
repeats an hour, both are meant, and where it skips one, there is none. Nothing here reads the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from common.holidays import public_holidays
from common.hours import ALWAYS, NEVER, Week, outside

DAYS_AHEAD = 14
_ONE_DAY, _ONE_MINUTE = timedelta(days=1), timedelta(minutes=1)


class Window(NamedTuple):
    starts_at: datetime
    ends_at: datetime


Windows = tuple[Window, ...]


# --- intervals: in order, apart from each other, none of them empty -----------------------------------
def intersection(one: Sequence[Window], other: Sequence[Window]) -> Windows:
    """What is in both."""
    both = (Window(max(a.starts_at, b.starts_at), min(a.ends_at, b.ends_at)) for a in one for b in other)
    return tuple(window for window in both if window.starts_at < window.ends_at)


def difference(one: Sequence[Window], other: Sequence[Window]) -> Windows:
    """What is in the first and not in the second, which may be in any order."""
    left = list(one)
    for gone in other:
        parts = (
            part
            for window in left
            for part in (
                Window(window.starts_at, min(window.ends_at, gone.starts_at)),
                Window(max(window.starts_at, gone.ends_at), window.ends_at),
            )
        )
        left = [part for part in parts if part.starts_at < part.ends_at]
    return tuple(left)


def joined(windows: Iterable[Window]) -> Iterator[Window]:
    """The same windows, in order, with those that touch made one; one after the other, as they are asked for."""
    last: Window | None = None
    for window in windows:
        if last is not None and window.starts_at <= last.ends_at:
            last = Window(last.starts_at, max(last.ends_at, window.ends_at))
            continue
        if last is not None:
            yield last
        last = window
    if last is not None:
        yield last


# --- clocks -----------------------------------------------------------------------------------------
@lru_cache(maxsize=4096)
def stretches(day: date, zone: ZoneInfo) -> tuple[tuple[Window, timedelta], ...]:
    """A day of UTC, cut where clocks of the zone change, and how far they are ahead in each part."""
    start = datetime.combine(day, time.min, tzinfo=UTC)
    end = start + _ONE_DAY
    first, last = _ahead(start, zone), _ahead(end - _ONE_MINUTE, zone)
    if first == last:
        return ((Window(start, end), first),)
    before, after = 0, 24 * 60
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if _ahead(start + middle * _ONE_MINUTE, zone) == first else (before, middle)
    change = start + after * _ONE_MINUTE
    return (Window(start, change), first), (Window(change, end), last)


def _ahead(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


@lru_cache(maxsize=16384)
def on_day(day: date, zone: ZoneInfo, hours: Week) -> Windows:
    """The windows within a day of UTC in which clocks of the zone show these hours."""
    found: list[Window] = []
    for (start, end), ahead in stretches(day, zone):
        local = (start + ahead).replace(tzinfo=None)
        midnight = datetime.combine(local.date(), time.min)
        while midnight < local + (end - start):
            base = midnight.replace(tzinfo=UTC) - ahead
            for minute, until in hours[midnight.weekday()]:
                window = Window(max(start, base + minute * _ONE_MINUTE), min(end, base + until * _ONE_MINUTE))
                if window.starts_at < window.ends_at:
                    found.append(window)
            midnight += _ONE_DAY
    return tuple(joined(found))


# --- who can be called when -------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Hours:
    """What holds week after week: of the place and its people by its zone, of the caller by theirs.

    Whoever makes the same hours for many rows keeps them: what was found for a day is kept for the very object.
    """

    place: ZoneInfo
    caller: ZoneInfo
    open: Week = ALWAYS
    rush: Week = NEVER
    contact: Week = ALWAYS
    working: Week = ALWAYS
    country: str = ""
    region: str = ""


@lru_cache(maxsize=16384)
def hours_on_day(hours: Hours, day: date) -> Windows:
    """The windows within a day of UTC, but for blocks."""
    found = on_day(day, hours.caller, hours.working)
    for allowed in (hours.open, tuple(map(outside, hours.rush)), hours.contact):
        if not found:
            return ()
        found = intersection(found, on_day(day, hours.place, allowed))
    return difference(found, _holidays_on(day, hours)) if found and hours.country else found


def _holidays_on(day: date, hours: Hours) -> list[Window]:
    """The parts of a day of UTC in which it is a holiday at the place."""
    closed: list[Window] = []
    for near in (day - _ONE_DAY, day, day + _ONE_DAY):
        if near in public_holidays(hours.country, hours.region, near.year):
            only = tuple(((0, 24 * 60),) if weekday == near.weekday() else () for weekday in range(7))
            closed += on_day(day, hours.place, only)
    return closed


@dataclass(frozen=True)
class Availability:
    """When one restaurant can be called by one person."""

    hours: Hours
    blocks: Windows = ()

    def local_time(self, at: datetime) -> datetime:
        """What clocks at the place show, with their offset."""
        return at.astimezone(self.hours.place)

    def callable_at(self, at: datetime) -> bool:
        return next(self.windows_between(at, at + timedelta.resolution), None) is not None

    def next_window(self, *, after: datetime, days: int = DAYS_AHEAD) -> Window | None:
        """The first window from this moment on, cut where it has begun; None where there is none in so many days."""
        return _next_window(self, after, days)

    def windows_between(self, after: datetime, until: datetime) -> Iterator[Window]:
        """All windows in that time, in order, found day by day as they are asked for."""
        asked = Window(after.astimezone(UTC), until.astimezone(UTC))
        return joined(window for found in self._days(asked) for window in intersection(found, (asked,)))

    def _days(self, asked: Window) -> Iterator[Windows]:
        day = asked.starts_at.date()
        while datetime.combine(day, time.min, tzinfo=UTC) < asked.ends_at:
            yield difference(hours_on_day(self.hours, day), self.blocks)
            day += _ONE_DAY


@lru_cache(maxsize=1024)
def _next_window(when: Availability, after: datetime, days: int) -> Window | None:
    """Kept for a while: what is overdue is due now, and many restaurants have the same hours."""
    return next(when.windows_between(after, after + days * _ONE_DAY), None)
