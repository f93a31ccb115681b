"""`POST /call/{id}/snooze/` and `unsnooze/`: nobody is asked to call before a moment, and the cadence stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from call_planning.models import CallPlan
from call_planning.tasks import morning_plans, plan_calls
from interaction_tracking.models import Interaction
from kams.models import User
from notifications.models import Message
from tests.cast import NOON, Cast, api, call_plan, collaboration, cover, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2024, 12, 29, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def due(owner: User | None, when: datetime = NOON, **fields: Any) -> CallPlan:
    return call_plan(restaurant(owner, **fields), next_call_date=when)


def snooze(caller: User, plan: CallPlan, until: datetime, **fields: Any) -> Any:
    return api(caller).post(f"/call/{plan.pk}/snooze/", {"until": until.isoformat(), **fields})


def snoozed(cast: Cast, until: datetime, when: datetime = NOON, **fields: Any) -> CallPlan:
    plan = due(cast.asha, when, **fields)
    assert snooze(cast.asha, plan, until).status_code == 200
    return plan


def listed(caller: User, path: str) -> list[int]:
    answer = api(caller).get(path)
    assert answer.status_code == 200, answer.content
    return [row.get("call_plan", row.get("id")) for row in answer.json()]


def calls(plan: CallPlan) -> list[tuple[str, datetime | None]]:
    return list(Interaction.objects.filter(call_plan=plan).order_by("pk").values_list("status", "due_at"))


# --- the action ---------------------------------------------------------------------------------
def test_it_keeps_until_when_and_why_and_leaves_the_due_date(cast: Cast) -> None:
    plan = due(cast.asha)
    answer = snooze(cast.asha, plan, NOON + 3 * DAY, reason="  The owner is away. ")
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["snoozed_until"], shown["snooze_reason"]) == ("2024-12-31T12:00:00Z", "The owner is away.")
    assert (shown["next_call_date"], shown["is_overdue"], shown["version"]) == ("2024-12-28T12:00:00Z", False, 2)
    assert shown == api(cast.asha).get(f"/call/{plan.pk}/").json()
    plan.refresh_from_db()
    assert (plan.snoozed_until, plan.snooze_reason) == (NOON + 3 * DAY, "The owner is away.")
    assert plan.next_call_date == plan.updated_at == NOON


def test_it_needs_no_reason_and_takes_the_newest(cast: Cast) -> None:
    plan = snoozed(cast, NOON + DAY)
    assert snooze(cast.asha, plan, NOON + 2 * DAY, reason="Moving.").json()["snooze_reason"] == "Moving."
    shown = snooze(cast.asha, plan, NOON + HOUR).json()
    assert (shown["snoozed_until"], shown["snooze_reason"]) == ("2024-12-28T13:00:00Z", "")


def test_it_changes_nothing_when_it_is_the_same_again(cast: Cast) -> None:
    plan = snoozed(cast, NOON + DAY)
    before = marks()
    assert snooze(cast.asha, plan, NOON + DAY).status_code == 200
    assert marks() == before


def test_it_is_for_at_most_366_days(cast: Cast) -> None:
    plan = due(cast.asha)
    assert snooze(cast.asha, plan, NOON + 366 * DAY).status_code == 200
    assert snooze(cast.asha, plan, NOON + TICK).status_code == 200


@pytest.mark.parametrize("until", [NOON, NOON - TICK, NOON - DAY, NOON + 366 * DAY + TICK, NOON + 4000 * DAY])
def test_it_refuses_a_moment_that_is_over_or_too_far(cast: Cast, until: datetime) -> None:
    plan = due(cast.asha)
    before = marks()
    answer = snooze(cast.asha, plan, until)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"] == {"until": ["Send a moment that is still to come, within 366 days."]}
    assert marks() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "until"),
        ({"until": None}, "until"),
        ({"until": "tomorrow"}, "until"),
        ({"until": "2024-12-30"}, "until"),
        ({"until": "2024-12-30T10:00:00"}, "until"),
        ({"until": 1735552800}, "until"),
        ({"until": "9999-12-31T23:59:59-23:59"}, "until"),
        ({"until": "2024-12-30T10:00:00Z", "reason": 5}, "reason"),
        ({"until": "2024-12-30T10:00:00Z", "reason": None}, "reason"),
        ({"until": "2024-12-30T10:00:00Z", "reason": "x" * 501}, "reason"),
        ({"until": "2024-12-30T10:00:00Z", "reason": "\0"}, "reason"),
        ({"until": "2024-12-30T10:00:00Z", "days": 3}, "days"),
    ],
)
def test_it_refuses_by_name_what_it_does_not_understand(cast: Cast, body: Any, field: str) -> None:
    plan = due(cast.asha)
    before = marks()
    answer = api(cast.asha).post(f"/call/{plan.pk}/snooze/", body)
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert marks() == before


def test_it_cannot_be_sent_with_the_plan(cast: Cast) -> None:
    plan = due(cast.asha)
    sent = {"snoozed_until": "2025-01-05T00:00:00Z", "snooze_reason": "So."}
    answer = api(cast.asha).patch(f"/call/{plan.pk}/", sent)
    assert (answer.status_code, answer.json()["snoozed_until"], answer.json()["snooze_reason"]) == (200, None, "")


# --- who is not asked ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("until", "today"),
    [(NOON + TICK, True), (MIDNIGHT - TICK, True), (MIDNIGHT, False), (MIDNIGHT + TICK, False)],
)
def test_it_is_not_of_today_while_it_lasts_beyond_the_day(cast: Cast, until: datetime, today: bool) -> None:  # noqa: FBT001
    plan = snoozed(cast, until)
    assert listed(cast.asha, "/call/today/") == ([plan.pk] if today else [])
    assert listed(cast.asha, "/call/next/") == []
    with time_machine.travel(until, tick=False):
        assert listed(cast.asha, "/call/today/") == listed(cast.asha, "/call/next/") == [plan.pk]


def test_it_is_the_day_of_who_asks(cast: Cast) -> None:
    plan = due(cast.asha)
    until = datetime(2024, 12, 28, 20, tzinfo=UTC)  # the 29th in India
    snooze(cast.asha, plan, until)
    assert listed(cast.asha, "/call/today/") == [plan.pk]
    cast.asha.revise(by=cast.root, at=NOON, timezone="Asia/Kolkata")
    assert listed(cast.asha, "/call/today/") == []


def test_it_leaves_out_the_whole_restaurant_whatever_the_reason_to_call(cast: Cast) -> None:
    plan = due(cast.asha, NOON + 30 * DAY, lead_status="NEW")
    assert listed(cast.asha, "/call/next/") == [plan.pk]
    snooze(cast.asha, plan, NOON + DAY)
    assert listed(cast.asha, "/call/next/") == []


def test_it_counts_what_was_called_today_although_it_is_snoozed(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, daily_capacity=1)
    called, other = due(cast.asha), due(cast.asha)
    api(cast.asha).post(f"/call/{called.pk}/record_call/")
    snooze(cast.asha, called, NOON + 9 * DAY)
    (row,) = api(cast.asha).get("/call/next/").json()
    assert (row["call_plan"], row["leave_for_tomorrow"]) == (other.pk, True)


def test_it_is_snoozed_for_everybody_who_works_on_it(cast: Cast) -> None:
    shared, covered = due(cast.asha), due(cast.carl)
    collaboration(shared.lead, cast.bela, by=cast.root)
    cover(cast.carl, cast.bela)
    assert listed(cast.bela, "/call/today/") == [shared.pk, covered.pk]
    assert snooze(cast.bela, shared, NOON + 2 * DAY).status_code == 200
    assert snooze(cast.bela, covered, NOON + 2 * DAY).status_code == 200
    for who in (cast.asha, cast.bela, cast.carl, cast.maya, cast.root):
        assert listed(who, "/call/today/") == listed(who, "/call/next/") == []


def test_it_is_not_planned_nor_told_before_the_day_on_which_it_ends(cast: Cast) -> None:
    plan = snoozed(cast, NOON + 2 * DAY + HOUR, name="Spice")
    seven = NOON - 5 * HOUR
    for day in (1, 2, 3):
        assert (plan_calls(seven + day * DAY), morning_plans(seven + day * DAY)) == ((0, 0), (1, 1), (0, 1))[day - 1]
    assert calls(plan) == [("PLANNED", NOON + 2 * DAY + HOUR)]
    told = Message.objects.filter(user=cast.asha, kind="morning_plan", channel="IN_APP").order_by("pk").first()
    assert told is not None
    assert [row["name"] for row in told.facts["overdue"]["rows"]] == ["Spice"]


def test_it_takes_back_the_call_that_is_planned(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    assert calls(plan) == [("PLANNED", NOON)]
    snooze(cast.asha, plan, NOON + DAY)
    assert calls(plan) == [("CANCELLED", None)]
    assert plan_calls(NOON) == 0
    assert plan_calls(NOON + DAY) == 1
    assert calls(plan) == [("CANCELLED", None), ("PLANNED", NOON + DAY)]


def test_it_plans_the_call_of_today_for_when_the_snooze_ends(cast: Cast) -> None:
    plan = due(cast.asha, NOON - DAY)
    plan_calls(NOON)
    snooze(cast.asha, plan, NOON + 3 * HOUR)
    assert plan_calls(NOON + TICK) == 1
    assert calls(plan) == [("CANCELLED", None), ("PLANNED", NOON + 3 * HOUR)]
    assert snooze(cast.asha, plan, NOON + 3 * HOUR, reason="Lunch.").status_code == 200
    assert calls(plan)[-1] == ("PLANNED", NOON + 3 * HOUR)  # still what the plan asks for


def test_it_suggests_a_call_after_it_is_over(cast: Cast) -> None:
    monday = datetime(2024, 12, 30, tzinfo=UTC)
    plan = due(cast.asha, NOON, country="", timezone="UTC")
    shown = snooze(cast.asha, plan, monday + 10 * HOUR + timedelta(seconds=1)).json()
    assert shown["suggested_call_at"] == "2024-12-30T10:01:00Z"
    shown = snooze(cast.asha, plan, NOON + HOUR).json()
    assert shown["suggested_call_at"] == "2024-12-30T09:00:00Z"


# --- how it ends --------------------------------------------------------------------------------
def test_it_is_over_when_the_moment_has_come(cast: Cast) -> None:
    plan = snoozed(cast, NOON + HOUR)
    tag = api(cast.asha).get(f"/call/{plan.pk}/")["ETag"]
    with time_machine.travel(NOON + HOUR, tick=False):
        answer = api(cast.asha).get(f"/call/{plan.pk}/", If_None_Match=tag)
        assert (answer.status_code, answer.json()["snoozed_until"], answer.json()["snooze_reason"]) == (200, None, "")
        assert answer.json()["version"] == 2
        assert api(cast.asha).patch(f"/call/{plan.pk}/", {"notes": "Now."}, If_Match=tag).status_code == 200


def test_it_ends_with_a_call_and_the_next_one_counts_from_that(cast: Cast) -> None:
    plan = snoozed(cast, NOON + 9 * DAY)
    shown = api(cast.asha).post(f"/call/{plan.pk}/record_call/").json()
    assert (shown["snoozed_until"], shown["snooze_reason"]) == (None, "")
    assert shown["next_call_date"] == "2024-12-29T12:00:00Z"
    plan.refresh_from_db()
    assert plan.snoozed_until is None


def test_it_ends_with_a_planned_call_that_is_set_to_done(cast: Cast) -> None:
    plan = snoozed(cast, NOON + HOUR)
    plan_calls(NOON)
    (call,) = Interaction.objects.filter(call_plan=plan)
    assert api(cast.asha).patch(f"/track/interactions/{call.pk}/", {"status": "DONE"}).status_code == 400
    done = {"status": "DONE", "date": NOON.isoformat()}
    assert api(cast.asha).patch(f"/track/interactions/{call.pk}/", done).status_code == 200
    plan.refresh_from_db()
    assert (plan.snoozed_until, plan.last_called) == (None, NOON)


def test_it_outlasts_a_call_that_is_older_than_the_last(cast: Cast) -> None:
    plan = due(cast.asha)
    api(cast.asha).post(f"/call/{plan.pk}/record_call/")
    snooze(cast.asha, plan, NOON + 9 * DAY)
    late = {"last_called": (NOON - DAY).isoformat()}
    assert api(cast.asha).post(f"/call/{plan.pk}/record_call/", late).json()["snoozed_until"] == "2025-01-06T12:00:00Z"


def test_it_ends_when_somebody_says_so_and_the_call_is_planned_as_before(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    snooze(cast.asha, plan, NOON + 2 * HOUR, reason="Lunch.")
    plan_calls(NOON + TICK)
    shown = api(cast.asha).post(f"/call/{plan.pk}/unsnooze/").json()
    assert (shown["snoozed_until"], shown["snooze_reason"], shown["version"]) == (None, "", 3)
    assert listed(cast.asha, "/call/today/") == listed(cast.asha, "/call/next/") == [plan.pk]
    plan_calls(NOON + 2 * TICK)
    assert calls(plan) == [("CANCELLED", None), ("CANCELLED", None), ("PLANNED", NOON)]


def test_it_changes_nothing_where_nothing_is_snoozed(cast: Cast) -> None:
    plan = due(cast.asha)
    before = marks()
    assert api(cast.asha).post(f"/call/{plan.pk}/unsnooze/").status_code == 200
    assert marks() == before
    assert api(cast.asha).post(f"/call/{plan.pk}/unsnooze/", {"until": "now"}).status_code == 400


def test_it_stays_while_the_restaurant_is_lost_and_after_it_is_reopened(cast: Cast) -> None:
    plan = snoozed(cast, NOON + 9 * DAY)
    path = f"/lead/restaurants/{plan.lead_id}/change_status/"
    for status in ("LOST", "CONTACTED", "INACTIVE", "NEGOTIATING"):
        assert api(cast.asha).post(path, {"status": status}).status_code == 200
        plan.refresh_from_db()
        assert plan.snoozed_until == NOON + 9 * DAY
    assert listed(cast.asha, "/call/today/") == []


def test_it_stays_when_the_cadence_or_the_due_date_changes(cast: Cast) -> None:
    plan = snoozed(cast, NOON + 9 * DAY)
    caller = api(cast.asha)
    caller.patch(f"/call/{plan.pk}/set_frequency/", {"frequency": "WEEKLY"})
    caller.patch(f"/call/{plan.pk}/", {"next_call_date": NOON.isoformat()})
    assert caller.get(f"/call/{plan.pk}/").json()["snoozed_until"] == "2025-01-06T12:00:00Z"
    assert (listed(cast.asha, "/call/today/"), plan_calls(NOON)) == ([], 0)


# --- the list -----------------------------------------------------------------------------------
def test_it_filters_by_what_is_snoozed_now(cast: Cast) -> None:
    awake, asleep, over = due(cast.asha), snoozed(cast, NOON + 2 * HOUR), snoozed(cast, NOON + HOUR)
    with time_machine.travel(NOON + HOUR, tick=False):
        assert listed(cast.asha, "/call/?is_snoozed=true") == [asleep.pk]
        assert listed(cast.asha, "/call/?is_snoozed=false") == [awake.pk, over.pk]
        assert listed(cast.asha, "/call/today/?is_snoozed=true") == [asleep.pk]
    answer = api(cast.asha).get("/call/?is_snoozed=maybe")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["is_snoozed"])


def test_it_asks_columns_that_an_index_can_answer(cast: Cast) -> None:
    snoozed(cast, NOON + DAY)
    with CaptureQueriesContext(connection) as captured:
        assert len(listed(cast.root, "/call/?is_snoozed=true")) == 1
    where = captured.captured_queries[-1]["sql"].partition(" WHERE ")[2].replace("`", '"')
    assert '"call_planning_callplan"."snoozed_until" > ' in where
    assert "CASE" not in where


# --- who ----------------------------------------------------------------------------------------
def test_it_is_for_who_may_change_the_plan(cast: Cast) -> None:
    plan = snoozed(cast, NOON + DAY)
    refused = {cast.bela: 404, cast.carl: 404, cast.nora: 403}
    before = marks()
    for who, status in refused.items():
        assert snooze(who, plan, NOON + 2 * DAY).status_code == status
        assert api(who).post(f"/call/{plan.pk}/unsnooze/").status_code == status
    assert marks() == before
    assert snooze(cast.maya, plan, NOON + 2 * DAY).status_code == 200
    assert api(cast.root).post(f"/call/{plan.pk}/unsnooze/").status_code == 200
