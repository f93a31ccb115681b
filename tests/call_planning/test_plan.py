"""`POST /call/`: how often a restaurant is called from now on."""

from typing import Any

import pytest
from django.test import override_settings

from call_planning.models import CallPlan
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, call_plan, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def lead(cast: Cast) -> Restaurant:
    return restaurant(cast.asha)


def plan(cast: Cast, lead: Restaurant, **given: Any) -> Any:
    return api(cast.asha).post("/call/", {"lead": lead.pk, "frequency": "DAILY", **given})


def test_it_plans_with_what_is_needed_and_defaults_for_the_rest(cast: Cast, lead: Restaurant) -> None:
    answer = plan(cast, lead, notes="Initial call plan for lead 1.")
    row = CallPlan.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver/call/{row.pk}/")
    assert answer.json() == {
        "id": row.pk,
        "lead": lead.pk,
        "frequency": "DAILY",
        "interval_days": None,
        "last_called": None,
        "next_call_date": "2024-12-29T00:00:00Z",
        "is_overdue": False,
        "snoozed_until": None,
        "snooze_reason": "",
        "suggested_call_at": "2024-12-30T09:00:00Z",  # the Monday
        "suggested_call_note": None,
        "attempts": 0,
        "call_back_at": None,
        "notes": "Initial call plan for lead 1.",
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (row.lead, row.last_called, row.created_at) == (lead, None, NOON)
    assert row.next_call_date.isoformat() == "2024-12-29T00:00:00+00:00"


@pytest.mark.parametrize(
    ("frequency", "days", "due"),
    [
        ("DAILY", None, "2024-12-29T00:00:00Z"),
        ("WEEKLY", None, "2025-01-04T00:00:00Z"),
        ("BIWEEKLY", None, "2025-01-11T00:00:00Z"),
        ("MONTHLY", None, "2025-01-28T00:00:00Z"),
        ("QUARTERLY", None, "2025-03-28T00:00:00Z"),
        ("CUSTOM", 1, "2024-12-29T00:00:00Z"),
        ("CUSTOM", 10, "2025-01-07T00:00:00Z"),
        ("CUSTOM", 366, "2025-12-29T00:00:00Z"),
    ],
)
def test_it_is_due_one_interval_from_today(
    cast: Cast, lead: Restaurant, frequency: str, days: int | None, due: str
) -> None:
    answer = plan(cast, lead, frequency=frequency, interval_days=days)
    assert (answer.status_code, answer.json()["next_call_date"]) == (201, due)
    assert (answer.json()["frequency"], answer.json()["interval_days"]) == (frequency, days)


@pytest.mark.parametrize(
    ("restaurants", "kams", "due"),
    [
        ("Asia/Kolkata", "America/New_York", "2024-12-28T18:30:00Z"),
        ("", "America/New_York", "2024-12-29T05:00:00Z"),
        ("", "Pacific/Auckland", "2024-12-29T11:00:00Z"),  # where it is tomorrow already
        ("Pacific/Auckland", "UTC", "2024-12-29T11:00:00Z"),
    ],
)
def test_it_begins_with_the_day_of_the_restaurant_else_of_its_kam(
    cast: Cast, restaurants: str, kams: str, due: str
) -> None:
    lead = restaurant(person(team=cast.south, timezone=kams), timezone=restaurants)
    answer = api(cast.root).post("/call/", {"lead": lead.pk, "frequency": "DAILY"})
    assert answer.json()["next_call_date"] == due


@override_settings(TIME_ZONE="Asia/Dubai")
def test_it_begins_with_the_organisations_day_where_there_is_no_kam(cast: Cast) -> None:
    answer = plan(cast, restaurant())
    assert answer.json()["next_call_date"] == "2024-12-28T20:00:00Z"


def test_it_takes_a_first_date_as_it_is_given(cast: Cast, lead: Restaurant) -> None:
    answer = plan(cast, lead, next_call_date="2025-06-01T10:00:00+02:00")
    assert (answer.status_code, answer.json()["next_call_date"]) == (201, "2025-06-01T08:00:00Z")


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"lead": 999_999}, "lead"),
        ({"lead": None}, "lead"),
        ({"frequency": None}, "frequency"),
        ({"frequency": "HOURLY"}, "frequency"),
        ({"frequency": "CUSTOM"}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": 0}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": 367}, "interval_days"),
        ({"frequency": "CUSTOM", "interval_days": "3"}, "interval_days"),
        ({"frequency": "WEEKLY", "interval_days": 3}, "interval_days"),
        ({"next_call_date": "2025-06-01T10:00:00"}, "next_call_date"),
        ({"next_call_date": "tomorrow"}, "next_call_date"),
        ({"frequenzy": "DAILY"}, "frequenzy"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, lead: Restaurant, given: dict[str, Any], name: str) -> None:
    answer = api(cast.asha).post("/call/", {"lead": lead.pk, "frequency": "DAILY", **given})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert not CallPlan.objects.exists()


@pytest.mark.parametrize("name", ["lead", "frequency"])
def test_it_needs_each_of_two_fields(cast: Cast, lead: Restaurant, name: str) -> None:
    body = {"lead": lead.pk, "frequency": "DAILY"}
    del body[name]
    answer = api(cast.asha).post("/call/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_it_ignores_what_is_not_the_callers_to_say(cast: Cast, lead: Restaurant) -> None:
    answer = plan(cast, lead, last_called="2024-12-01T00:00:00Z", is_overdue=True, version=9, id=7)
    assert (answer.status_code, answer.json()["last_called"], answer.json()["version"]) == (201, None, 1)


def test_it_is_one_a_restaurant_and_the_refusal_names_the_first(cast: Cast, lead: Restaurant) -> None:
    first = call_plan(lead)
    answer = plan(cast, lead, frequency="WEEKLY")
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["lead"])
    assert f"call plan {first.pk}" in answer.json()["detail"]
    assert CallPlan.objects.get().frequency == "DAILY"
    assert plan(cast, restaurant(cast.asha)).status_code == 201


def test_it_is_planned_again_after_the_first_was_deleted(cast: Cast, lead: Restaurant) -> None:
    first = call_plan(lead)
    api(cast.asha).delete(f"/call/{first.pk}/")
    answer = plan(cast, lead, frequency="WEEKLY")
    assert (answer.status_code, answer.json()["frequency"]) == (201, "WEEKLY")
    assert answer.json()["id"] != first.pk
    assert CallPlan.objects.count() == 2


def test_it_plans_for_the_callers_restaurants_and_the_pool_only(cast: Cast, lead: Restaurant) -> None:
    assert plan(cast, restaurant()).status_code == 201
    foreign = restaurant(cast.bela)
    answer = plan(cast, foreign)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"lead": [f"There is no row with the id {foreign.pk}."]}
    body = {"lead": lead.pk, "frequency": "DAILY"}
    assert api(cast.nora).post("/call/", body).status_code == 403
    assert api().post("/call/", body).status_code == 401
    assert api(cast.maya).post("/call/", body).status_code == 201
