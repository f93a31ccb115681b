"""`GET`, `PUT` and `PATCH /call/{id}/`: what counts from the last call, and what overrides it once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from tests.cast import NOON, Cast, api, call_plan, restaurant

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def fresh(cast: Cast) -> CallPlan:
    """Never called, due on the 29th."""
    return call_plan(restaurant(cast.asha))


@pytest.fixture
def called(cast: Cast, fresh: CallPlan) -> CallPlan:
    """Called on the 28th at ten."""
    api(cast.root).post(f"/call/{fresh.pk}/record_call/", {"last_called": "2024-12-28T10:00:00Z"})
    return fresh


def patch(cast: Cast, plan: CallPlan, **given: Any) -> Any:
    answer = api(cast.asha).patch(f"/call/{plan.pk}/", given)
    plan.refresh_from_db()
    return answer


def test_it_patches_what_is_named_and_nothing_else(cast: Cast, called: CallPlan) -> None:
    before = api(cast.asha).get(f"/call/{called.pk}/").json()
    answer = patch(cast, called, notes="Mornings only.")
    assert answer.status_code == 200
    assert answer.json() == {**before, "notes": "Mornings only.", "version": before["version"] + 1}
    assert called.notes == "Mornings only."


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_takes_an_answer_back_and_changes_nothing(cast: Cast, called: CallPlan, method: str) -> None:
    custom = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=3)
    for path in (f"/call/{called.pk}/", f"/call/{custom.pk}/"):
        before = api(cast.asha).get(path).json()
        answer = api(cast.asha)(method, path, before)
        assert (answer.status_code, answer.json()) == (200, before)


def test_it_puts_only_with_all_that_is_needed(cast: Cast, called: CallPlan) -> None:
    answer = api(cast.asha).put(f"/call/{called.pk}/", {"notes": "x"})
    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, ["frequency", "lead"])


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_counts_another_frequency_from_the_last_call(cast: Cast, called: CallPlan, method: str) -> None:
    body = {"lead": called.lead_id, "frequency": "WEEKLY"}
    answer = api(cast.asha)(method, f"/call/{called.pk}/", body)
    assert (answer.status_code, answer.json()["next_call_date"]) == (200, "2025-01-04T10:00:00Z")
    body = {**answer.json(), "frequency": "BIWEEKLY"}  # the date in it is no override: it is the one that stands
    answer = api(cast.asha)(method, f"/call/{called.pk}/", body)
    assert (answer.status_code, answer.json()["next_call_date"]) == (200, "2025-01-11T10:00:00Z")
    called.refresh_from_db()
    assert (called.frequency, called.next_call_date) == ("BIWEEKLY", datetime(2025, 1, 11, 10, tzinfo=UTC))


@pytest.mark.parametrize("given", [{"frequency": "WEEKLY"}, {"frequency": "CUSTOM", "interval_days": 9}])
def test_it_leaves_the_date_of_a_plan_never_called_alone(cast: Cast, fresh: CallPlan, given: dict[str, Any]) -> None:
    answer = patch(cast, fresh, **given)
    assert (answer.status_code, answer.json()["frequency"]) == (200, given["frequency"])
    assert answer.json()["next_call_date"] == "2024-12-29T00:00:00Z"


def test_it_leaves_the_date_alone_when_the_frequency_stays(cast: Cast, called: CallPlan) -> None:
    patch(cast, called, next_call_date="2025-06-01T00:00:00Z")
    assert patch(cast, called, frequency="DAILY", notes="x").json()["next_call_date"] == "2025-06-01T00:00:00Z"


def test_it_takes_a_date_that_overrides_once(cast: Cast, called: CallPlan) -> None:
    answer = patch(cast, called, next_call_date="2025-06-01T10:00:00+05:30")
    assert (answer.status_code, answer.json()["next_call_date"]) == (200, "2025-06-01T04:30:00Z")
    answer = patch(cast, called, frequency="WEEKLY", next_call_date="2025-07-01T00:00:00Z")
    assert (answer.json()["frequency"], answer.json()["next_call_date"]) == ("WEEKLY", "2025-07-01T00:00:00Z")
    answer = api(cast.asha).post(f"/call/{called.pk}/record_call/", {"last_called": "2024-12-30T09:00:00Z"})
    assert answer.json()["next_call_date"] == "2025-01-06T09:00:00Z"  # and from there it counts again


def test_it_changes_the_interval_of_a_custom_plan(cast: Cast, called: CallPlan) -> None:
    answer = patch(cast, called, frequency="CUSTOM", interval_days=3)
    assert (answer.json()["interval_days"], answer.json()["next_call_date"]) == (3, "2024-12-31T10:00:00Z")
    assert patch(cast, called, interval_days=5).json()["next_call_date"] == "2025-01-02T10:00:00Z"
    answer = patch(cast, called, frequency="WEEKLY")
    assert (answer.json()["interval_days"], answer.json()["next_call_date"]) == (None, "2025-01-04T10:00:00Z")


def test_it_leaves_the_interval_of_a_custom_plan_alone(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=3)
    for given in ({"notes": "Mornings only."}, {"frequency": "CUSTOM"}):
        answer = patch(cast, plan, **given)
        assert (answer.status_code, answer.json()["interval_days"], plan.interval_days) == (200, 3, 3)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"frequency": "CUSTOM"}, "interval_days"),
        ({"interval_days": 3}, "interval_days"),
        ({"frequency": "WEEKLY", "interval_days": 3}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": 0}, "interval_days"),
        ({"frequency": "HOURLY"}, "frequency"),
        ({"next_call_date": None}, "next_call_date"),
        ({"next_call_date": "2025-06-01T00:00:00"}, "next_call_date"),
        ({"lead": 999_999}, "lead"),
        ({"nots": "x"}, "nots"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, called: CallPlan, given: dict[str, Any], name: str) -> None:
    version = CallPlan.objects.get().version
    answer = patch(cast, called, notes="x", **given)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert (called.notes, called.version) == ("", version)


def test_it_takes_no_last_call_but_by_recording_one(cast: Cast, called: CallPlan) -> None:
    answer = patch(cast, called, last_called="2024-12-30T10:00:00Z", is_overdue=True)
    assert (answer.status_code, answer.json()["last_called"]) == (200, "2024-12-28T10:00:00Z")


def test_it_stays_with_its_restaurant(cast: Cast, called: CallPlan) -> None:
    other = restaurant(cast.asha)
    answer = patch(cast, called, lead=other.pk)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lead"])
    assert called.lead != other


def test_it_is_seen_and_changed_with_its_restaurant(cast: Cast, called: CallPlan) -> None:
    path, seen, changed = f"/call/{called.pk}/", {}, {}
    for name, user in cast.everybody().items():
        seen[name] = api(user).get(path).status_code
        changed[name] = api(user).patch(path, {"notes": name}).status_code
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert changed == {**seen, "nora": 403}
    assert api().get(path).status_code == 401
    assert CallPlan.objects.get().notes == "maya"


def test_it_refuses_a_whole_plan_that_leaves_its_interval_out(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=3)
    body = {"lead": plan.lead_id, "frequency": "CUSTOM"}
    answer = api(cast.asha).put(f"/call/{plan.pk}/", body)
    assert answer.status_code == 400
    assert "interval_days" in answer.json()["errors"]
    plan.refresh_from_db()
    assert plan.interval_days == 3
