"""`GET /call/today/`: what requires a call before the caller's day is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from kams.models import User
from tests.cast import NOON, Cast, api, call_plan, person, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

MIDNIGHT = datetime(2024, 12, 29, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def due(owner: User | None, when: datetime, **fields: Any) -> CallPlan:
    return call_plan(restaurant(owner, **fields), next_call_date=when, notes=f"{when:%d %H:%M}")


def today(caller: User, query: str = "") -> list[str]:
    answer = api(caller).get(f"/call/today/{query}")
    assert answer.status_code == 200, answer.content
    return [row["notes"] for row in answer.json()]


def test_it_lists_what_is_due_before_midnight_overdue_first(cast: Cast) -> None:
    due(cast.asha, NOON + timedelta(hours=2))
    due(cast.asha, NOON - timedelta(days=2))
    due(cast.asha, MIDNIGHT - TICK)
    due(cast.asha, NOON - timedelta(days=1))
    due(cast.asha, NOON - timedelta(hours=2))
    due(cast.asha, MIDNIGHT)
    due(cast.asha, NOON + timedelta(days=9))
    assert today(cast.asha) == ["26 12:00", "27 12:00", "28 10:00", "28 14:00", "28 23:59"]
    rows = api(cast.asha).get("/call/today/").json()
    assert [row["is_overdue"] for row in rows] == [True, True, False, False, False]
    assert rows[0] == api(cast.asha).get(f"/call/{rows[0]['id']}/").json()


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", ["28 00:30", "28 14:00", "28 23:30"]),
        ("Asia/Kolkata", ["28 00:30", "28 14:00"]),  # until 18:30 UTC
        ("America/New_York", ["28 00:30", "28 14:00", "28 23:30", "29 03:00"]),  # until 05:00 UTC of the 29th
        ("Pacific/Auckland", ["28 00:30", "28 14:00", "28 23:30", "29 03:00", "29 10:30"]),  # where it is the 29th
    ],
)
def test_it_is_the_day_of_who_asks(cast: Cast, zone: str, expected: list[str]) -> None:
    caller = person(team=cast.south, timezone=zone)
    for hours in (-11.5, 2, 11.5, 15, 22.5, 48):
        due(caller, NOON + timedelta(hours=hours), timezone="Asia/Dubai")
    assert today(caller) == expected


@pytest.mark.parametrize(
    ("zone", "overdue"),
    [("UTC", False), ("Asia/Kolkata", False), ("America/New_York", True), ("Pacific/Auckland", True)],
)
def test_it_is_overdue_since_the_day_of_who_asks_began(cast: Cast, zone: str, overdue: bool) -> None:  # noqa: FBT001
    caller = person(team=cast.south, timezone=zone)
    plan = due(caller, datetime(2024, 12, 28, 4, tzinfo=UTC))  # 09:30 in India, 23:00 of the 27th in New York
    assert api(caller).get(f"/call/{plan.pk}/").json()["is_overdue"] is overdue
    assert len(api(caller).get(f"/call/?is_overdue={str(overdue).lower()}").json()) == 1
    assert api(caller).get(f"/call/?is_overdue={str(not overdue).lower()}").json() == []


def test_it_ends_the_day_with_a_clock_change(cast: Cast) -> None:
    caller = person(team=cast.south, timezone="Europe/London")
    with time_machine.travel(datetime(2025, 10, 26, 12, tzinfo=UTC), tick=False):  # a day of 25 hours
        due(caller, datetime(2025, 10, 26, 23, 30, tzinfo=UTC))
        due(caller, datetime(2025, 10, 27, 0, 0, tzinfo=UTC))
        due(caller, datetime(2025, 10, 25, 22, 59, tzinfo=UTC))
        due(caller, datetime(2025, 10, 25, 23, 0, tzinfo=UTC))
        assert today(caller) == ["25 22:59", "25 23:00", "26 23:30"]
        assert [row["is_overdue"] for row in api(caller).get("/call/today/").json()] == [True, False, False]


@pytest.mark.parametrize("status", ["LOST", "INACTIVE"])
def test_it_leaves_restaurants_alone_that_are_lost_or_inactive_until_they_are_reopened(cast: Cast, status: str) -> None:
    plan = due(cast.asha, NOON)
    path = f"/lead/restaurants/{plan.lead_id}/change_status/"
    api(cast.asha).post(path, {"status": status})
    assert today(cast.asha) == today(cast.root) == []
    assert len(api(cast.asha).get("/call/").json()) == 1  # the plan rests, and is still there
    api(cast.asha).post(path, {"status": "CONTACTED"})
    assert today(cast.asha) == ["28 12:00"]


@pytest.mark.parametrize("status", ["NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED"])
def test_it_lists_restaurants_of_every_other_status(cast: Cast, status: str) -> None:
    due(cast.asha, NOON, lead_status=status)
    assert today(cast.asha) == ["28 12:00"]


def test_it_leaves_archived_restaurants_and_deleted_plans_alone(cast: Cast) -> None:
    archived, deleted = due(cast.asha, NOON), due(cast.asha, NOON)
    api(cast.asha).delete(f"/lead/restaurants/{archived.lead_id}/")
    api(cast.asha).delete(f"/call/{deleted.pk}/")
    assert today(cast.asha) == today(cast.root) == []


def test_it_forgets_a_plan_that_was_called_and_remembers_it_when_it_is_due_again(cast: Cast) -> None:
    plan = due(cast.asha, NOON)
    api(cast.asha).post(f"/call/{plan.pk}/record_call/")
    assert today(cast.asha) == []
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert today(cast.asha) == ["28 12:00"]


def test_it_shows_each_what_is_theirs(cast: Cast) -> None:
    for day, owner in enumerate((cast.asha, cast.bela, cast.carl, None)):
        due(owner, NOON - timedelta(days=day))
    pools = CallPlan.objects.get(notes="25 12:00")
    assert today(cast.asha) == ["28 12:00"]
    assert today(cast.asha, f"?lead={pools.lead_id}") == ["25 12:00"]
    assert today(cast.maya) == ["25 12:00", "27 12:00", "28 12:00"]
    assert today(cast.root) == today(cast.nora) == ["25 12:00", "26 12:00", "27 12:00", "28 12:00"]
    assert api().get("/call/today/").status_code == 401


def test_it_filters_orders_and_pages_like_the_list(cast: Cast) -> None:
    for day in range(4):
        due(cast.asha, NOON - timedelta(days=day))
    assert today(cast.asha, "?ordering=-next_call_date") == ["28 12:00", "27 12:00", "26 12:00", "25 12:00"]
    assert today(cast.asha, "?is_overdue=false") == ["28 12:00"]
    assert today(cast.asha, "?frequency=WEEKLY") == []
    assert today(cast.asha, "?due_after=2024-12-26T12:00:00Z&due_before=2024-12-28T12:00:00Z") == [
        "26 12:00",
        "27 12:00",
    ]
    walked = pages(api(cast.asha), "/call/today/?page_size=1")
    assert [row["notes"] for page in walked for row in page] == ["25 12:00", "26 12:00", "27 12:00", "28 12:00"]
    answer = api(cast.asha).get("/call/today/?led=1")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["led"])
