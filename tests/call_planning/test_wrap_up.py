"""`POST /call/{id}/record_call/` with all that came of the call: interaction, order and plan in one."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from call_planning.models import CallPlan
from call_planning.tasks import mark_missed, plan_calls
from interaction_tracking.models import Interaction, Order
from performance_tracking.models import Month
from tests.call_planning.calls import recorded, refused, wrap_up
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

ORDER = {"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha), next_call_date=NOON - HOUR, notes="Mornings only.")


def test_it_writes_interaction_order_and_plan_and_answers_all_of_them(cast: Cast, plan: CallPlan) -> None:
    who = contact(plan.lead)
    plan_calls(NOON)
    planned = Interaction.objects.get()
    said: dict[str, Any] = {"details": "They take fifty.", "duration_seconds": 540, "notes": "Ask for the chef."}
    answer = wrap_up(plan, cast.asha, outcome="CONNECTED", contact=who.pk, order=ORDER, **said)
    shown = answer.json()
    assert answer.status_code == 200
    assert shown["interaction"] == api(cast.asha).get(f"/track/interactions/{planned.pk}/").json()
    assert shown["message"] is None
    alone = api(cast.asha).get(f"/call/{plan.pk}/")
    assert {name: shown[name] for name in alone.json()} == alone.json()
    assert answer["ETag"] == alone["ETag"]
    call, order = Interaction.objects.get(), Order.objects.get()
    assert (call.pk, call.status, call.outcome, call.contact, call.kam) == (
        planned.pk,
        "DONE",
        "CONNECTED",
        who,
        cast.asha,
    )
    assert (call.details, call.duration_seconds, call.order_placed) == ("They take fifty.", 540, True)
    assert (order.quantity, order.total_price, order.order_date) == (50, Decimal(500), NOON)
    assert (plan.last_called, plan.next_call_date, plan.notes) == (NOON, NOON + DAY, "Ask for the chef.")
    month = Month.objects.get()
    assert (month.orders, month.revenue, month.calls) == (1, Decimal(500), 1)


def test_it_needs_none_of_it(cast: Cast, plan: CallPlan) -> None:
    nothing: dict[str, Any] = dict.fromkeys(("contact", "duration_seconds", "order", "call_back_at"))
    shown = recorded(plan, cast.asha, **nothing)
    said: dict[str, Any] = {
        name: shown["interaction"][name] for name in ("contact", "outcome", "details", "order", "duration_seconds")
    }
    assert said == {
        "contact": None,
        "outcome": "",
        "details": "Call recorded on the call plan.",
        "order": None,
        "duration_seconds": None,
    }
    assert (shown["attempts"], shown["call_back_at"], plan.notes) == (0, None, "Mornings only.")


def test_it_empties_the_notes_of_the_plan(cast: Cast, plan: CallPlan) -> None:
    assert recorded(plan, cast.asha, notes="")["notes"] == plan.notes == ""


def test_it_counts_a_refusal_as_a_call(cast: Cast, plan: CallPlan) -> None:
    shown = recorded(plan, cast.asha, outcome="REFUSED")
    assert (shown["last_called"], shown["next_call_date"]) == ("2024-12-28T12:00:00Z", "2024-12-29T12:00:00Z")
    assert shown["interaction"]["outcome"] == "REFUSED"


def test_it_overrides_the_cadence_once(cast: Cast, plan: CallPlan) -> None:
    shown = recorded(plan, cast.asha, next_call_date="2025-02-01T09:00:00Z")
    assert (shown["next_call_date"], shown["call_back_at"]) == ("2025-02-01T09:00:00Z", None)
    later = datetime.fromisoformat("2025-02-01T10:00:00Z")
    assert recorded(plan, cast.asha, now=later)["next_call_date"] == "2025-02-02T10:00:00Z"


def test_it_takes_people_of_the_chain_and_nobody_else(cast: Cast) -> None:
    head = restaurant(cast.asha)
    plan = call_plan(restaurant(cast.asha, parent=head))
    stranger, foreign = contact(restaurant(cast.asha)), contact(restaurant(cast.carl))
    assert refused(plan, cast.asha, contact=stranger.pk) == {
        "contact": ["Choose among the contacts of this restaurant or its chain."]
    }
    assert refused(plan, cast.asha, contact=foreign.pk) == {"contact": [f"There is no row with the id {foreign.pk}."]}
    assert refused(plan, cast.asha, contact=999_999) == {"contact": ["There is no row with the id 999999."]}
    buyer = contact(head)
    assert recorded(plan, cast.asha, contact=buyer.pk)["interaction"]["contact"] == buyer.pk


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"outcome": "Wants an offer"}, {"outcome"}),
        ({"outcome": None}, {"outcome"}),
        ({"outcome": ""}, {"outcome"}),
        ({"details": ""}, {"details"}),
        ({"duration_seconds": -1}, {"duration_seconds"}),
        ({"duration_seconds": 1.5}, {"duration_seconds"}),
        ({"order": {"quantity": 1, "total_price": 1}}, {"order.product_details"}),
        ({"order": {**ORDER, "quantity": 0}}, {"order.quantity"}),
        ({"order": {**ORDER, "total_price": -1}}, {"order.total_price"}),
        ({"order": ORDER, "outcome": "NO_ANSWER"}, {"order"}),
        ({"order": ORDER, "outcome": "WRONG_NUMBER"}, {"order"}),
        ({"next_call_date": "tomorrow"}, {"next_call_date"}),
        ({"next_call_date": None}, {"next_call_date"}),
        ({"outcome": "CALL_BACK"}, {"call_back_at"}),
        ({"outcome": "CALL_BACK", "call_back_at": None}, {"call_back_at"}),
        ({"outcome": "CALL_BACK", "call_back_at": "2024-12-28T12:00:00Z"}, {"call_back_at"}),
        ({"outcome": "CONNECTED", "call_back_at": "2024-12-28T15:00:00Z"}, {"call_back_at"}),
        ({"outcome": "NO_ANSWER", "call_back_at": "2024-12-28T15:00:00Z"}, {"call_back_at"}),
        ({"call_back_at": "2024-12-28T15:00:00Z"}, {"call_back_at"}),
        (
            {"outcome": "CALL_BACK", "call_back_at": "2024-12-28T15:00:00Z", "next_call_date": "2024-12-30T15:00:00Z"},
            {"next_call_date"},
        ),
        ({"outcome": "NO_ANSWER", "last_called": "2024-12-28T13:00:00Z"}, {"last_called"}),
        ({"notes": None}, {"notes"}),
        ({"status": "DONE"}, {"status"}),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, plan: CallPlan, body: dict[str, Any], names: set[str]) -> None:
    errors = refused(plan, cast.asha, **body)
    assert errors.keys() == names
    assert all(message for messages in errors.values() for message in messages)


def test_it_costs_the_same_however_much_there_is(cast: Cast, plan: CallPlan) -> None:
    who, costs = contact(plan.lead), []
    for calls in (1, 30):
        for number in range(calls):
            interaction(who, date=NOON - (number + 2) * HOUR, order=dict(ORDER))
        said = {"contact": who.pk, "order": ORDER, "notes": f"{calls} calls", "duration_seconds": 60}
        with CaptureQueriesContext(connection) as captured:
            recorded(plan, cast.asha, now=NOON + calls * DAY, outcome="CONNECTED", **said)
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in captured.captured_queries))
    assert costs[0] == costs[1] <= 25


# --- late, and the same call again ------------------------------------------------------------------


def test_it_keeps_all_of_a_late_call_and_moves_nothing(cast: Cast, plan: CallPlan) -> None:
    recorded(plan, cast.asha)
    late = (NOON - DAY).isoformat()
    shown = recorded(plan, cast.asha, last_called=late, outcome="CONNECTED", order=ORDER, notes="They pay cash.")
    assert (shown["interaction"]["order_placed"], shown["interaction"]["date"]) == (True, "2024-12-27T12:00:00Z")
    assert (plan.last_called, plan.next_call_date, plan.notes) == (NOON, NOON + DAY, "They pay cash.")
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize(
    ("said", "name", "remedy"),
    [
        ({"next_call_date": "2025-01-02T09:00:00Z"}, "next_call_date", "change the plan"),
        ({"outcome": "NO_ANSWER", "next_call_date": "2025-01-02T09:00:00Z"}, "next_call_date", "change the plan"),
        ({"outcome": "CALL_BACK", "call_back_at": "2025-01-02T09:00:00Z"}, "call_back_at", "CONNECTED"),
    ],
)
def test_it_does_not_take_a_date_from_a_late_call(
    cast: Cast, plan: CallPlan, said: dict[str, Any], name: str, remedy: str
) -> None:
    recorded(plan, cast.asha)
    errors = refused(plan, cast.asha, last_called=(NOON - DAY).isoformat(), **said)
    assert list(errors) == [name]
    assert remedy in errors[name][0]


def test_it_adds_to_a_call_that_is_recorded(cast: Cast, plan: CallPlan) -> None:
    who = contact(plan.lead)
    first = recorded(plan, cast.asha)
    again = NOON + HOUR
    said: dict[str, Any] = {"last_called": NOON.isoformat(), "outcome": "CONNECTED", "contact": who.pk, "order": ORDER}
    shown = recorded(plan, cast.asha, now=again, **said, next_call_date="2025-01-02T09:00:00Z")
    assert shown["interaction"]["id"] == first["interaction"]["id"]
    call = Interaction.objects.get()
    assert (call.outcome, call.contact, call.order_placed, call.order.quantity) == ("CONNECTED", who, True, 50)
    assert (plan.last_called, plan.next_call_date.isoformat()) == (NOON, "2025-01-02T09:00:00+00:00")
    # All of it once more, and the published form once more, change nothing.
    versions = (plan.version, call.version)
    recorded(plan, cast.asha, now=again, **said, next_call_date="2025-01-02T09:00:00Z")
    assert recorded(plan, cast.asha, now=again, last_called=NOON.isoformat()) == shown
    assert (plan.version, Interaction.objects.get().version) == versions


def test_it_takes_a_promise_into_a_call_that_is_recorded_and_back(cast: Cast, plan: CallPlan) -> None:
    recorded(plan, cast.asha)
    same: dict[str, Any] = {"last_called": NOON.isoformat()}
    shown = recorded(plan, cast.asha, **same, outcome="CALL_BACK", call_back_at="2025-01-03T09:00:00Z")
    assert (shown["call_back_at"], shown["next_call_date"]) == ("2025-01-03T09:00:00Z", "2025-01-03T09:00:00Z")
    assert recorded(plan, cast.asha, **same, details="On Friday.")["call_back_at"] == "2025-01-03T09:00:00Z"
    shown = recorded(plan, cast.asha, **same, outcome="CONNECTED")
    assert (shown["call_back_at"], shown["next_call_date"]) == (None, "2024-12-29T12:00:00Z")
    assert Interaction.objects.get().outcome == "CONNECTED"


def test_it_adds_to_a_late_call_and_leaves_the_plan(cast: Cast, plan: CallPlan) -> None:
    late = (NOON - DAY).isoformat()
    recorded(plan, cast.asha)
    recorded(plan, cast.asha, last_called=late)
    version = plan.version
    shown = recorded(plan, cast.asha, last_called=late, outcome="WRONG_NUMBER", details="A florist.")
    assert (shown["interaction"]["outcome"], shown["interaction"]["details"]) == ("WRONG_NUMBER", "A florist.")
    assert (plan.version, plan.attempts) == (version, 0)


def test_it_does_not_make_an_attempt_of_the_call_that_counts(cast: Cast, plan: CallPlan) -> None:
    call = recorded(plan, cast.asha)["interaction"]["id"]
    errors = refused(plan, cast.asha, last_called=NOON.isoformat(), outcome="NO_ANSWER")
    assert list(errors) == ["outcome"]
    assert f"interaction {call}" in errors["outcome"][0]


@pytest.mark.parametrize("fate", ["deleted", "moved"])
def test_it_says_that_a_recorded_call_is_gone(cast: Cast, plan: CallPlan, fate: str) -> None:
    path = f"/track/interactions/{recorded(plan, cast.asha)['interaction']['id']}/"
    if fate == "deleted":
        api(cast.asha).delete(path)
    else:
        api(cast.asha).patch(path, {"date": (NOON - HOUR).isoformat()})
    again = wrap_up(plan, cast.asha, last_called=NOON.isoformat())
    assert (again.status_code, again.json()["interaction"]) == (200, None)
    answer = wrap_up(plan, cast.asha, last_called=NOON.isoformat(), outcome="CONNECTED")
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["last_called"])
    assert Interaction.objects.count() == 1


def test_it_answers_a_retry_as_the_first_time(cast: Cast, plan: CallPlan) -> None:
    caller, path = api(cast.asha), f"/call/{plan.pk}/record_call/"
    body = {"outcome": "CONNECTED", "order": ORDER, "notes": "Pays cash."}
    first = caller.post(path, body, Idempotency_Key="wrap-up-1")
    again = caller.post(path, body, Idempotency_Key="wrap-up-1")
    assert (first.status_code, again.status_code, again["Idempotency-Replayed"]) == (200, 200, "true")
    assert (again.json(), again["ETag"]) == (first.json(), first["ETag"])
    assert Interaction.objects.count() == Order.objects.count() == 1
    assert caller.post(path, {"outcome": "BUSY"}, Idempotency_Key="wrap-up-1").status_code == 422


def test_it_completes_the_call_that_was_missed_that_day(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    mark_missed(NOON + DAY)
    shown = recorded(plan, cast.asha, now=NOON + DAY, last_called=NOON.isoformat(), outcome="CONNECTED", order=ORDER)
    call = Interaction.objects.get()
    assert (shown["interaction"]["id"], call.status, call.outcome, call.order_placed) == (
        call.pk,
        "DONE",
        "CONNECTED",
        True,
    )


def test_it_refuses_a_plan_that_somebody_changed(cast: Cast, plan: CallPlan) -> None:
    path = f"/call/{plan.pk}/record_call/"
    answer = api(cast.asha).post(path, {"outcome": "NO_ANSWER"}, If_Match='"7-x"')
    assert answer.status_code == 412
    assert not Interaction.objects.exists()
