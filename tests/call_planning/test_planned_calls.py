"""The job that plans calls: once for a plan and a due date, by the clock of who calls, and the KAM is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from call_planning.models import CallPlan, PlannedCall
from call_planning.tasks import mark_missed, plan_calls
from interaction_tracking.models import Interaction
from kams.choices import Role
from kams.models import User
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, call_plan, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)
MORNING = datetime(2024, 12, 28, tzinfo=UTC)


def due(owner: User | None, when: datetime = NOON, **fields: Any) -> CallPlan:
    return call_plan(restaurant(owner, **fields), next_call_date=when)


def calls(plan: CallPlan) -> list[tuple[str, datetime | None]]:
    """What became of the calls of a plan, and what each was planned for."""
    return list(Interaction.objects.filter(call_plan=plan).order_by("pk").values_list("status", "due_at"))


def told(user: User, kind: str = "calls_planned") -> list[list[str]]:
    """The restaurants that each message to this person names."""
    messages = Message.objects.filter(user=user, kind=kind).order_by("pk")
    return [[row["name"] for row in message.facts["rows"]] for message in messages]


# --- what is planned ----------------------------------------------------------------------------


def test_it_plans_what_is_due_today_and_shows_it_as_an_interaction(cast: Cast) -> None:
    plan = due(cast.asha, NOON + timedelta(hours=3), name="Spice")
    assert plan_calls(NOON) == 1
    (row,) = api(cast.asha).get("/track/interactions/?status=PLANNED").json()
    assert (row["lead"], row["call_plan"], row["interaction_type"]) == (plan.lead_id, plan.pk, "CALL")
    assert (row["date"], row["due_at"]) == ("2024-12-28T15:00:00Z", "2024-12-28T15:00:00Z")
    assert (row["kam"], row["contact"], row["details"]) == (None, None, "Call as planned.")
    plan.refresh_from_db()
    assert (plan.next_call_date, plan.version) == (NOON + timedelta(hours=3), 1)


def test_it_plans_once_however_often_it_runs(cast: Cast) -> None:
    plan = due(cast.asha)
    assert [plan_calls(NOON + timedelta(hours=hour)) for hour in range(4)] == [1, 0, 0, 0]
    assert calls(plan) == [("PLANNED", NOON)]
    assert len(told(cast.asha)) == 1


def test_it_tells_a_person_once_of_all_their_calls_in_the_order_they_are_due(cast: Cast) -> None:
    due(cast.asha, NOON + timedelta(hours=2), name="Later")
    due(cast.asha, NOON, name="Sooner")
    due(cast.asha, NOON - 3 * DAY, name="Overdue")
    due(cast.bela, name="Another")
    assert plan_calls(NOON) == 4
    assert told(cast.asha) == [["Overdue", "Sooner", "Later"]]
    assert told(cast.bela) == [["Another"]]
    message = Message.objects.get(user=cast.asha)
    assert (message.channel, message.title) == ("IN_APP", "3 calls are planned")
    words = words_of(message)
    assert "For 28 December 2024:\n- 12:00: Overdue, New York (John Doe, +1234567890)" in words.text
    assert "<strong>Sooner</strong>" in words.html


def test_it_names_fifty_restaurants_and_counts_the_others(cast: Cast) -> None:
    for number in range(52):
        due(cast.asha, name=f"Place {number:02}")
    plan_calls(NOON)
    message = Message.objects.get()
    assert (len(message.facts["rows"]), message.facts["count"]) == (50, 52)
    assert words_of(message).text.endswith("- and 2 more\n")


@pytest.mark.parametrize(
    ("zone", "planned"),
    [
        ("UTC", ["28 23:30"]),
        ("Asia/Kolkata", []),  # until 18:30 UTC
        ("America/New_York", ["28 23:30", "29 03:00"]),  # until 05:00 UTC of the 29th
        ("Pacific/Auckland", ["28 23:30", "29 03:00", "29 10:30"]),  # where it is the 29th
    ],
)
def test_it_is_the_day_of_who_calls(cast: Cast, zone: str, planned: list[str]) -> None:
    caller = person(team=cast.south, timezone=zone)
    for hours in (11.5, 15, 22.5, 48):
        due(caller, NOON + timedelta(hours=hours), timezone="Asia/Dubai")
    plan_calls(NOON)
    assert [f"{call.date:%d %H:%M}" for call in PlannedCall.objects.open().order_by("date")] == planned


@pytest.mark.parametrize("status", ["LOST", "INACTIVE"])
def test_it_plans_nothing_where_nobody_is_to_be_called(cast: Cast, status: str) -> None:
    due(cast.asha, lead_status=status)
    due(None)  # the pool has nobody who would call
    archived, ended, gone = due(cast.asha), due(cast.asha), due(cast.bela)
    api(cast.asha).delete(f"/lead/restaurants/{archived.lead_id}/")
    api(cast.asha).delete(f"/call/{ended.pk}/")
    User.objects.filter(pk=cast.bela.pk).update(is_active=False)
    due(cast.asha, NOON + DAY)
    assert plan_calls(NOON) == 0
    assert not Interaction.objects.exists()
    assert not Message.objects.exists()
    assert gone.lead.assigned_to == cast.bela


def test_it_plans_for_whoever_takes_a_restaurant_of_the_pool(cast: Cast) -> None:
    plan = due(None)
    api(cast.asha).patch(f"/lead/restaurants/{plan.lead_id}/", {"assigned_to": cast.asha.pk})
    assert plan_calls(NOON) == 1
    assert told(cast.asha) == [[plan.lead.name]]


@pytest.mark.django_db
def test_it_plans_for_managers_who_have_restaurants_of_their_own() -> None:
    due(person("mark", role=Role.MANAGER))
    assert plan_calls(NOON) == 1


# --- days without the job -----------------------------------------------------------------------


def test_it_catches_up_with_one_call_and_one_message_when_it_did_not_run_for_a_week(cast: Cast) -> None:
    daily, weekly = due(cast.asha, name="Daily"), due(cast.asha, NOON - DAY, name="Weekly")
    week = NOON + 7 * DAY
    assert plan_calls(week) == 2
    # What came due before today is to be called today.
    assert calls(daily) == calls(weekly) == [("PLANNED", MORNING + 7 * DAY)]
    assert told(cast.asha) == [["Weekly", "Daily"]]


def test_it_plans_anew_each_day_until_the_call_is_made(cast: Cast) -> None:
    plan = due(cast.asha)
    for day in range(3):
        plan_calls(NOON + day * DAY)
        mark_missed(NOON + (day + 1) * DAY)
    assert calls(plan) == [("MISSED", NOON), ("MISSED", MORNING + DAY), ("MISSED", MORNING + 2 * DAY)]


def test_it_waits_with_the_next_until_the_last_is_missed(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    assert plan_calls(NOON + DAY) == 0
    mark_missed(NOON + DAY)
    assert plan_calls(NOON + DAY) == 1
    assert [status for status, _ in calls(plan)] == ["MISSED", "PLANNED"]


# --- what completes it, and what takes it back --------------------------------------------------


def record(cast: Cast, plan: CallPlan, moment: str, *, now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        answer = api(cast.root).post(f"/call/{plan.pk}/record_call/", {"last_called": moment})
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_is_completed_by_the_call_and_the_next_due_date_gets_its_own(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    record(cast, plan, "2024-12-28T13:00:00Z", now=NOON + timedelta(hours=2))
    call = Interaction.objects.get()
    assert (call.status, call.date, call.due_at) == ("DONE", NOON + timedelta(hours=1), NOON)
    assert plan_calls(NOON + timedelta(hours=3)) == 0
    assert plan_calls(NOON + DAY) == 1
    assert calls(plan) == [("DONE", NOON), ("PLANNED", NOON + DAY + timedelta(hours=1))]


def test_it_moves_the_plan_on_when_it_is_completed_itself(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    path = f"/track/interactions/{Interaction.objects.get().pk}/"
    told = {"status": "DONE", "date": "2024-12-28T11:00:00Z", "details": "They want an offer."}
    assert api(cast.asha).patch(path, told).status_code == 200
    plan.refresh_from_db()
    assert (plan.last_called, plan.next_call_date) == (NOON - timedelta(hours=1), NOON + timedelta(hours=23))
    assert plan.version == 2
    # Said again, and recorded on the plan as well, it is the same call.
    api(cast.asha).patch(path, told)
    record(cast, plan, "2024-12-28T11:00:00Z", now=NOON)
    plan.refresh_from_db()
    assert (plan.version, calls(plan)) == (2, [("DONE", NOON)])


def test_it_does_not_move_a_plan_back_or_one_that_is_ended(cast: Cast) -> None:
    later, ended = due(cast.asha), due(cast.asha)
    plan_calls(NOON)
    record(cast, later, "2024-12-28T11:30:00Z", now=NOON)
    api(cast.asha).delete(f"/call/{ended.pk}/")
    for plan in (later, ended):
        before = CallPlan.objects.values().get(pk=plan.pk)
        Interaction.objects.filter(call_plan=plan).update(status="MISSED", due_at=NOON)
        path = f"/track/interactions/{Interaction.objects.get(call_plan=plan).pk}/"
        answer = api(cast.asha).patch(path, {"status": "DONE", "date": "2024-12-28T09:00:00Z"})
        assert answer.status_code == 200
        assert CallPlan.objects.values().get(pk=plan.pk) == before


def test_it_is_completed_by_a_call_before_it_was_due(cast: Cast) -> None:
    plan = due(cast.asha, NOON + timedelta(hours=6))
    plan_calls(NOON)
    record(cast, plan, "2024-12-28T09:00:00Z", now=NOON)
    assert calls(plan) == [("DONE", NOON + timedelta(hours=6))]


def test_it_stays_open_when_an_older_call_leaves_the_plan_due_today(cast: Cast) -> None:
    plan = due(cast.asha, NOON - 3 * DAY)  # daily
    plan_calls(NOON)
    record(cast, plan, "2024-12-26T09:00:00Z", now=NOON)  # so it was due on the 27th
    assert calls(plan) == [("PLANNED", MORNING), ("DONE", None)]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "", {"next_call_date": "2025-01-15T10:00:00Z"}),
        ("PATCH", "set_frequency/", {"frequency": "WEEKLY"}),
        ("DELETE", "", None),
    ],
)
def test_it_is_taken_back_when_the_plan_no_longer_asks_for_it(cast: Cast, method: str, path: str, body: Any) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    assert api(cast.asha)(method, f"/call/{plan.pk}/{path}", body).status_code == 200
    call = Interaction.objects.get()
    assert (call.status, call.due_at, call.date, call.version) == ("CANCELLED", None, NOON, 2)
    assert plan_calls(NOON) == 0


def test_it_is_planned_again_when_the_date_comes_back(cast: Cast) -> None:
    plan = due(cast.asha)
    for moment in ("2024-12-28T12:00:00Z", "2025-01-15T10:00:00Z", "2024-12-28T12:00:00Z"):
        api(cast.asha).patch(f"/call/{plan.pk}/", {"next_call_date": moment})
        plan_calls(NOON)
    assert calls(plan) == [("CANCELLED", None), ("PLANNED", NOON)]


def test_it_follows_a_date_that_moves_within_the_day(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    api(cast.asha).patch(f"/call/{plan.pk}/", {"next_call_date": "2024-12-28T16:00:00Z"})
    plan_calls(NOON)
    assert calls(plan) == [("CANCELLED", None), ("PLANNED", NOON + timedelta(hours=4))]


@pytest.mark.parametrize("body", [{"notes": "Ask for the chef."}, {"next_call_date": "2024-12-27T08:00:00Z"}])
def test_it_stays_when_the_plan_still_asks_for_it(cast: Cast, body: dict[str, str]) -> None:
    plan = due(cast.asha, NOON - DAY)
    plan_calls(NOON)
    assert api(cast.asha).patch(f"/call/{plan.pk}/", body).status_code == 200
    assert calls(plan) == [("PLANNED", MORNING)]


@pytest.mark.parametrize("away", ["cancelled", "deleted"])
def test_it_is_not_planned_again_that_day_when_somebody_called_it_off(cast: Cast, away: str) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    path = f"/track/interactions/{Interaction.objects.get().pk}/"
    if away == "deleted":
        api(cast.asha).delete(path)
    else:
        api(cast.asha).patch(path, {"status": "CANCELLED"})
    assert plan_calls(NOON) == 0
    assert plan_calls(NOON + DAY) == 1  # the plan is still due
    assert Interaction.objects.filter(call_plan=plan).count() == 2


def test_it_disappears_with_its_restaurant_and_comes_back_with_it(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    api(cast.asha).delete(f"/lead/restaurants/{plan.lead_id}/")
    assert api(cast.root).get("/track/interactions/?status=PLANNED").json() == []
    assert mark_missed(NOON + DAY) == 0
    api(cast.root).post(f"/lead/restaurants/{plan.lead_id}/restore/")
    assert len(api(cast.root).get("/track/interactions/?status=PLANNED").json()) == 1


def test_it_refuses_two_open_calls_of_a_plan(cast: Cast) -> None:
    plan = due(cast.asha)
    plan_calls(NOON)
    mark_missed(NOON + DAY)
    plan_calls(NOON + DAY)
    missed = Interaction.objects.get(status="MISSED")
    answer = api(cast.asha).patch(f"/track/interactions/{missed.pk}/", {"status": "PLANNED"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert [status for status, _ in calls(plan)] == ["MISSED", "PLANNED"]


def test_it_filters_by_plan(cast: Cast) -> None:
    first, pools = due(cast.asha), due(None)
    due(cast.asha)
    plan_calls(NOON)
    record(cast, pools, "2024-12-28T11:00:00Z", now=NOON)
    assert [row["call_plan"] for row in api(cast.asha).get(f"/track/interactions/?call_plan={first.pk}").json()] == [
        first.pk
    ]
    assert len(api(cast.asha).get(f"/track/interactions/?call_plan={pools.pk}").json()) == 1
    assert api(cast.carl).get(f"/track/interactions/?call_plan={first.pk}").json() == []


def test_it_costs_the_same_for_3_and_for_30_plans(cast: Cast) -> None:
    costs = []
    for number in (3, 30):
        for _ in range(number):
            due(cast.asha)
        with CaptureQueriesContext(connection) as planning:
            assert plan_calls(NOON) == number
        with CaptureQueriesContext(connection) as missing:
            assert mark_missed(NOON + DAY) == number
        costs.append((len(planning), len(missing)))
        CallPlan.objects.update(next_call_date=NOON + 9 * DAY)
    assert costs[0] == costs[1]
