"""Promises to call back: kept on the plan, due at their moment, over with the next call that reaches somebody."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from call_planning.tasks import plan_calls
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from tests.call_planning.calls import recorded
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
AT_THREE = "2024-12-28T15:00:00Z"
THREE = NOON + 3 * HOUR


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha, lead_status="CONTACTED"), frequency="WEEKLY", next_call_date=NOON - HOUR)


def promise(plan: CallPlan, cast: Cast, moment: str = AT_THREE) -> dict[str, Any]:
    return recorded(plan, cast.asha, outcome="CALL_BACK", call_back_at=moment)


def reasons(cast: Cast, at: Any) -> dict[str, int]:
    with time_machine.travel(at, tick=False):
        rows = api(cast.asha).get("/call/next/").json()
    return {reason["code"]: reason["points"] for row in rows for reason in row["reasons"]}


def test_it_is_kept_and_is_when_they_are_called_next(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    shown = promise(plan, cast)
    assert (shown["last_called"], shown["call_back_at"], shown["next_call_date"]) == (
        "2024-12-28T12:00:00Z",
        AT_THREE,
        AT_THREE,
    )
    assert shown["interaction"]["outcome"] == Interaction.objects.get().outcome == "CALL_BACK"
    assert api(cast.asha).get("/call/today/").json()[0]["call_back_at"] == AT_THREE
    # The job plans the promised call, beside the one that was made.
    assert plan_calls(NOON + HOUR) == 1
    assert Interaction.objects.get(status="PLANNED").due_at == plan.call_back_at == THREE


def test_it_is_kept_although_it_is_told_when_it_is_due(cast: Cast, plan: CallPlan) -> None:
    said: dict[str, Any] = {"last_called": NOON.isoformat(), "outcome": "CALL_BACK", "call_back_at": AT_THREE}
    shown = recorded(plan, cast.asha, now=THREE + HOUR, **said)
    assert (shown["call_back_at"], shown["next_call_date"]) == (AT_THREE, AT_THREE)
    assert recorded(plan, cast.asha, now=THREE + HOUR, **said) == shown
    assert "PROMISE_DUE" in reasons(cast, THREE + HOUR)


def test_it_ends_with_the_next_call_that_reaches_somebody(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    shown = recorded(plan, cast.asha, now=NOON + HOUR, outcome="NO_ANSWER")
    assert (shown["call_back_at"], shown["next_call_date"]) == (AT_THREE, AT_THREE)
    shown = recorded(plan, cast.asha, now=THREE)
    assert (shown["call_back_at"], shown["next_call_date"]) == (None, "2025-01-04T15:00:00Z")


def test_it_ends_with_a_planned_call_that_is_recorded_as_an_interaction(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    plan_calls(NOON + HOUR)
    call = Interaction.objects.get(status="PLANNED")
    with time_machine.travel(THREE, tick=False):
        done = {"status": "DONE", "date": THREE.isoformat()}
        assert api(cast.asha).patch(f"/track/interactions/{call.pk}/", done).status_code == 200
    plan.refresh_from_db()
    assert (plan.call_back_at, plan.next_call_date) == (None, THREE + 7 * DAY)


def test_it_stays_when_the_plan_is_moved(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    for method, path, sent in (
        ("PATCH", "", {"next_call_date": "2025-01-02T09:00:00Z"}),
        ("PATCH", "set_frequency/", {"frequency": "MONTHLY"}),
    ):
        shown = api(cast.asha)(method, f"/call/{plan.pk}/{path}", sent).json()
        assert shown["call_back_at"] == AT_THREE
    assert api(cast.asha).patch(f"/call/{plan.pk}/", {"call_back_at": None}).json()["call_back_at"] == AT_THREE


def test_it_is_waited_for_by_a_plan_that_gives_up(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    for number in range(1, 4):
        shown = recorded(plan, cast.asha, now=NOON + number * 10 * MINUTE, outcome="NO_ANSWER")
    assert (shown["attempts"], shown["call_back_at"], shown["next_call_date"]) == (0, AT_THREE, AT_THREE)
    assert shown["message"].endswith("moves on to 28 December 2024.")
    # At its moment it is tried, and is over when that was in vain often enough.
    for number in range(3):
        shown = recorded(plan, cast.asha, now=THREE + number * HOUR, outcome="NO_ANSWER")
    assert (shown["call_back_at"], shown["next_call_date"]) == (None, "2025-01-04T17:00:00Z")


def test_it_is_a_reason_to_call_from_its_moment_on(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    assert reasons(cast, THREE - MINUTE) == {"CADENCE_OVERDUE": 15}  # due today
    assert reasons(cast, THREE) == {"PROMISE_DUE": 50, "CADENCE_OVERDUE": 15}
    recorded(plan, cast.asha, now=THREE)
    assert reasons(cast, THREE) == {}


def test_it_is_a_reason_wherever_the_plan_was_moved_to(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    api(cast.asha).patch(f"/call/{plan.pk}/", {"next_call_date": "2025-03-01T09:00:00Z"})
    assert reasons(cast, THREE - MINUTE) == {}
    assert reasons(cast, THREE) == {"PROMISE_DUE": 50}
    assert reasons(cast, THREE + 2 * DAY) == {"PROMISE_DUE": 50}


def test_it_ends_the_rest_of_a_late_order(cast: Cast) -> None:
    row = restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=Decimal(10_000))
    who = contact(row)
    for days in range(20, 70, 7):
        interaction(who, interaction_type="ORDER", date=NOON - days * DAY)
    plan = call_plan(row, frequency="WEEKLY")
    promise(plan, cast)
    assert "ORDER_LATE" not in reasons(cast, THREE - MINUTE)
    assert {"PROMISE_DUE", "ORDER_LATE"} <= reasons(cast, THREE).keys()


def test_it_is_over_when_a_closed_restaurant_opens_again(cast: Cast, plan: CallPlan) -> None:
    promise(plan, cast)
    path = f"/lead/restaurants/{plan.lead_id}/change_status/"
    for status, days in (("LOST", 0), ("CONTACTED", 9)):
        with time_machine.travel(NOON + days * DAY, tick=False):
            assert api(cast.root).post(path, {"status": status}).status_code == 200
    plan.refresh_from_db()
    assert (plan.call_back_at, plan.next_call_date.isoformat()) == (None, "2025-01-13T00:00:00+00:00")


# --- who was just tried goes down -----------------------------------------------------------------------


def names(cast: Cast, at: Any) -> list[str]:
    with time_machine.travel(at, tick=False):
        rows = api(cast.asha).get("/call/next/").json()
    assert all(row["score"] == sum(reason["points"] for reason in row["reasons"]) for row in rows)
    return [row["restaurant"]["name"] for row in rows]


def test_it_lets_go_down_who_was_tried_a_moment_ago(cast: Cast) -> None:
    plans = {}
    for name, days in (("First", 3), ("Second", 1)):
        row: Restaurant = restaurant(cast.asha, lead_status="CONTACTED", name=name)
        plans[name] = call_plan(row, frequency="WEEKLY", next_call_date=NOON - days * DAY)
    assert names(cast, NOON) == ["First", "Second"]
    recorded(plans["First"], cast.asha, outcome="NO_ANSWER")
    assert names(cast, NOON + 20 * MINUTE) == ["Second", "First"]
    with time_machine.travel(NOON + 20 * MINUTE, tick=False):
        tried = api(cast.asha).get("/call/next/").json()[1]
    assert tried["reasons"][-1] == {
        "code": "TRIED",
        "points": -28,
        "text": "Tried 20 minutes ago; nobody answered.",
        "facts": {"attempted_at": "2024-12-28T12:00:00Z", "minutes_since": 20},
    }
    assert names(cast, NOON + 4 * HOUR) == ["First", "Second"]


def test_it_takes_nothing_off_where_that_is_switched_off(cast: Cast, plan: CallPlan, settings: Any) -> None:
    settings.NEXT_CALL_POINTS = {**settings.NEXT_CALL_POINTS, "TRIED": 0}
    recorded(plan, cast.asha, outcome="BUSY")
    assert reasons(cast, NOON) == {"CADENCE_OVERDUE": 15}


def test_it_does_not_appear_because_it_was_tried(cast: Cast, plan: CallPlan) -> None:
    for number in range(3):
        recorded(plan, cast.asha, now=NOON + number * MINUTE, outcome="NO_ANSWER")
    assert reasons(cast, NOON + HOUR) == {}
