"""When the call of a plan is best made, as plans show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from call_planning.models import Block, CallPlan
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, call_plan, contact, restaurant

pytestmark = pytest.mark.usefixtures("noon")

# NOON is a Saturday; this is the Monday after, a working day.
MONDAY = datetime(2024, 12, 30, tzinfo=UTC)
OPEN_AT_NIGHT = {"opening_hours": {day: [["22:00", "03:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}


def planned(cast: Cast, due: datetime, **fields: Any) -> CallPlan:
    lead = restaurant(cast.asha, **{"country": "", "timezone": "UTC", **fields})
    return call_plan(lead, next_call_date=due)


def suggested(cast: Cast, plan: CallPlan) -> Any:
    shown = api(cast.asha).get(f"/call/{plan.pk}/").json()
    assert (shown["suggested_call_at"] is None) == (shown["suggested_call_note"] is not None)
    return shown["suggested_call_at"]


@pytest.mark.parametrize(
    ("hour", "minute", "first"),
    [
        (8, 0, "2024-12-30T09:00:00Z"),
        (10, 0, "2024-12-30T10:00:00Z"),
        (12, 0, "2024-12-30T14:30:00Z"),
        (19, 0, "2024-12-31T09:00:00Z"),
    ],
)
def test_it_waits_for_hours_in_which_somebody_can_pick_up(cast: Cast, hour: int, minute: int, first: str) -> None:
    plan = planned(cast, MONDAY.replace(hour=hour, minute=minute))
    assert suggested(cast, plan) == first


def test_it_leaves_the_due_date_as_it_is(cast: Cast) -> None:
    plan = planned(cast, MONDAY.replace(hour=12))
    assert api(cast.asha).get(f"/call/{plan.pk}/").json()["next_call_date"] == "2024-12-30T12:00:00Z"


def test_it_is_not_in_the_past(cast: Cast) -> None:
    plan = planned(cast, NOON - timedelta(days=30))
    assert suggested(cast, plan) == "2024-12-30T09:00:00Z"


def test_it_is_by_the_clocks_of_the_place_and_of_the_caller(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone="Europe/London")
    plan = planned(cast, MONDAY, timezone="America/New_York")
    assert suggested(cast, plan) == "2024-12-30T14:00:00Z"


def test_it_keeps_to_the_opening_hours(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, working_hours={"mon": [["00:00", "00:00"]], "tue": [["00:00", "00:00"]]})
    plan = planned(cast, MONDAY, **OPEN_AT_NIGHT)
    assert suggested(cast, plan) == "2024-12-30T22:00:00Z"
    CallPlan.objects.filter(pk=plan.pk).update(next_call_date=MONDAY + timedelta(days=1, hours=2))
    assert suggested(cast, plan) == "2024-12-31T02:00:00Z"


def test_it_keeps_to_the_hours_of_the_primary_contact(cast: Cast) -> None:
    plan = planned(cast, MONDAY)
    contact(plan.lead, is_primary=True, call_window={"wed": [["16:00", "17:00"]]})
    contact(plan.lead, call_window={"mon": [["10:00", "11:00"]]})
    assert suggested(cast, plan) == "2025-01-01T16:00:00Z"


def test_it_keeps_to_the_rush_of_the_type(cast: Cast) -> None:
    plan = planned(cast, MONDAY, restaurant_type=" Cafe ")
    assert suggested(cast, plan) == "2024-12-30T10:00:00Z"


def test_it_leaves_out_public_holidays_of_country_and_region(cast: Cast) -> None:
    epiphany = datetime(2025, 1, 6, tzinfo=UTC)  # a Monday, and a holiday in Bavaria
    assert suggested(cast, planned(cast, epiphany, country="DE")) == "2025-01-06T09:00:00Z"
    assert suggested(cast, planned(cast, epiphany, country="DE", region="BY")) == "2025-01-07T09:00:00Z"


def test_it_leaves_out_blocks(cast: Cast) -> None:
    plan = planned(cast, MONDAY)
    sent = {"restaurant": plan.lead_id, "ends_at": "2025-01-02T10:15:00Z", "reason": "Closed for renovation."}
    made = api(cast.asha).post("/call/blocks/", sent)
    assert made.status_code == 201
    other = api(cast.asha).post(
        "/call/blocks/", {**sent, "starts_at": "2025-01-02T10:00:00Z", "ends_at": "2025-01-02T16:00:00.5Z"}
    )
    assert other.status_code == 201
    assert suggested(cast, plan) == "2025-01-02T16:00:00.500000Z"
    assert api(cast.asha).delete(made["Location"]).status_code == 204
    assert suggested(cast, plan) == "2024-12-30T09:00:00Z"


def test_it_says_so_where_there_is_no_window_within_two_weeks(cast: Cast) -> None:
    plan = planned(cast, MONDAY)
    Block.objects.add(restaurant=plan.lead, ends_at=MONDAY + timedelta(days=60), by=cast.asha, at=NOON)
    shown = api(cast.asha).get("/call/").json()[0]
    assert shown["suggested_call_at"] is None
    assert shown["suggested_call_note"] == (
        "Nobody can be called there within 14 days: look at the hours, the holidays and the blocks."
    )


def test_it_rests_with_the_plan(cast: Cast) -> None:
    plan = planned(cast, MONDAY)
    Restaurant.objects.filter(pk=plan.lead_id).update(lead_status="LOST")
    shown = api(cast.asha).get(f"/call/{plan.pk}/").json()
    assert shown["suggested_call_at"] is None
    assert shown["suggested_call_note"] == "The restaurant is lost or inactive, so the plan rests."


def test_it_cannot_be_sent(cast: Cast) -> None:
    plan = planned(cast, MONDAY)
    sent = {"suggested_call_at": "2030-01-01T00:00:00Z"}
    assert api(cast.asha).patch(f"/call/{plan.pk}/", sent).status_code == 200
    assert suggested(cast, plan) == "2024-12-30T09:00:00Z"


def test_it_is_in_the_list_of_today(cast: Cast) -> None:
    planned(cast, NOON)
    assert api(cast.asha).get("/call/today/").json()[0]["suggested_call_at"] == "2024-12-30T09:00:00Z"
