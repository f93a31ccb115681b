"""The periods of a job: which there are, and how each is named."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from common.clock import start_of_day
from common.jobs import EPOCH, PATIENCE, Daily, Job
from tests.cast import NOON

# India has no clock changes; New York's are at 2:00; Havana's skip and repeat midnight; Samoa skipped a whole day.
ZONES = ("Asia/Kolkata", "America/New_York", "America/Havana", "Pacific/Apia")
moments = st.integers(0, 90 * 366 * 24 * 3600).map(lambda seconds: EPOCH + timedelta(seconds=seconds))
days = st.dates(date(1990, 1, 1), date(2060, 1, 1))
times = st.builds(time, st.integers(0, 23), st.integers(0, 59))
schedules = st.builds(Daily, at=times) | st.timedeltas(timedelta(seconds=1), timedelta(days=2))
zones = st.sampled_from(ZONES)


def job(every: timedelta | Daily) -> Job:
    return Job("sweep", lambda _: 0, every, "Sweeps.")


@given(schedules, moments, zones)
def test_it_puts_each_moment_into_one_period(every: timedelta | Daily, at: datetime, zone: str) -> None:
    with override_settings(TIME_ZONE=zone):
        sweep = job(every)
        start, end = sweep.period(at=at), sweep.following(at=at)
        assert start <= at < end
        assert sweep.period(at=start) == sweep.period(at=end - timedelta(microseconds=1)) == start
        assert sweep.period(at=end) == sweep.following(at=start) == end


@given(times, days, zones)
def test_it_begins_one_daily_period_on_each_day_of_the_zone(at: time, day: date, zone: str) -> None:
    with override_settings(TIME_ZONE=zone):
        begins = start_of_day(day, ZoneInfo(zone))
        ends = start_of_day(day + timedelta(days=1), ZoneInfo(zone))
        sweep = job(Daily(at=at))
        starts, moment = [], begins - timedelta(microseconds=1)
        while (moment := sweep.following(at=moment)) < ends:
            starts.append(moment)
        assert len(starts) == (1 if begins < ends else 0), "a day that a zone skips has none"


@pytest.mark.parametrize(
    ("at", "due"),
    [
        (datetime(2025, 3, 8, 8, tzinfo=UTC), datetime(2025, 3, 8, 7, 30, tzinfo=UTC)),
        # 2:30 is skipped on 9 March, so it is 3:30; on 2 November 1:30 comes twice, and the first one counts.
        (datetime(2025, 3, 9, 8, tzinfo=UTC), datetime(2025, 3, 9, 7, 30, tzinfo=UTC)),
        (datetime(2025, 3, 10, 8, tzinfo=UTC), datetime(2025, 3, 10, 6, 30, tzinfo=UTC)),
    ],
)
def test_it_follows_the_clocks_of_the_organisation(at: datetime, due: datetime) -> None:
    with override_settings(TIME_ZONE="America/New_York"):
        assert job(Daily(at=time(2, 30))).period(at=at) == due


def test_it_takes_the_first_of_two_equal_times() -> None:
    with override_settings(TIME_ZONE="America/New_York"):
        sweep = job(Daily(at=time(1, 30)))
        first = datetime(2025, 11, 2, 5, 30, tzinfo=UTC)
        assert sweep.period(at=first + timedelta(hours=1)) == first
        assert sweep.following(at=first) == datetime(2025, 11, 3, 6, 30, tzinfo=UTC)


def test_it_is_late_when_the_period_after_the_last_success_is_overdue() -> None:
    sweep = job(timedelta(hours=1))
    overdue = NOON + timedelta(hours=1) + PATIENCE
    assert not sweep.is_late(done=NOON, at=overdue - timedelta(seconds=1))
    assert sweep.is_late(done=NOON, at=overdue)
    assert sweep.is_late(done=None, at=NOON)


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (timedelta(seconds=5), "every 5 seconds"),
        (timedelta(minutes=1), "every minute"),
        (timedelta(minutes=90), "every 90 minutes"),
        (timedelta(hours=24), "every day"),
        (Daily(at=time(3, 5)), "daily at 03:05"),
    ],
)
def test_it_says_in_words_how_often(every: timedelta | Daily, words: str) -> None:
    assert job(every).how_often == words
