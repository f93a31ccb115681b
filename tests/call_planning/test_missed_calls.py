"""The job that calls missed what was planned for a day that is over, and what a call recorded later makes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from call_planning.tasks import mark_missed, plan_calls
from interaction_tracking.models import Interaction
from kams.models import User
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)
MORNING = datetime(2024, 12, 28, tzinfo=UTC)


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    """Due today, and planned for it."""
    plan = call_plan(restaurant(cast.asha, name="Spice"), next_call_date=NOON)
    plan_calls(NOON)
    return plan


def statuses() -> list[str]:
    return list(Interaction.objects.order_by("pk").values_list("status", flat=True))


def told(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user, kind="calls_missed"))


def record(plan: CallPlan, by: User, moment: str, *, now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        answer = api(by).post(f"/call/{plan.pk}/record_call/", {"last_called": moment})
    assert answer.status_code == 200, answer.content
    return answer.json()


@pytest.mark.parametrize(
    ("at", "missed"), [(NOON, 0), (MORNING + DAY - timedelta(microseconds=1), 0), (MORNING + DAY, 1)]
)
def test_it_is_missed_when_its_day_is_over(plan: CallPlan, at: datetime, missed: int) -> None:
    assert mark_missed(at) == missed
    call = Interaction.objects.get()
    assert call.status == ("MISSED" if missed else "PLANNED")
    assert (call.kam, call.version) == ((plan.lead.assigned_to, 2) if missed else (None, 1))
    plan.refresh_from_db()
    assert plan.next_call_date == NOON  # the plan stays due


def test_it_tells_who_had_the_restaurant_once_a_day(cast: Cast, plan: CallPlan) -> None:
    call_plan(restaurant(cast.asha, name="Curry"), next_call_date=NOON - DAY)
    plan_calls(NOON)
    assert [mark_missed(NOON + DAY) for _ in range(3)] == [2, 0, 0]
    (message,) = told(cast.asha)
    assert (message.channel, message.title) == ("IN_APP", "2 calls were missed")
    assert "- 28 December 2024: Curry, New York (John Doe, +1234567890)\n" in words_of(message).text
    assert f"<strong>{plan.lead.name}</strong>" in words_of(message).html


@pytest.mark.parametrize(
    ("kams", "restaurants", "last"),
    [
        ("Asia/Kolkata", "America/New_York", datetime(2024, 12, 28, 18, 30, tzinfo=UTC)),
        ("America/New_York", "Asia/Kolkata", datetime(2024, 12, 29, 5, tzinfo=UTC)),
        ("UTC", "", datetime(2024, 12, 29, tzinfo=UTC)),
    ],
)
def test_it_is_the_day_of_the_kam(cast: Cast, kams: str, restaurants: str, last: datetime) -> None:
    caller = person(team=cast.south, timezone=kams)
    call_plan(restaurant(caller, timezone=restaurants), next_call_date=NOON)
    plan_calls(NOON)
    assert mark_missed(last - timedelta(microseconds=1)) == 0
    assert mark_missed(last) == 1


@pytest.mark.parametrize(("zone", "last"), [("Asia/Kolkata", "2024-12-28T18:30Z"), ("", "2024-12-29T00:00Z")])
def test_it_is_the_day_of_the_restaurant_once_it_is_in_the_pool(cast: Cast, zone: str, last: str) -> None:
    place = restaurant(cast.asha, timezone=zone)
    call_plan(place, next_call_date=NOON)
    plan_calls(NOON)
    api(cast.asha).patch(f"/lead/restaurants/{place.pk}/", {"assigned_to": None})
    over = datetime.fromisoformat(last)
    assert mark_missed(over - timedelta(microseconds=1)) == 0
    assert mark_missed(over) == 1
    assert Interaction.objects.get().kam is None
    assert not Message.objects.filter(kind="calls_missed").exists()


def test_it_tells_nobody_who_is_inactive(cast: Cast, plan: CallPlan) -> None:
    User.objects.filter(pk=cast.asha.pk).update(is_active=False)
    assert mark_missed(NOON + DAY) == 1
    assert not told(cast.asha)
    assert plan.lead.assigned_to == cast.asha


def test_it_leaves_alone_what_no_plan_asked_for(cast: Cast) -> None:
    interaction(contact(restaurant(cast.asha)), status="PLANNED", date=NOON - DAY)
    assert mark_missed(NOON + DAY) == 0
    assert statuses() == ["PLANNED"]


def test_it_waits_for_a_call_that_somebody_put_off(cast: Cast, plan: CallPlan) -> None:
    call = Interaction.objects.get()
    api(cast.asha).patch(f"/track/interactions/{call.pk}/", {"date": "2024-12-29T10:00:00Z"})
    assert mark_missed(NOON + DAY) == 0
    assert mark_missed(NOON + 2 * DAY) == 1
    assert plan.calls.count() == 1


# --- recorded after all -------------------------------------------------------------------------


def test_it_was_not_missed_when_the_call_is_recorded_the_day_after(cast: Cast, plan: CallPlan) -> None:
    mark_missed(NOON + DAY)
    plan_calls(NOON + DAY)
    record(plan, cast.asha, "2024-12-28T17:00:00Z", now=NOON + DAY)
    missed, anew = Interaction.objects.order_by("pk")
    assert (missed.status, missed.date, missed.kam) == ("DONE", NOON + timedelta(hours=5), cast.asha)
    # The plan is due at 17:00 now; what was planned for the morning is taken back, and planned for then.
    assert (anew.status, anew.due_at) == ("CANCELLED", None)
    assert plan_calls(NOON + DAY) == 1
    assert Interaction.objects.get(status="PLANNED").due_at == NOON + DAY + timedelta(hours=5)


def test_it_stays_missed_when_the_call_is_of_another_day(cast: Cast, plan: CallPlan) -> None:
    mark_missed(NOON + DAY)
    plan_calls(NOON + DAY)
    record(plan, cast.asha, "2024-12-29T09:00:00Z", now=NOON + DAY)
    assert statuses() == ["MISSED", "DONE"]


def test_it_is_completed_by_a_call_of_that_day_that_is_older_than_the_last(cast: Cast, plan: CallPlan) -> None:
    mark_missed(NOON + DAY)
    plan_calls(NOON + DAY)
    later = record(plan, cast.asha, "2024-12-29T09:00:00Z", now=NOON + DAY)
    record(plan, cast.asha, "2024-12-28T17:00:00Z", now=NOON + DAY)
    assert statuses() == ["DONE", "DONE"]
    plan.refresh_from_db()
    assert plan.next_call_date == datetime.fromisoformat(later["next_call_date"])  # it did not move back
