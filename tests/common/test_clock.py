from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.clock import (
    local_date,
    local_day_bounds,
    month_bounds,
    resolve,
    runs_of_days,
    start_of_day,
    wall_clock,
    zone,
)
from tests.moments import PLACES, moments_in, shows

# Where clocks fell back across midnight, and where a whole day was skipped.
ODD_PLACES = tuple(ZoneInfo(name) for name in ("America/St_Johns", "Pacific/Apia"))
TICK = timedelta(microseconds=1)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_it_knows_a_zone_by_its_iana_name() -> None:
    assert zone("Asia/Kolkata") is ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Mars/Olympus",
        "America",
        "europe/london",
        "zone.tab",
        "../Europe/London",
        "/etc/localtime",
        "localtime",
        "right/Europe/London",
        "Europe/London\0",
        "\ud800",
        "x" * 400,
    ],
    ids=ascii,
)
def test_it_refuses_a_name_that_is_no_zone(name: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        zone(name)


@pytest.mark.parametrize(
    ("place", "at", "start", "end"),
    [
        ("UTC", "2024-12-28T10:00Z", "2024-12-28T00:00Z", "2024-12-29T00:00Z"),
        ("UTC", "2024-12-28T00:00Z", "2024-12-28T00:00Z", "2024-12-29T00:00Z"),
        ("Asia/Kolkata", "2024-12-28T18:29:59Z", "2024-12-27T18:30Z", "2024-12-28T18:30Z"),
        ("Asia/Kolkata", "2024-12-28T18:30Z", "2024-12-28T18:30Z", "2024-12-29T18:30Z"),
        # A moment may come with any offset.
        ("Asia/Dubai", "2024-12-28T23:00-05:00", "2024-12-28T20:00Z", "2024-12-29T20:00Z"),
        # A day of 23 hours and one of 25.
        ("America/New_York", "2024-03-10T12:00Z", "2024-03-10T05:00Z", "2024-03-11T04:00Z"),
        ("America/New_York", "2024-11-03T12:00Z", "2024-11-03T04:00Z", "2024-11-04T05:00Z"),
        # Midnight is skipped: the day starts at one.
        ("America/Sao_Paulo", "2018-11-04T12:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"),
        ("America/Sao_Paulo", "2018-11-04T02:59Z", "2018-11-03T03:00Z", "2018-11-04T03:00Z"),
        ("Africa/Cairo", "2024-04-25T22:00Z", "2024-04-25T22:00Z", "2024-04-26T21:00Z"),
        ("Asia/Beirut", "2024-03-31T12:00Z", "2024-03-30T22:00Z", "2024-03-31T21:00Z"),
        # The last hour of the day happens twice; midnight itself happens twice.
        ("America/Sao_Paulo", "2018-02-18T02:30Z", "2018-02-17T02:00Z", "2018-02-18T03:00Z"),
        ("America/Havana", "2024-11-03T05:30Z", "2024-11-03T04:00Z", "2024-11-04T05:00Z"),
        # 30 December 2011 never was.
        ("Pacific/Apia", "2011-12-30T09:59Z", "2011-12-29T10:00Z", "2011-12-30T10:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"),
        # From 00:01 clocks fell back to 23:01: the new day had begun and goes on.
        ("America/St_Johns", "2009-11-01T02:45Z", "2009-11-01T02:30Z", "2009-11-02T03:30Z"),
        # From 23:30 clocks jumped to 00:30, and midnight, moved by the gap, to 01:00.
        ("America/Toronto", "1919-03-31T04:45Z", "1919-03-30T05:00Z", "1919-03-31T05:00Z"),
    ],
)
def test_it_bounds_the_local_day(place: str, at: str, start: str, end: str) -> None:
    bounds = local_day_bounds(moment(at), ZoneInfo(place))

    assert bounds == (moment(start), moment(end))
    assert [bound.tzinfo for bound in bounds] == [UTC, UTC]


@pytest.mark.parametrize(
    ("place", "at", "months_back", "start", "end"),
    [
        ("UTC", "2024-12-28T10:00Z", 0, "2024-12-01T00:00Z", "2025-01-01T00:00Z"),
        ("UTC", "2024-03-31T10:00Z", 1, "2024-02-01T00:00Z", "2024-03-01T00:00Z"),
        ("UTC", "2024-01-31T10:00Z", 1, "2023-12-01T00:00Z", "2024-01-01T00:00Z"),
        ("UTC", "2024-01-31T10:00Z", 25, "2021-12-01T00:00Z", "2022-01-01T00:00Z"),
        ("Asia/Kolkata", "2024-12-31T18:29:59Z", 0, "2024-11-30T18:30Z", "2024-12-31T18:30Z"),
        ("Asia/Kolkata", "2024-12-31T18:30Z", 0, "2024-12-31T18:30Z", "2025-01-31T18:30Z"),
        ("America/New_York", "2024-03-15T12:00Z", 0, "2024-03-01T05:00Z", "2024-04-01T04:00Z"),
        ("America/New_York", "2024-04-01T03:59Z", 0, "2024-03-01T05:00Z", "2024-04-01T04:00Z"),
        ("America/St_Johns", "2009-11-01T02:45Z", 0, "2009-11-01T02:30Z", "2009-12-01T03:30Z"),
    ],
)
def test_it_bounds_the_local_month(place: str, at: str, months_back: int, start: str, end: str) -> None:
    bounds = month_bounds(moment(at), ZoneInfo(place), months_back=months_back)

    assert bounds == (moment(start), moment(end))
    assert [bound.tzinfo for bound in bounds] == [UTC, UTC]


@pytest.mark.parametrize(
    ("place", "wall", "expected"),
    [
        ("Asia/Kolkata", "2024-12-28T10:00", "2024-12-28T04:30Z"),
        # Skipped: forward by the gap, be it an hour, half an hour or a day.
        ("America/New_York", "2024-03-10T02:30", "2024-03-10T07:30Z"),
        ("Australia/Lord_Howe", "2024-10-06T02:10", "2024-10-05T15:40Z"),
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T20:00Z"),
        # Twice: the first.
        ("America/New_York", "2024-11-03T01:30", "2024-11-03T05:30Z"),
        ("Europe/London", "2024-10-27T01:30", "2024-10-27T00:30Z"),
    ],
)
@pytest.mark.parametrize("fold", [0, 1])
def test_it_resolves_a_wall_clock(place: str, wall: str, expected: str, fold: int) -> None:
    resolved = resolve(moment(wall).replace(fold=fold), ZoneInfo(place))

    assert resolved == moment(expected)
    assert resolved.tzinfo is UTC


def test_it_reads_the_wall_clock_of_a_moment() -> None:
    wall = wall_clock(moment("2024-11-03T06:30Z"), ZoneInfo("America/New_York"))

    assert wall == datetime(2024, 11, 3, 1, 30)  # noqa: DTZ001  a wall clock has no offset
    assert (wall.tzinfo, wall.fold) == (None, 0)


def test_it_reads_no_time_that_clocks_skip() -> None:
    new_york = ZoneInfo("America/New_York")

    wall = wall_clock(datetime(2024, 3, 10, 2, 30, tzinfo=new_york), new_york)

    assert wall == datetime(2024, 3, 10, 3, 30)  # noqa: DTZ001  a wall clock has no offset


def test_it_refuses_a_moment_without_offset() -> None:
    for question in (wall_clock, local_date, local_day_bounds, month_bounds):
        with pytest.raises(ValueError, match="A moment needs an offset"):
            question(moment("2024-12-28T10:00"), ZoneInfo("UTC"))


def test_it_refuses_a_wall_clock_with_an_offset() -> None:
    with pytest.raises(ValueError, match="A wall clock has no offset"):
        resolve(moment("2024-12-28T10:00Z"), ZoneInfo("UTC"))


def test_it_refuses_what_leaves_the_calendar() -> None:
    west, east = ZoneInfo("Etc/GMT+12"), ZoneInfo("Etc/GMT-14")
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    out_of_range = pytest.raises(ValueError, match="out of range")

    for question in (wall_clock, local_date, local_day_bounds, month_bounds):
        with out_of_range:
            question(first, west)
        with out_of_range:
            question(last, east)
    for question in (local_date, local_day_bounds, month_bounds):
        with out_of_range:
            question(first, east)
        with out_of_range:
            question(last, west)
    with out_of_range:
        resolve(datetime.min, east)  # noqa: DTZ901  a wall clock has no offset
    with out_of_range:
        resolve(datetime.max, west)  # noqa: DTZ901  a wall clock has no offset
    with out_of_range:
        start_of_day(date.min, east)
    for months_back in (24_289, -95_700, 10**30, -(10**30)):
        with out_of_range:
            month_bounds(moment("2024-12-28T10:00Z"), west, months_back=months_back)


@given(moments_in(*PLACES, *ODD_PLACES))
def test_it_tiles_time_with_days(case: tuple[datetime, ZoneInfo]) -> None:
    at, place = case
    start, end = local_day_bounds(at, place)

    assert start <= at < end
    assert local_day_bounds(start, place) == local_day_bounds(end - TICK, place) == (start, end)
    assert local_day_bounds(start - TICK, place)[1] == start
    assert local_day_bounds(end, place)[0] == end


@given(moments_in(*PLACES))
def test_it_begins_the_day_with_its_date(case: tuple[datetime, ZoneInfo]) -> None:
    at, place = case
    today = at.astimezone(place).date()
    start, end = local_day_bounds(at, place)

    assert local_date(at, place) == start.astimezone(place).date() == today
    assert (start - TICK).astimezone(place).date() == today - timedelta(days=1)
    assert end.astimezone(place).date() == today + timedelta(days=1)


@given(moments_in(*PLACES, *ODD_PLACES), st.integers(0, 40))
def test_it_tiles_time_with_months(case: tuple[datetime, ZoneInfo], months_back: int) -> None:
    at, place = case
    start, end = month_bounds(at, place, months_back=months_back)

    assert (start <= at < end) == (months_back == 0)
    assert month_bounds(start, place) == month_bounds(end - TICK, place) == (start, end)
    assert month_bounds(at, place, months_back=months_back + 1)[1] == start
    assert local_day_bounds(start, place)[0] == start
    assert local_date(start, place).day == 1


@given(moments_in(*PLACES, *ODD_PLACES))
def test_it_resolves_what_it_read(case: tuple[datetime, ZoneInfo]) -> None:
    at, place = case
    wall = wall_clock(at, place)
    resolved = resolve(wall, place)

    assert wall_clock(resolved, place) == wall
    assert resolved == at or (resolved < at and at.astimezone(place).fold == 1)


@given(moments_in(*PLACES), st.timedeltas(timedelta(hours=-3), timedelta(hours=3)))
def test_it_never_moves_a_wall_clock_back(case: tuple[datetime, ZoneInfo], shift: timedelta) -> None:
    at, place = case
    wall = wall_clock(at, place) + shift
    moved = wall_clock(resolve(wall, place), place) - wall

    assert moved == (timedelta(0) if shows(wall, place) else timedelta(hours=1))


@given(moments_in(*PLACES), st.integers(-14 * 60, 14 * 60))
def test_it_heeds_the_moment_and_not_its_offset(case: tuple[datetime, ZoneInfo], minutes: int) -> None:
    at, place = case
    elsewhere = at.astimezone(timezone(timedelta(minutes=minutes)))

    assert local_day_bounds(elsewhere, place) == local_day_bounds(at, place)


@given(moments_in(*PLACES, *ODD_PLACES, ZoneInfo("Africa/Cairo"), ZoneInfo("UTC")), st.integers(0, 366))
def test_runs_of_days_hold_each_day_of_the_period_once(place: tuple[datetime, ZoneInfo], length: int) -> None:
    moment, here = place
    since = local_date(moment, here)
    until = since + timedelta(days=length)
    runs = runs_of_days(since, until, here)
    assert runs[0].start == start_of_day(since, here)
    assert runs[-1].end == start_of_day(until + timedelta(days=1), here)
    assert all(run.end == following.start for run, following in pairwise(runs))
    for run in runs:
        if run.offset is None:
            assert run.start == run.end or local_day_bounds(run.start, here) == (run.start, run.end)
            continue
        for inside in (run.start, run.start + (run.end - run.start) * 0.37, run.end - TICK):
            assert (inside + run.offset).date() == local_date(inside, here)


def test_a_year_has_few_runs_of_days() -> None:
    year = runs_of_days(date(2024, 1, 1), date(2024, 12, 31), ZoneInfo("Europe/London"))
    assert [run.offset for run in year] == [timedelta(0), None, timedelta(hours=1), None, timedelta(0)]
    assert len(runs_of_days(date(2024, 1, 1), date(2024, 12, 31), ZoneInfo("Asia/Kolkata"))) == 1
