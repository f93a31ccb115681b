"""When the next call is due: wall-clock arithmetic in a zone, answers in UTC.

Ten o'clock stays ten o'clock across a clock change, and a day of the month that a month lacks becomes
its last. Arguments that make no sense are a ValueError that names them.
"""

from collections.abc import Iterator
from datetime import datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from call_planning.choices import BY_MONTH, Frequency
from common.clock import local_date, resolve, wall_clock, within_calendar

_STEPS = {
    Frequency.DAILY: relativedelta(days=1),
    Frequency.WEEKLY: relativedelta(weeks=1),
    Frequency.BIWEEKLY: relativedelta(weeks=2),
    Frequency.MONTHLY: relativedelta(months=1),
    Frequency.QUARTERLY: relativedelta(months=3),
}


def next_call(
    *,
    after: datetime,
    frequency: str,
    zone: ZoneInfo,
    interval_days: int | None = None,
    day_of_month: int | None = None,
) -> datetime:
    """The moment one interval after a call.

    `interval_days` (1 or more) is for CUSTOM, and only for it. `day_of_month` is the day that MONTHLY and
    QUARTERLY aim at when it is not the day of `after`, which a short month may have clamped.
    """
    step = _step(frequency, interval_days)
    if day_of_month is not None:
        step += _aim(frequency, day_of_month)
    return _due(wall_clock(after, zone), step, zone)


def occurrences(
    *, anchor: datetime, frequency: str, zone: ZoneInfo, interval_days: int | None = None
) -> Iterator[datetime]:
    """The due dates that follow from a call, one interval after another.

    Each is counted from the anchor and not from the one before it, so neither a short month (31 Jan,
    28 Feb, 31 Mar) nor a skipped hour changes the dates behind it.
    """
    wall, step = wall_clock(anchor, zone), _step(frequency, interval_days)
    return (_due(wall, step, zone, times=times) for times in count(1))


def first_call(*, created: datetime, frequency: str, zone: ZoneInfo, interval_days: int | None = None) -> datetime:
    """The start of the local day one interval after the local day of creation."""
    midnight = datetime.combine(local_date(created, zone), time.min)
    return _due(midnight, _step(frequency, interval_days), zone)


@within_calendar()
def _due(wall: datetime, step: relativedelta, zone: ZoneInfo, *, times: int = 1) -> datetime:
    return resolve(wall + step * times, zone)


def _step(frequency: str, interval_days: int | None) -> relativedelta:
    chosen = Frequency(frequency)
    if chosen != Frequency.CUSTOM:
        if interval_days is not None:
            raise ValueError(f"interval_days is for CUSTOM; leave it out for {chosen.value}.")
        return _STEPS[chosen]
    if interval_days is None or interval_days < 1:
        raise ValueError(f"CUSTOM needs interval_days of 1 or more, not {interval_days}.")
    return relativedelta(days=interval_days)


def _aim(frequency: str, day_of_month: int) -> relativedelta:
    if frequency not in BY_MONTH:
        raise ValueError(f"day_of_month is for MONTHLY and QUARTERLY; leave it out for {frequency}.")
    if day_of_month not in range(1, 32):
        raise ValueError(f"day_of_month is a day from 1 to 31, not {day_of_month}.")
    return relativedelta(day=day_of_month)
