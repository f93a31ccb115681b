"""What no person types: the pages of the admin say what is wrong with it, or go elsewhere, and never fall over."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from call_planning.models import CallPlan
from common.models import IdempotencyRecord
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from tests.admin.browser import Browser, adding, changing, errors, listing
from tests.cast import Cast, call_plan, contact, interaction, restaurant

HUGE = "9" * 40
TEXTS = {"NUL": "\0", "long": "x" * 100_000, "emoji": "\N{GRINNING FACE}", "SQL": "'; DROP TABLE", "HTML": "<script>"}


@pytest.mark.parametrize("key", ["0", "-1", HUGE, "x", "1.5", "\0", "_00", "\N{FULLWIDTH DIGIT ONE}"])
def test_it_opens_no_row_for_a_key_that_is_none(root: Browser, key: str) -> None:
    for model in (Restaurant, IdempotencyRecord):
        assert root.get(f"{listing(model)}{key}/change/").status_code == 302
        assert root.post(f"{listing(model)}{key}/change/", {}).status_code in {302, 403}


@pytest.mark.parametrize("key", [HUGE, "x", "\0", "", "-1"])
@pytest.mark.parametrize("action", ["archive", "allocate", "nonsense"])
def test_it_acts_on_no_row_for_a_key_that_is_none(cast: Cast, root: Browser, action: str, key: str) -> None:
    row = restaurant(cast.asha)
    answer = root.post(listing(row), {"action": action, "_selected_action": [key, str(row.pk)]})
    assert answer.status_code in {200, 302, 400}
    if answer.status_code == 400:
        row.refresh_from_db()
        assert row.archived_at is None


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("field", ["name", "city", "phone", "email", "country", "timezone", "notes", "source"])
def test_it_takes_or_refuses_any_text(cast: Cast, root: Browser, field: str, text: str) -> None:
    row = restaurant(cast.asha)
    answer = root.fill_in(changing(row), **{field: text})
    if answer.status_code == 302:
        assert getattr(Restaurant.objects.get(pk=row.pk), field) == text
    else:
        assert field in errors(answer)


@pytest.mark.parametrize("number", ["-0.01", "1e400", "NaN", "Infinity", HUGE, "100000000", "0.001", "x"])
def test_it_refuses_money_that_is_none(cast: Cast, root: Browser, number: str) -> None:
    row = restaurant(cast.asha)
    assert "potential_revenue" in errors(root.fill_in(changing(row), potential_revenue=number))
    row.refresh_from_db()
    assert row.potential_revenue == 5000


@pytest.mark.parametrize("key", ["0", HUGE, "x", "\0", "-1"])
@pytest.mark.parametrize("field", ["lead", "contact", "participants", "kam"])
def test_it_refuses_people_and_restaurants_that_are_none(cast: Cast, root: Browser, field: str, key: str) -> None:
    who = contact(restaurant(cast.asha))
    given = {"lead": str(who.restaurant_id), "contact": str(who.pk), "interaction_type": "CALL", "details": "Met"}
    assert field in errors(root.fill_in(adding(Interaction), **(given | {field: key})))
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "America/New_York"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2024-02-30", "99999-01-01", "x"])
def test_it_takes_or_refuses_any_date(cast: Cast, root: Browser, day: str, zone: str) -> None:
    plan = call_plan(restaurant(cast.asha))
    call = interaction(contact(plan.lead))
    with timezone.override(zone):
        for row, field in ((plan, "next_call_date"), (call, "date")):
            answer = root.fill_in(changing(row), **{f"{field}_0": day, f"{field}_1": "23:59:59"})
            assert answer.status_code == 302 or field in errors(answer)
            assert root.get(listing(row)).status_code == 200
            assert root.get(changing(row)).status_code == 200


@pytest.mark.parametrize("number", ["0", "-1", "367", "40000", HUGE, "x"])
def test_it_refuses_an_interval_that_is_none(cast: Cast, root: Browser, number: str) -> None:
    plan = call_plan(restaurant(cast.asha))
    assert "interval_days" in errors(root.fill_in(changing(plan), frequency="CUSTOM", interval_days=number))
    assert CallPlan.objects.get().frequency == "DAILY"


@pytest.mark.parametrize(
    "forged",
    [
        {"seen_version": None},
        {"seen_version": "x"},
        {"seen_version": HUGE},
        {"contacts-TOTAL_FORMS": None},
        {"contacts-TOTAL_FORMS": "x"},
        {"contacts-TOTAL_FORMS": "50"},
        {"contacts-0-id": HUGE},
        {"contacts-0-id": "x"},
        {"contacts-0-restaurant": "1"},
        {"contacts-0-seen_version": HUGE},
        {"_saveasnew": "1"},
        {"_popup": "1"},
    ],
    ids=str,
)
def test_it_takes_or_refuses_any_forged_form(cast: Cast, root: Browser, forged: dict[str, Any]) -> None:
    row = contact(restaurant(cast.asha)).restaurant
    assert root.fill_in(changing(row), **forged).status_code in {200, 302}
    assert Restaurant.objects.get(pk=row.pk).contacts.count() == 1
