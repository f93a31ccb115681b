"""Calls that reach nobody: the cadence stays, until there were as many as are allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from call_planning.models import CallPlan
from call_planning.tasks import mark_missed, plan_calls
from interaction_tracking.models import Interaction
from performance_tracking.models import Month
from tests.call_planning.calls import recorded, wrap_up
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha), frequency="WEEKLY", next_call_date=NOON - HOUR)


def try_in_vain(plan: CallPlan, cast: Cast, at: datetime, outcome: str = "NO_ANSWER", **said: Any) -> dict[str, Any]:
    return recorded(plan, cast.asha, now=at, outcome=outcome, **said)


@pytest.mark.parametrize("outcome", ["NO_ANSWER", "BUSY", "WRONG_NUMBER"])
def test_it_keeps_the_attempt_and_leaves_the_plan_where_it_is(cast: Cast, plan: CallPlan, outcome: str) -> None:
    plan_calls(NOON)
    shown = try_in_vain(plan, cast, NOON, outcome, details="Rang ten times.")
    assert (shown["attempts"], shown["last_called"], shown["message"]) == (1, None, None)
    assert shown["next_call_date"] == "2024-12-28T11:00:00Z"
    planned, tried = Interaction.objects.order_by("pk")
    assert (planned.status, planned.outcome) == ("PLANNED", "")
    assert (tried.status, tried.outcome, tried.interaction_type) == ("DONE", outcome, "CALL")
    assert (tried.date, tried.call_plan, tried.kam, tried.details) == (NOON, plan, cast.asha, "Rang ten times.")
    assert (plan.attempts, plan.attempted_at, plan.last_called) == (1, NOON, None)
    assert not Month.objects.exists()  # it counts in no figure


def test_it_moves_on_after_as_many_as_are_allowed_and_says_so(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    planned = Interaction.objects.get()
    assert [try_in_vain(plan, cast, NOON + number * HOUR)["message"] for number in range(2)] == [None, None]
    shown = try_in_vain(plan, cast, NOON + 2 * HOUR, "BUSY")
    assert shown["message"] == "Tried 3 times without an answer; the plan moves on to 4 January 2025."
    assert (shown["attempts"], shown["last_called"]) == (0, None)
    assert shown["next_call_date"] == "2025-01-04T14:00:00Z"
    assert shown["interaction"]["id"] == planned.pk
    planned.refresh_from_db()
    assert (planned.status, planned.outcome, planned.date) == ("DONE", "BUSY", NOON + 2 * HOUR)
    assert Interaction.objects.count() == 3
    assert plan_calls(NOON + 3 * HOUR) == 0


@pytest.mark.parametrize(("allowed", "words"), [(1, "once"), (2, "2 times")])
def test_it_goes_by_the_setting(cast: Cast, plan: CallPlan, settings: Any, allowed: int, words: str) -> None:
    settings.CALL_ATTEMPTS = allowed
    said = [try_in_vain(plan, cast, NOON + number * HOUR)["message"] for number in range(allowed)]
    assert said[:-1] == [None] * (allowed - 1)
    assert said[-1].startswith(f"Tried {words} without an answer")
    assert Interaction.objects.count() == allowed  # nothing was planned, so each is kept by itself


def test_it_keeps_the_cadence_of_the_last_call_when_it_moves_on(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="MONTHLY", at=datetime(2024, 12, 1, tzinfo=UTC))
    last = datetime(2025, 1, 31, 10, tzinfo=UTC)
    recorded(plan, cast.asha, now=last)
    due = datetime(2025, 2, 28, 10, tzinfo=UTC)
    for number in range(3):
        shown = try_in_vain(plan, cast, due + number * HOUR)
    assert (shown["last_called"], shown["next_call_date"]) == ("2025-01-31T10:00:00Z", "2025-03-31T12:00:00Z")


def test_it_never_moves_on_to_an_earlier_date(cast: Cast, plan: CallPlan) -> None:
    api(cast.asha).patch(f"/call/{plan.pk}/", {"next_call_date": "2025-06-01T10:00:00Z"})
    shown = [try_in_vain(plan, cast, NOON + number * HOUR) for number in range(3)][-1]
    assert (shown["next_call_date"], shown["attempts"]) == ("2025-06-01T10:00:00Z", 0)


def test_it_takes_another_date_instead(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    shown = try_in_vain(plan, cast, NOON, next_call_date="2025-01-02T09:00:00Z")
    assert (shown["next_call_date"], shown["attempts"]) == ("2025-01-02T09:00:00Z", 1)
    assert sorted(Interaction.objects.values_list("status", flat=True)) == ["CANCELLED", "DONE"]
    try_in_vain(plan, cast, NOON + HOUR)
    shown = try_in_vain(plan, cast, NOON + 2 * HOUR, next_call_date="2025-01-03T09:00:00Z")
    assert (shown["next_call_date"], shown["attempts"]) == ("2025-01-03T09:00:00Z", 0)
    assert shown["message"].endswith("the plan moves on to 3 January 2025.")


def test_it_begins_anew_with_the_next_call(cast: Cast, plan: CallPlan) -> None:
    for number in range(2):
        try_in_vain(plan, cast, NOON + number * HOUR)
    shown = recorded(plan, cast.asha, now=NOON + 2 * HOUR, outcome="CONNECTED")
    assert (shown["attempts"], plan.attempted_at, shown["next_call_date"]) == (0, None, "2025-01-04T14:00:00Z")
    assert try_in_vain(plan, cast, NOON + 3 * HOUR)["attempts"] == 1


def test_it_misses_a_planned_call_that_was_only_tried(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    try_in_vain(plan, cast, NOON)
    assert mark_missed(NOON + DAY) == 1
    assert sorted(Interaction.objects.values_list("status", flat=True)) == ["DONE", "MISSED"]
    assert plan_calls(NOON + DAY) == 1
    assert api(cast.asha).get(f"/call/{plan.pk}/").json()["attempts"] == 1


def test_it_leaves_a_snooze_which_a_call_ends(cast: Cast, plan: CallPlan) -> None:
    until = "2024-12-30T09:00:00Z"
    assert api(cast.asha).post(f"/call/{plan.pk}/snooze/", {"until": until}).status_code == 200
    shown = try_in_vain(plan, cast, NOON)
    assert (shown["snoozed_until"], shown["attempts"], shown["suggested_call_at"]) == (until, 1, until)
    shown = recorded(plan, cast.asha, now=NOON + HOUR, outcome="CONNECTED")
    assert (shown["snoozed_until"], plan.snoozed_until) == (None, None)


# --- the same attempt again, late ones, and corrections ----------------------------------------------


def test_it_counts_an_attempt_once(cast: Cast, plan: CallPlan) -> None:
    moment = NOON.isoformat()
    first = try_in_vain(plan, cast, NOON)
    for said in ({"outcome": "NO_ANSWER"}, {}):
        again = recorded(plan, cast.asha, now=NOON + HOUR, last_called=moment, **said)
        assert again == first
    shown = recorded(plan, cast.asha, now=NOON + HOUR, last_called=moment, outcome="BUSY", details="Engaged.")
    assert (shown["attempts"], shown["interaction"]["outcome"]) == (1, "BUSY")
    assert Interaction.objects.get().details == "Engaged."


def test_it_counts_only_what_came_after_the_last_call(cast: Cast, plan: CallPlan) -> None:
    recorded(plan, cast.asha)
    version = plan.version
    shown = try_in_vain(plan, cast, NOON + HOUR, last_called=(NOON - HOUR).isoformat())
    assert (shown["attempts"], shown["interaction"]["outcome"], plan.version) == (0, "NO_ANSWER", version)


def test_it_counts_attempts_that_are_told_in_any_order(cast: Cast, plan: CallPlan) -> None:
    for minutes in (40, 10):
        shown = try_in_vain(plan, cast, NOON, last_called=(NOON - minutes * MINUTE).isoformat())
    assert (shown["attempts"], plan.attempted_at) == (2, NOON - 10 * MINUTE)
    shown = try_in_vain(plan, cast, NOON, last_called=(NOON - 30 * MINUTE).isoformat())
    assert (shown["attempts"], shown["next_call_date"]) == (0, "2025-01-04T11:50:00Z")
    # The plan has moved on by then: one more that was earlier changes nothing.
    shown = try_in_vain(plan, cast, NOON, last_called=(NOON - 20 * MINUTE).isoformat())
    assert (shown["attempts"], shown["next_call_date"]) == (0, "2025-01-04T11:50:00Z")


def test_it_keeps_the_attempts_after_a_call_that_is_told_late(cast: Cast, plan: CallPlan) -> None:
    for minutes in (50, 20):
        try_in_vain(plan, cast, NOON, last_called=(NOON - minutes * MINUTE).isoformat())
    shown = recorded(plan, cast.asha, last_called=(NOON - 30 * MINUTE).isoformat())
    assert (shown["attempts"], plan.attempted_at) == (1, NOON - 20 * MINUTE)


def test_it_does_not_fall_back_behind_what_it_moved_on_to(cast: Cast, plan: CallPlan) -> None:
    for number in range(3):
        try_in_vain(plan, cast, NOON + number * HOUR)
    shown = recorded(plan, cast.asha, now=NOON + 3 * HOUR, last_called=(NOON - 2 * DAY).isoformat())
    assert (shown["last_called"], shown["next_call_date"]) == ("2024-12-26T12:00:00Z", "2025-01-04T14:00:00Z")


def test_it_makes_a_call_of_an_attempt_that_reached_somebody(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    try_in_vain(plan, cast, NOON)
    shown = recorded(plan, cast.asha, now=NOON + HOUR, last_called=NOON.isoformat(), outcome="CONNECTED")
    assert (shown["attempts"], shown["last_called"], shown["next_call_date"]) == (
        0,
        "2024-12-28T12:00:00Z",
        "2025-01-04T12:00:00Z",
    )
    rows = Interaction.objects.values_list("status", "outcome")
    assert sorted(rows) == [("CANCELLED", ""), ("DONE", "CONNECTED")]
    assert Month.objects.get().calls == 1


def test_it_takes_another_date_for_an_attempt_that_is_recorded(cast: Cast, plan: CallPlan) -> None:
    try_in_vain(plan, cast, NOON)
    said = {"last_called": NOON.isoformat(), "next_call_date": "2025-01-02T09:00:00Z"}
    shown = recorded(plan, cast.asha, now=NOON + HOUR, **said)
    assert (shown["attempts"], shown["next_call_date"]) == (1, "2025-01-02T09:00:00Z")


# --- from elsewhere ----------------------------------------------------------------------------------


def test_it_counts_a_planned_call_that_was_recorded_as_made_in_vain(cast: Cast, plan: CallPlan) -> None:
    plan_calls(NOON)
    call = Interaction.objects.get()
    sent = {"status": "DONE", "outcome": "NO_ANSWER", "date": NOON.isoformat()}
    assert api(cast.asha).patch(f"/track/interactions/{call.pk}/", sent).status_code == 200
    plan.refresh_from_db()
    assert (plan.attempts, plan.attempted_at, plan.last_called) == (1, NOON, None)
    assert plan.next_call_date == NOON - HOUR


def test_it_forgets_attempts_while_the_restaurant_rests(cast: Cast, plan: CallPlan) -> None:
    try_in_vain(plan, cast, NOON)
    path = f"/lead/restaurants/{plan.lead_id}/change_status/"
    for status in ("LOST", "CONTACTED"):
        assert api(cast.root).post(path, {"status": status}).status_code == 200
    plan.refresh_from_db()
    assert plan.attempts == 1  # the same day: nothing came due meanwhile
    plan.lead.refresh_from_db()
    plan.wake(at=NOON + 3 * DAY)
    plan.refresh_from_db()
    assert (plan.attempts, plan.attempted_at) == (0, None)


def test_it_says_so_in_the_brief_and_to_staff(cast: Cast, plan: CallPlan) -> None:
    for number in range(2):
        try_in_vain(plan, cast, NOON + number * HOUR)
    chapters = api(cast.asha).get(f"/lead/restaurants/{plan.lead_id}/brief/").json()["chapters"]
    (told,) = [chapter["entries"] for chapter in chapters if chapter["code"] == "call_plan"]
    assert [(entry["label"], entry["text"], entry["at"]) for entry in told if entry["label"] == "Tried"] == [
        ("Tried", "2 times, without an answer", "2024-12-28T13:00:00Z")
    ]
    recorded(plan, cast.asha, now=NOON + 2 * HOUR, outcome="CALL_BACK", call_back_at="2025-01-02T09:00:00Z")
    chapters = api(cast.asha).get(f"/lead/restaurants/{plan.lead_id}/brief/").json()["chapters"]
    (told,) = [chapter["entries"] for chapter in chapters if chapter["code"] == "call_plan"]
    assert ("Promised to call back", "2025-01-02T09:00:00Z") in [(entry["label"], entry["at"]) for entry in told]


def test_it_asks_last_for_who_has_a_wrong_number(cast: Cast, plan: CallPlan) -> None:
    owner, chef = contact(plan.lead, role_kind="OWNER"), contact(plan.lead, role_kind="CHEF", phone="+1 212 555 0100")

    def asked() -> tuple[int, str]:
        (row,) = api(cast.asha).get("/call/next/").json()
        return row["suggested_contact"]["id"], row["suggested_contact"]["why"]

    assert asked() == (owner.pk, "Owner.")
    try_in_vain(plan, cast, NOON, "WRONG_NUMBER", contact=owner.pk)
    assert asked() == (chef.pk, "Chef.")
    # Nobody answered at the other one: that says nothing of either number.
    try_in_vain(plan, cast, NOON - MINUTE, "WRONG_NUMBER", contact=chef.pk)
    assert asked() == (owner.pk, "Owner, called last at a wrong number.")
    owner.revise(by=cast.asha, at=NOON + MINUTE, name="Somebody else")
    chef.revise(by=cast.asha, at=NOON + MINUTE, phone="+1 212 555 0199")
    assert asked() == (chef.pk, "Chef.")
    interaction(owner, date=NOON, outcome="BUSY")
    assert asked() == (chef.pk, "Chef.")
    interaction(owner, date=NOON + MINUTE, outcome="CONNECTED")
    assert asked()[0] == owner.pk
    assert wrap_up(plan, cast.nora, outcome="BUSY").status_code == 403
