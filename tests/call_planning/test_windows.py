"""Windows by what clocks show: over clock changes, past midnight, on holidays; and the laws of their arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_planning.windows import Availability, Hours, Window, difference, intersection, on_day
from common.clock import wall_clock
from common.hours import ALL_DAY, ALWAYS, NEVER, Week, week

LONDON = ZoneInfo("Europe/London")
PLACES = [LONDON, *map(ZoneInfo, ("America/New_York", "Australia/Lord_Howe", "America/Santiago"))]
START = datetime(2024, 1, 1, tzinfo=UTC)


def of_span(start: str, end: str, zone: ZoneInfo, country: str = "") -> Availability:
    daily = week({day: [[start, end]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")})
    return Availability(Hours(zone, zone, open=daily, country=country))


@pytest.mark.parametrize(
    ("zone", "start", "end", "after", "found"),
    [
        ("Europe/London", "01:30", "03:00", "2024-03-31T00:00Z", ["2024-03-31T01:00Z", "2024-03-31T02:00Z"]),
        ("Europe/London", "01:15", "01:45", "2024-10-27T00:00Z", ["2024-10-27T00:15Z", "2024-10-27T00:45Z"]),
        ("Europe/London", "01:15", "01:45", "2024-10-27T00:50Z", ["2024-10-27T01:15Z", "2024-10-27T01:45Z"]),
        ("America/New_York", "02:15", "02:45", "2024-03-10T05:00Z", ["2024-03-11T06:15Z", "2024-03-11T06:45Z"]),
        ("America/New_York", "09:00", "10:00", "2024-11-03T05:00Z", ["2024-11-03T14:00Z", "2024-11-03T15:00Z"]),
        ("Australia/Lord_Howe", "01:30", "02:30", "2024-04-06T14:00Z", ["2024-04-06T14:30Z", "2024-04-06T16:00Z"]),
        ("America/Santiago", "22:00", "02:00", "2024-09-07T20:00Z", ["2024-09-08T02:00Z", "2024-09-08T05:00Z"]),
        ("Asia/Kolkata", "22:00", "02:00", "2024-06-01T12:00Z", ["2024-06-01T16:30Z", "2024-06-01T20:30Z"]),
        ("Asia/Kolkata", "22:00", "02:00", "2024-06-01T18:30Z", ["2024-06-01T18:30Z", "2024-06-01T20:30Z"]),
    ],
)
def test_it_finds_the_next_window(zone: str, start: str, end: str, after: str, found: list[str]) -> None:
    window = of_span(start, end, ZoneInfo(zone)).next_window(after=datetime.fromisoformat(after))
    assert window == Window(*map(datetime.fromisoformat, found))


def test_it_leaves_out_a_holiday_by_the_clocks_of_the_place() -> None:
    there = of_span("00:00", "00:00", ZoneInfo("Asia/Kolkata"), country="IN")
    republic_day = datetime(2026, 1, 25, 18, 30, tzinfo=UTC)
    assert not there.callable_at(republic_day)
    assert there.callable_at(republic_day - timedelta(seconds=1))
    assert there.callable_at(republic_day + timedelta(days=1))


def test_it_says_so_where_there_is_none_within_two_weeks() -> None:
    assert Availability(Hours(LONDON, LONDON, open=NEVER)).next_window(after=START) is None
    blocked = Availability(Hours(LONDON, LONDON), (Window(START, START + timedelta(days=14)),))
    assert blocked.next_window(after=START) is None
    assert blocked.next_window(after=START, days=15) is not None


nights = [week({"mon": [["22:00", "03:00"]], "sun": [[f"0{hour}:30", "09:00"]]}) for hour in range(9)]
hours_of_weeks = st.sampled_from([ALWAYS, *nights])
moments = st.integers(0, 400 * ALL_DAY).map(lambda minutes: START + timedelta(minutes=minutes))
windows = st.lists(st.tuples(moments, st.integers(1, 5000)), max_size=5).map(
    lambda pairs: [Window(start, start + timedelta(minutes=minutes)) for start, minutes in pairs]
)


@given(moments, hours_of_weeks, st.sampled_from(PLACES))
def test_it_is_within_hours_exactly_when_clocks_show_them(at: datetime, hours: Week, zone: ZoneInfo) -> None:
    shown = wall_clock(at, zone)
    minute = shown.hour * 60 + shown.minute
    inside = any(start <= minute < end for start, end in hours[shown.weekday()])
    found = on_day(at.date(), zone, hours)
    assert inside == any(window.starts_at <= at < window.ends_at for window in found)


@given(moments, windows, hours_of_weeks)
def test_it_keeps_windows_in_order_apart_and_out_of_blocks(at: datetime, blocks: list[Window], rush: Week) -> None:
    there = Availability(Hours(LONDON, LONDON, rush=rush if rush != ALWAYS else NEVER), tuple(blocks))
    found = list(there.windows_between(at, at + timedelta(days=5)))
    assert all(window.starts_at < window.ends_at for window in found)
    assert all(one.ends_at < other.starts_at for one, other in pairwise(found))
    assert not intersection(found, blocks)


@given(windows, windows)
def test_it_takes_away_what_both_have_and_no_more(one: list[Window], other: list[Window]) -> None:
    first = one[:1]
    left, both = difference(first, other), intersection(first, other)
    assert not intersection(left, other)
    assert difference(first, left) or not both
