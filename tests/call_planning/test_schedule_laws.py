"""What holds for every call, wherever and whenever it was made."""

from calendar import monthrange
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from call_planning.choices import Frequency
from call_planning.schedule import first_call, next_call, occurrences
from common.clock import local_date, local_day_bounds, wall_clock
from tests.moments import PLACES, moments_in, shows

Case = tuple[datetime, ZoneInfo]

by_days = st.sampled_from(
    [(Frequency.DAILY, None, 1), (Frequency.WEEKLY, None, 7), (Frequency.BIWEEKLY, None, 14)]
) | st.integers(1, 800).map(lambda days: (Frequency.CUSTOM, days, days))
by_months = st.sampled_from([(Frequency.MONTHLY, 1), (Frequency.QUARTERLY, 3)])


@given(moments_in(*PLACES), by_days)
def test_it_adds_days_to_the_wall_clock(case: Case, cadence: tuple[Frequency, int | None, int]) -> None:
    after, zone = case
    frequency, interval_days, days = cadence

    due = next_call(after=after, frequency=frequency, zone=zone, interval_days=interval_days)

    wanted = wall_clock(after, zone) + timedelta(days=days)
    assert due > after
    assert local_date(due, zone) - local_date(after, zone) == timedelta(days=days)
    skipped = timedelta(0) if shows(wanted, zone) else timedelta(hours=1)
    assert wall_clock(due, zone) == wanted + skipped


@given(moments_in(*PLACES), by_months, st.none() | st.integers(1, 31))
def test_it_keeps_the_day_of_the_month(case: Case, cadence: tuple[Frequency, int], day_of_month: int | None) -> None:
    after, zone = case
    frequency, months = cadence

    due = next_call(after=after, frequency=frequency, zone=zone, day_of_month=day_of_month)

    start, end = wall_clock(after, zone), wall_clock(due, zone)
    assert due > after
    assert month_number(end) - month_number(start) == months
    assert end.day == min(day_of_month or start.day, monthrange(end.year, end.month)[1])
    assert end.time() == start.time() or not shows(datetime.combine(end, start.time()), zone)


@given(moments_in(*PLACES), by_months)
def test_it_never_drifts_from_the_anchor(case: Case, cadence: tuple[Frequency, int]) -> None:
    anchor, zone = case
    frequency, months = cadence
    start = wall_clock(anchor, zone)
    rolled = anchor

    dues = islice(occurrences(anchor=anchor, frequency=frequency, zone=zone), 30)

    for number, due in enumerate(dues, start=1):
        end = wall_clock(due, zone)
        assert month_number(end) - month_number(start) == months * number
        assert end.day == min(start.day, monthrange(end.year, end.month)[1])
        assert end.time() == start.time() or not shows(datetime.combine(end, start.time()), zone)
        # The chain of single steps keeps the dates, as long as it is told the day to keep.
        rolled = next_call(after=rolled, frequency=frequency, zone=zone, day_of_month=start.day)
        assert local_date(rolled, zone) == local_date(due, zone)


@given(moments_in(*PLACES), by_days)
def test_it_rolls_forward_in_equal_steps(case: Case, cadence: tuple[Frequency, int | None, int]) -> None:
    anchor, zone = case
    frequency, interval_days, days = cadence
    plan: dict[str, Any] = {"frequency": frequency, "zone": zone, "interval_days": interval_days}

    dues = list(islice(occurrences(anchor=anchor, **plan), 5))

    gone = [(local_date(due, zone) - local_date(anchor, zone)).days for due in dues]
    assert gone == [days, days * 2, days * 3, days * 4, days * 5]
    assert dues[0] == next_call(after=anchor, **plan)


@given(moments_in(*PLACES), by_days | by_months.map(lambda pair: (pair[0], None, None)))
def test_it_starts_a_plan_one_interval_after_its_day(
    case: Case, cadence: tuple[Frequency, int | None, int | None]
) -> None:
    created, zone = case
    frequency, interval_days, _ = cadence
    plan: dict[str, Any] = {"frequency": frequency, "zone": zone, "interval_days": interval_days}

    due = first_call(created=created, **plan)

    assert due > created
    assert local_day_bounds(due, zone)[0] == due
    assert local_date(due, zone) == local_date(next_call(after=created, **plan), zone)


def month_number(wall: datetime) -> int:
    return wall.year * 12 + wall.month
