"""Days, months and wall clocks by zone; nothing here reads the clock.

A *moment* is an aware datetime; the moments given back are in UTC. A *wall clock* is a naive datetime:
what people in the zone read. Bounds are half-open: start <= moment < end. A result outside the years
1 to 9999 is a ValueError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from dateutil.relativedelta import relativedelta

_ONE_DAY = timedelta(days=1)


@contextmanager
def within_calendar() -> Iterator[None]:
    """Turns the OverflowError of date arithmetic into a ValueError; also a decorator."""
    try:
        yield
    except OverflowError as overflow:
        raise ValueError("The date is out of range: it must stay within the years 1 to 9999.") from overflow


def zone(name: str) -> ZoneInfo:
    """The zone of an IANA name such as "Asia/Kolkata"; ValueError if there is none."""
    # ZoneInfo itself meets odd names (a folder, a NUL, 400 letters) with four kinds of errors.
    if name not in _zone_names():
        raise ValueError(f'"{name}" is not an IANA time zone; "Asia/Kolkata" is one.')
    return ZoneInfo(name)


@cache
def _zone_names() -> set[str]:
    # "localtime" is no place: it means whatever this machine happens to be set to.
    return available_timezones() - {"localtime"}


@within_calendar()
def wall_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of the zone show at that moment, as a naive datetime."""
    if moment.utcoffset() is None:
        raise ValueError(_no_offset(moment))
    # By way of UTC, because astimezone() to its own zone keeps a time that clocks skip.
    return moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0)


def _no_offset(moment: datetime) -> str:
    return f"A moment needs an offset; {moment.isoformat()} has none."


@within_calendar()
def resolve(local_naive: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clocks of the zone show this.

    A time that a clock change skips moves forward by the gap; one that happens twice means the first.
    """
    if local_naive.tzinfo is not None:
        raise ValueError(f"A wall clock has no offset; {local_naive.isoformat()} has one.")
    # fold=0 is the offset before the change, and that says both halves of the rule.
    return local_naive.replace(tzinfo=zone, fold=0).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The midnight with which the day begins, or what follows if clocks skip it."""
    return resolve(datetime.combine(day, time.min), zone)


@within_calendar()
def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The local day that contains the moment.

    That is the date people read, save where a clock change crosses midnight itself: a day that has begun
    is not left again when clocks fall back to the evening before.
    """
    if moment.utcoffset() is None:
        raise ValueError(_no_offset(moment))
    at = moment.astimezone(UTC)
    if not MINYEAR < at.year < MAXYEAR:  # its neighbours may be outside the calendar
        return _local_date(at, zone)
    return next(day for begun, day in _local_days(at.date(), zone) if begun <= at)


@lru_cache(maxsize=4096)
def _local_days(day_of_utc: date, zone: ZoneInfo) -> tuple[tuple[datetime, date], ...]:
    """The local days that meet within a day of UTC, the last one first, each with its beginning.

    A list asks for the day of many moments, and a zone takes its time to tell: this is asked once for a day.
    """
    begun = datetime.combine(day_of_utc, time.min, UTC)
    night, day = begun + _ONE_DAY, _local_date(begun, zone)
    days = [(begun, day)]
    while (begun := start_of_day(day + _ONE_DAY, zone)) < night:
        day += _ONE_DAY
        days.append((begun, day))
    return tuple(reversed(days))


def _local_date(moment: datetime, zone: ZoneInfo) -> date:
    day = wall_clock(moment, zone).date()
    if moment < start_of_day(day, zone):
        return day - _ONE_DAY
    if moment >= start_of_day(day + _ONE_DAY, zone):
        return day + _ONE_DAY
    return day


def local_day_bounds(moment: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The start of the local day that contains the moment, and of the next."""
    day = local_date(moment, zone)
    return start_of_day(day, zone), start_of_day(day + _ONE_DAY, zone)


@within_calendar()
def month_bounds(moment: datetime, zone: ZoneInfo, *, months_back: int = 0) -> tuple[datetime, datetime]:
    """The bounds of the local month that contains the moment, or of one before it."""
    first = local_date(moment, zone).replace(day=1) - relativedelta(months=months_back)
    return start_of_day(first, zone), start_of_day(first + relativedelta(months=1), zone)


class Days(NamedTuple):
    """Days that follow each other, from this moment until that; their wall clocks are UTC and `offset`.

    Without an offset it is one day, on which clocks change.
    """

    start: datetime
    end: datetime
    offset: timedelta | None


@lru_cache(maxsize=256)
def runs_of_days(since: date, until: date, zone: ZoneInfo) -> tuple[Days, ...]:
    """These days, both included, in runs within which each lasts 24 hours and begins at the same time of UTC."""
    midnights = [start_of_day(since + number * _ONE_DAY, zone) for number in range((until - since).days + 2)]
    runs: list[Days] = []
    for number, (start, end) in enumerate(pairwise(midnights)):
        begins = datetime.combine(since + number * _ONE_DAY, time.min, tzinfo=UTC)
        offset = begins - start if end - start == _ONE_DAY else None
        if runs and offset is not None and runs[-1].offset == offset:
            runs[-1] = runs[-1]._replace(end=end)
        else:
            runs.append(Days(start, end, offset))
    return tuple(runs)
