"""`PATCH /call/{id}/set_frequency/`: the cadence, counted from the last call, else from the plan's creation."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from tests.cast import NOON, Cast, api, call_plan, person, restaurant

LATER = NOON + timedelta(days=20)
CALLED = "2024-12-28T10:00:00Z"


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha))


def set_frequency(cast: Cast, plan: CallPlan, **given: Any) -> Any:
    answer = api(cast.root).patch(f"/call/{plan.pk}/set_frequency/", given)
    plan.refresh_from_db()
    return answer


CADENCES = [
    ({"frequency": "DAILY"}, 1),
    ({"frequency": "WEEKLY"}, 7),
    ({"frequency": "BIWEEKLY"}, 14),
    ({"frequency": "MONTHLY"}, 31),
    ({"frequency": "QUARTERLY"}, 90),
    ({"frequency": "CUSTOM", "interval_days": 3}, 3),
    ({"frequency": "CUSTOM", "interval_days": 366}, 366),
]


@pytest.mark.parametrize(("given", "days"), CADENCES)
def test_it_counts_from_the_last_call(cast: Cast, plan: CallPlan, given: dict[str, Any], days: int) -> None:
    api(cast.root).post(f"/call/{plan.pk}/record_call/", {"last_called": CALLED})
    answer = set_frequency(cast, plan, **given)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in given} == given
    assert answer.json()["last_called"] == CALLED
    assert plan.next_call_date == datetime(2024, 12, 28, 10, tzinfo=UTC) + timedelta(days=days)
    assert (plan.frequency, plan.interval_days) == (given["frequency"], given.get("interval_days"))


@pytest.mark.parametrize(("given", "days"), CADENCES)
def test_it_counts_from_the_creation_of_a_plan_never_called(
    cast: Cast, plan: CallPlan, given: dict[str, Any], days: int
) -> None:
    answer = set_frequency(cast, plan, **given)
    assert (answer.status_code, answer.json()["last_called"]) == (200, None)
    assert plan.next_call_date == datetime(2024, 12, 28, tzinfo=UTC) + timedelta(days=days)


def test_it_counts_from_the_local_day_of_creation(cast: Cast) -> None:
    owner = person(team=cast.south, timezone="Pacific/Auckland")  # where it was the 29th already
    answer = set_frequency(cast, call_plan(restaurant(owner)), frequency="WEEKLY")
    assert answer.json()["next_call_date"] == "2025-01-04T11:00:00Z"


def test_it_keeps_the_hour_across_a_clock_change(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha, timezone="America/New_York"), at=datetime(2024, 10, 1, tzinfo=UTC))
    api(cast.root).post(f"/call/{plan.pk}/record_call/", {"last_called": "2024-11-01T14:00:00Z"})
    answer = set_frequency(cast, plan, frequency="WEEKLY")
    assert answer.json()["next_call_date"] == "2024-11-08T15:00:00Z"


def test_it_changes_nothing_when_it_is_so_already(cast: Cast, plan: CallPlan) -> None:
    answer = set_frequency(cast, plan, frequency="DAILY")
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert plan.updated_at == NOON


def test_it_ends_an_override(cast: Cast, plan: CallPlan) -> None:
    api(cast.root).patch(f"/call/{plan.pk}/", {"next_call_date": "2025-06-01T00:00:00Z"})
    assert set_frequency(cast, plan, frequency="WEEKLY").json()["next_call_date"] == "2025-01-04T00:00:00Z"


def test_it_leaves_the_interval_of_a_custom_plan_behind(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=3)
    answer = set_frequency(cast, plan, frequency="WEEKLY")
    assert (answer.status_code, answer.json()["interval_days"], plan.interval_days) == (200, None, None)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "frequency"),
        ({"frequency": None}, "frequency"),
        ({"frequency": "HOURLY"}, "frequency"),
        ({"frequency": "CUSTOM"}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": None}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": 0}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": 367}, "interval_days"),
        ({"frequency": "DAILY", "interval_days": 3}, "interval_days"),
        ({"frequency": "DAILY", "notes": "x"}, "notes"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, plan: CallPlan, given: dict[str, Any], name: str) -> None:
    answer = set_frequency(cast, plan, **given)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert (plan.frequency, plan.version) == ("DAILY", 1)


def test_it_is_set_by_who_may_change_the_restaurant(cast: Cast, plan: CallPlan) -> None:
    path, body = f"/call/{plan.pk}/set_frequency/", {"frequency": "WEEKLY"}
    answers = {name: api(user).patch(path, body).status_code for name, user in cast.everybody().items()}
    assert answers == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 403}
    assert api().patch(path, body).status_code == 401
    assert api(cast.root).post(path, body).status_code == 405
