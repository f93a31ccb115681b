from datetime import UTC, datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from call_planning.schedule import first_call, next_call, occurrences

UTC_ZONE = ZoneInfo("UTC")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("frequency", "interval_days", "after", "expected"),
    [
        ("DAILY", None, "2024-12-28T10:00Z", "2024-12-29T10:00Z"),
        ("WEEKLY", None, "2024-12-28T10:00Z", "2025-01-04T10:00Z"),
        ("BIWEEKLY", None, "2024-12-28T10:00Z", "2025-01-11T10:00Z"),
        ("MONTHLY", None, "2024-12-28T10:00Z", "2025-01-28T10:00Z"),
        ("QUARTERLY", None, "2024-12-28T10:00Z", "2025-03-28T10:00Z"),
        ("CUSTOM", 1, "2024-12-28T10:00Z", "2024-12-29T10:00Z"),
        ("CUSTOM", 45, "2024-12-28T10:00Z", "2025-02-11T10:00Z"),
        ("MONTHLY", None, "2025-01-31T10:00Z", "2025-02-28T10:00Z"),
        ("MONTHLY", None, "2024-01-31T10:00Z", "2024-02-29T10:00Z"),
        ("MONTHLY", None, "2024-01-29T10:00Z", "2024-02-29T10:00Z"),
        ("MONTHLY", None, "2025-02-28T10:00Z", "2025-03-28T10:00Z"),
        ("MONTHLY", None, "2025-03-31T10:00Z", "2025-04-30T10:00Z"),
        ("QUARTERLY", None, "2024-11-30T10:00Z", "2025-02-28T10:00Z"),
        ("QUARTERLY", None, "2023-11-30T10:00Z", "2024-02-29T10:00Z"),
        ("DAILY", None, "2024-02-28T10:00Z", "2024-02-29T10:00Z"),
        ("DAILY", None, "2023-02-28T10:00Z", "2023-03-01T10:00Z"),
        ("CUSTOM", 366, "2024-02-29T10:00Z", "2025-03-01T10:00Z"),
    ],
)
def test_it_moves_the_next_call_by_one_interval(
    frequency: str, interval_days: int | None, after: str, expected: str
) -> None:
    due = next_call(after=moment(after), frequency=frequency, zone=UTC_ZONE, interval_days=interval_days)

    assert due == moment(expected)
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("place", "frequency", "after", "expected"),
    [
        # Ten o'clock stays ten o'clock when clocks go forward, and when they go back.
        ("Europe/London", "DAILY", "2025-03-29T10:00Z", "2025-03-30T09:00Z"),
        ("Europe/London", "WEEKLY", "2025-10-25T09:00Z", "2025-11-01T10:00Z"),
        ("America/New_York", "BIWEEKLY", "2025-03-01T15:00Z", "2025-03-15T14:00Z"),
        ("America/New_York", "QUARTERLY", "2025-09-15T14:00Z", "2025-12-15T15:00Z"),
        ("Australia/Sydney", "MONTHLY", "2025-03-15T23:00Z", "2025-04-16T00:00Z"),
        # A skipped time moves forward by the gap.
        ("America/New_York", "DAILY", "2025-03-08T07:30Z", "2025-03-09T07:30Z"),
        ("Europe/London", "MONTHLY", "2025-02-28T01:30Z", "2025-03-28T01:30Z"),
        ("Europe/London", "WEEKLY", "2025-03-23T01:30Z", "2025-03-30T01:30Z"),
        ("America/Sao_Paulo", "DAILY", "2018-11-03T03:15Z", "2018-11-04T03:15Z"),
        ("Pacific/Apia", "DAILY", "2011-12-29T20:00Z", "2011-12-30T20:00Z"),
        # One that happens twice means the first, from either of them.
        ("America/New_York", "DAILY", "2025-11-01T05:30Z", "2025-11-02T05:30Z"),
        ("America/New_York", "DAILY", "2025-11-02T05:30Z", "2025-11-03T06:30Z"),
        ("America/New_York", "DAILY", "2025-11-02T06:30Z", "2025-11-03T06:30Z"),
        # The day of the month is the local one: the 31st in Kolkata, still the 30th in UTC.
        ("Asia/Kolkata", "MONTHLY", "2025-01-30T20:00Z", "2025-02-27T20:00Z"),
    ],
)
def test_it_keeps_the_wall_clock_of_the_zone(place: str, frequency: str, after: str, expected: str) -> None:
    due = next_call(after=moment(after), frequency=frequency, zone=ZoneInfo(place))

    assert due == moment(expected)


@pytest.mark.parametrize(
    ("frequency", "day_of_month", "after", "expected"),
    [
        ("MONTHLY", 31, "2025-02-28T10:00Z", "2025-03-31T10:00Z"),
        ("MONTHLY", 31, "2025-03-31T10:00Z", "2025-04-30T10:00Z"),
        ("MONTHLY", 1, "2025-01-28T10:00Z", "2025-02-01T10:00Z"),
        ("QUARTERLY", 30, "2025-02-28T10:00Z", "2025-05-30T10:00Z"),
    ],
)
def test_it_returns_to_the_day_of_the_month_to_keep(
    frequency: str, day_of_month: int, after: str, expected: str
) -> None:
    due = next_call(after=moment(after), frequency=frequency, zone=UTC_ZONE, day_of_month=day_of_month)

    assert due == moment(expected)


def test_it_rolls_a_month_end_forward_without_drift() -> None:
    dues = occurrences(anchor=moment("2025-01-31T10:00Z"), frequency="MONTHLY", zone=ZoneInfo("Europe/London"))

    assert list(islice(dues, 4)) == [
        moment("2025-02-28T10:00Z"),
        moment("2025-03-31T09:00Z"),
        moment("2025-04-30T09:00Z"),
        moment("2025-05-31T09:00Z"),
    ]


def test_it_returns_to_its_hour_after_a_skipped_one() -> None:
    dues = occurrences(anchor=moment("2025-03-08T07:30Z"), frequency="DAILY", zone=ZoneInfo("America/New_York"))

    assert list(islice(dues, 2)) == [moment("2025-03-09T07:30Z"), moment("2025-03-10T06:30Z")]


@pytest.mark.parametrize(
    ("place", "frequency", "interval_days", "created", "expected"),
    [
        ("UTC", "DAILY", None, "2024-12-28T10:00Z", "2024-12-29T00:00Z"),
        ("UTC", "DAILY", None, "2024-12-28T00:00Z", "2024-12-29T00:00Z"),
        ("UTC", "WEEKLY", None, "2024-12-28T23:59Z", "2025-01-04T00:00Z"),
        ("UTC", "MONTHLY", None, "2025-01-31T10:00Z", "2025-02-28T00:00Z"),
        ("UTC", "CUSTOM", 10, "2024-12-28T10:00Z", "2025-01-07T00:00Z"),
        ("Asia/Kolkata", "DAILY", None, "2024-12-28T18:30Z", "2024-12-29T18:30Z"),
        ("America/New_York", "BIWEEKLY", None, "2025-03-01T15:00Z", "2025-03-15T04:00Z"),
        # That day starts at one o'clock, and the one after it at midnight again.
        ("America/Sao_Paulo", "DAILY", None, "2018-11-03T12:00Z", "2018-11-04T03:00Z"),
        ("America/Sao_Paulo", "DAILY", None, "2018-11-04T12:00Z", "2018-11-05T02:00Z"),
        ("Pacific/Apia", "DAILY", None, "2011-12-30T05:00Z", "2011-12-30T10:00Z"),
        # Created on the evening of the 31st that came back after the 1st had begun.
        ("America/St_Johns", "DAILY", None, "2009-11-01T02:45Z", "2009-11-02T03:30Z"),
    ],
)
def test_it_starts_a_plan_with_a_local_day(
    place: str, frequency: str, interval_days: int | None, created: str, expected: str
) -> None:
    due = first_call(
        created=moment(created),
        frequency=frequency,
        zone=ZoneInfo(place),
        interval_days=interval_days,
    )

    assert due == moment(expected)
    assert due.tzinfo is UTC


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"frequency": "HOURLY"}, "'HOURLY' is not a valid Frequency"),
        ({"frequency": "CUSTOM"}, "CUSTOM needs interval_days of 1 or more, not None"),
        ({"frequency": "CUSTOM", "interval_days": 0}, "CUSTOM needs .* not 0"),
        ({"frequency": "WEEKLY", "interval_days": 7}, "interval_days .* leave it out for WEEKLY"),
        ({"frequency": "CUSTOM", "interval_days": 10**30}, "out of range"),
        ({"frequency": "CUSTOM", "interval_days": 10**400}, "out of range"),
        ({"frequency": "CUSTOM", "interval_days": 3_000_000}, "out of range"),
        ({"frequency": "DAILY", "at": "9999-12-31T10:00Z"}, "out of range"),
        ({"frequency": "MONTHLY", "at": "9999-12-31T10:00Z"}, "out of range"),
        ({"frequency": "DAILY", "at": "2024-12-28T10:00"}, "A moment needs an offset"),
    ],
    ids=lambda value: None if isinstance(value, dict) else value,
)
def test_it_refuses_arguments_without_sense(arguments: dict[str, Any], reason: str) -> None:
    plan = {"zone": UTC_ZONE, "at": "2024-12-28T10:00Z", **arguments}
    at = moment(plan.pop("at"))

    with pytest.raises(ValueError, match=reason):
        next_call(after=at, **plan)
    with pytest.raises(ValueError, match=reason):
        first_call(created=at, **plan)
    with pytest.raises(ValueError, match=reason):
        next(occurrences(anchor=at, **plan))


@pytest.mark.parametrize(
    ("frequency", "day_of_month", "reason"),
    [
        ("DAILY", 31, "day_of_month .* leave it out for DAILY"),
        ("MONTHLY", 0, "day_of_month is a day from 1 to 31, not 0"),
        ("QUARTERLY", 32, "day_of_month is a day from 1 to 31, not 32"),
    ],
)
def test_it_refuses_a_day_of_the_month_without_sense(frequency: str, day_of_month: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        next_call(
            after=moment("2024-12-28T10:00Z"),
            frequency=frequency,
            zone=UTC_ZONE,
            day_of_month=day_of_month,
        )


def test_it_refuses_a_chain_before_the_first_date_is_asked_for() -> None:
    with pytest.raises(ValueError, match="CUSTOM needs"):
        occurrences(anchor=moment("2024-12-28T10:00Z"), frequency="CUSTOM", zone=UTC_ZONE)
