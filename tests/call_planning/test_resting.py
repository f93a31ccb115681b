"""A plan rests while its restaurant is LOST or INACTIVE, and goes on when that is reopened."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from call_planning.tasks import plan_calls
from interaction_tracking.models import Interaction
from notifications.models import Message
from tests.cast import NOON, Cast, api, call_plan, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    """Due today, and planned for it."""
    plan = call_plan(restaurant(cast.asha), next_call_date=NOON)
    plan_calls(NOON)
    return plan


def become(cast: Cast, plan: CallPlan, status: str, *, at: datetime = NOON, door: str = "change_status") -> None:
    path = f"/lead/restaurants/{plan.lead_id}/"
    with time_machine.travel(at, tick=False):
        if door == "change_status":
            answer = api(cast.asha).post(f"{path}change_status/", {"status": status})
        else:
            answer = api(cast.asha).patch(path, {"lead_status": status})
    assert answer.status_code == 200, answer.content
    plan.refresh_from_db()


@pytest.mark.parametrize("status", ["LOST", "INACTIVE"])
@pytest.mark.parametrize("door", ["change_status", "patch"])
def test_it_takes_back_what_is_planned(cast: Cast, plan: CallPlan, status: str, door: str) -> None:
    become(cast, plan, status, door=door)
    call = Interaction.objects.get()
    assert (call.status, call.due_at) == ("CANCELLED", None)
    assert (plan.next_call_date, plan.archived_at) == (NOON, None)
    assert plan_calls(NOON) == plan_calls(NOON + 9 * DAY) == 0


@pytest.mark.parametrize("status", ["CONTACTED", "NEGOTIATING", "CONVERTED"])
def test_it_goes_on_through_every_other_change(cast: Cast, plan: CallPlan, status: str) -> None:
    become(cast, plan, status)
    assert Interaction.objects.get().status == "PLANNED"
    assert plan.version == 1


def test_it_leaves_other_restaurants_alone(cast: Cast, plan: CallPlan) -> None:
    other = call_plan(restaurant(cast.asha), next_call_date=NOON)
    plan_calls(NOON)
    become(cast, plan, "LOST")
    assert other.calls.get().status == "PLANNED"


@pytest.mark.parametrize(
    ("given", "next_call"),
    [
        ({"frequency": "DAILY"}, datetime(2025, 1, 21, tzinfo=UTC)),
        ({"frequency": "WEEKLY"}, datetime(2025, 1, 27, tzinfo=UTC)),
        ({"frequency": "MONTHLY"}, datetime(2025, 2, 20, tzinfo=UTC)),
        ({"frequency": "CUSTOM", "interval_days": 3}, datetime(2025, 1, 23, tzinfo=UTC)),
    ],
)
def test_it_counts_what_came_due_meanwhile_from_the_day_of_the_reopening(
    cast: Cast, given: dict[str, Any], next_call: datetime
) -> None:
    plan = call_plan(restaurant(cast.asha), next_call_date=NOON + DAY, **given)
    become(cast, plan, "LOST")
    become(cast, plan, "CONTACTED", at=datetime(2025, 1, 20, 15, tzinfo=UTC))
    assert (plan.next_call_date, plan.version) == (next_call, 2)


def test_it_counts_by_the_clock_of_the_restaurant(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha, timezone="Asia/Kolkata"), next_call_date=NOON)
    become(cast, plan, "LOST")
    become(cast, plan, "NEW", at=datetime(2025, 1, 20, 20, tzinfo=UTC))  # where it is the 21st
    assert plan.next_call_date == datetime(2025, 1, 21, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("when", [NOON + timedelta(hours=1), NOON + 30 * DAY])
def test_it_keeps_a_date_that_has_not_passed(cast: Cast, when: datetime) -> None:
    plan = call_plan(restaurant(cast.asha), next_call_date=when)
    become(cast, plan, "INACTIVE")
    become(cast, plan, "NEW", at=NOON + timedelta(hours=2))
    assert (plan.next_call_date, plan.version) == (when, 1)


def test_it_plans_the_same_day_again_and_tells_nobody_but_who_calls(cast: Cast, plan: CallPlan) -> None:
    Message.objects.all().delete()
    become(cast, plan, "LOST")
    become(cast, plan, "NEW")
    assert not Message.objects.filter(kind__contains="call").exists()
    assert plan_calls(NOON + timedelta(hours=1)) == 1
    assert list(Interaction.objects.order_by("pk").values_list("status", "due_at")) == [
        ("CANCELLED", None),
        ("PLANNED", NOON),
    ]
    assert {message.user for message in Message.objects.filter(kind="calls_planned")} == {cast.asha}


def test_it_lets_an_ended_plan_rest_for_good(cast: Cast, plan: CallPlan) -> None:
    api(cast.asha).delete(f"/call/{plan.pk}/")
    become(cast, plan, "LOST")
    become(cast, plan, "NEW", at=NOON + 9 * DAY)
    assert plan.next_call_date == NOON
