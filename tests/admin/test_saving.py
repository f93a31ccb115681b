"""Saving a page of the admin goes through the same rules as every other door, and writes the same histories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError

from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from leads.choices import LeadStatus, may_follow
from leads.models import Restaurant
from tests.admin.browser import Browser, adding, changing, errors
from tests.cast import NOON, Cast, call_plan, contact, interaction, person, restaurant

LATER = NOON + timedelta(days=3)
ENTERED = {
    "name": "Spice",
    "city": "Mumbai",
    "state": "Maharashtra",
    "pincode": "400001",
    "contact_person": "Ravi",
    "phone": "022 2345 6789",
    "email": "ravi@spice.example",
    "country": "IN",
}
CONTACT = {"name": "Ravi", "role": "Owner", "role_kind": "OWNER", "email": "ravi@spice.example"}


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def below(prefix: str, number: int, **values: str) -> dict[str, str]:
    """The fields of one row below the row of the page."""
    return {f"{prefix}-{number}-{name}": value for name, value in values.items()}


# --- restaurants ------------------------------------------------------------------------------------
def test_it_enters_a_restaurant_with_its_first_histories(cast: Cast, root: Browser) -> None:
    answer = root.fill_in(adding(Restaurant), **ENTERED, assigned_to=str(cast.asha.pk))
    assert answer.status_code == 302
    row = Restaurant.objects.get()
    assert (row.name, row.phone_e164, row.lead_status) == ("Spice", "+912223456789", "NEW")
    assert (row.created_by, row.created_at, row.assigned_to) == (cast.root, LATER, cast.asha)
    allocation = row.allocations.get()
    assert (allocation.kam, allocation.allocated_by, allocation.started_at) == (cast.asha, cast.root, LATER)
    assert LogEntry.objects.get().object_id == str(row.pk)


@pytest.mark.parametrize("old", LeadStatus.values)
def test_it_follows_the_status_rule_and_writes_the_history(cast: Cast, root: Browser, old: str) -> None:
    for new in LeadStatus.values:
        row = restaurant(cast.asha, lead_status=old)
        answer = root.fill_in(changing(row), lead_status=new, reason="They called", city="Pune")
        row.refresh_from_db()
        history = list(row.status_changes.values_list("old_status", "new_status", "reason", "changed_by", "changed_at"))
        if new == old or new in may_follow(old):
            assert answer.status_code == 302
            assert (row.lead_status, row.city) == (new, "Pune")
            assert history == ([] if new == old else [(old, new, "They called", cast.root.pk, LATER)])
        else:
            told = errors(answer)
            assert set(told) == {"__all__", "lead_status"}
            assert all(status in told["lead_status"][0] for status in may_follow(old))
            assert (row.lead_status, row.city, row.version, history) == (old, "New York", 1, [])


def test_it_allocates_with_the_reason(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    answer = root.fill_in(changing(row), assigned_to=str(cast.bela.pk), reason="Asha is away")
    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.assigned_to == cast.bela
    now, before = row.allocations.all()
    assert (now.kam, now.reason, now.allocated_by, now.ended_at) == (cast.bela, "Asha is away", cast.root, None)
    assert (before.kam, before.ended_at) == (cast.asha, LATER)


def test_it_refuses_to_allocate_to_an_analyst(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    told = errors(root.fill_in(changing(row), assigned_to=str(cast.nora.pk), notes="Changed"))
    assert "assigned_to" in told
    row.refresh_from_db()
    assert (row.assigned_to, row.notes) == (cast.asha, "Interested in premium features.")
    assert row.allocations.count() == 1


def test_it_returns_a_restaurant_to_the_pool(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    assert root.fill_in(changing(row), assigned_to="").status_code == 302
    row.refresh_from_db()
    assert row.assigned_to is None
    assert row.allocations.get().ended_at == LATER


def test_it_writes_nothing_where_nothing_changed(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    assert root.fill_in(changing(row)).status_code == 302
    after = Restaurant.objects.get(pk=row.pk)
    assert (after.version, after.updated_at) == (1, NOON)


def test_it_undoes_nothing_that_others_changed_meanwhile(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    page = root.get(changing(row))
    row.revise(by=cast.asha, at=NOON, notes="Called back")
    told = errors(root.save(page, city="Pune"))
    assert "Open it again" in told["__all__"][0]
    row.refresh_from_db()
    assert (row.city, row.notes) == ("New York", "Called back")


def test_it_ignores_fields_that_are_not_on_the_page(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    forged = {"created_by": str(cast.nora.pk), "phone_e164": "+1", "archived_at_0": "2024-01-01", "version": "77"}
    answer = root.fill_in(changing(row), city="Pune", created_at_0="2000-01-01", created_at_1="00:00", **forged)
    assert answer.status_code == 302
    after = Restaurant.objects.get(pk=row.pk)
    assert (after.city, after.version, after.created_at, after.archived_at) == ("Pune", 2, NOON, None)
    assert (after.created_by, after.phone_e164) == (row.created_by, row.phone_e164)


def test_it_shows_a_clash_in_the_database_as_an_error(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    page = root.get(changing(row))
    with mock.patch.object(Restaurant, "revise", side_effect=IntegrityError("unique")):
        told = errors(root.save(page, city="Pune"))
    assert "Somebody else has just saved" in told["__all__"][0]


def test_it_leaves_what_is_archived_alone(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    row.archive(by=cast.root, at=NOON)
    page = root.get(changing(row))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert root.post(changing(row), {**ENTERED, "seen_version": "2"}).status_code == 403
    assert Restaurant.objects.get(pk=row.pk).name == row.name


# --- what hangs below a restaurant ------------------------------------------------------------------
def test_it_enters_contacts_and_the_plan_on_the_page_of_the_restaurant(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    totals = {"contacts-TOTAL_FORMS": "1", "call_plans-TOTAL_FORMS": "1"}
    plan = below("call_plans", 0, frequency="WEEKLY", next_call_date_0="2025-01-06", next_call_date_1="09:00")
    answer = root.fill_in(changing(row), **totals, **below("contacts", 0, **CONTACT), **plan)
    assert answer.status_code == 302, errors(answer)
    assert Contact.objects.get(restaurant=row).created_at == LATER
    assert CallPlan.objects.get(lead=row).frequency == "WEEKLY"


def test_it_enters_a_restaurant_together_with_its_contacts(root: Browser) -> None:
    rows = {"contacts-TOTAL_FORMS": "1", **below("contacts", 0, **CONTACT)}
    answer = root.fill_in(adding(Restaurant), **ENTERED, **rows)
    assert answer.status_code == 302
    assert Contact.objects.get().restaurant == Restaurant.objects.get()


def test_it_refuses_a_second_primary_contact_beside_its_field(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    contact(row, is_primary=True)
    second = contact(row)
    answer = root.fill_in(changing(row), city="Pune", **below("contacts", 1, is_primary="on", name="Other"))
    assert "contacts-1-is_primary" in errors(answer)
    assert "is_primary" not in errors(answer)
    second.refresh_from_db()
    row.refresh_from_db()
    assert (second.is_primary, second.name, row.city) == (False, second.name, "New York")


def test_it_writes_no_history_through_forged_rows_below(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    row.change_status("CONTACTED", by=cast.asha, at=NOON)
    change, allocation = row.status_changes.get(), row.allocations.get()
    forged = {
        "status_changes-TOTAL_FORMS": "2",
        "status_changes-INITIAL_FORMS": "1",
        **below("status_changes", 0, id=str(change.pk), restaurant=str(row.pk), new_status="LOST", reason="forged"),
        **below("status_changes", 1, old_status="NEW", new_status="LOST", changed_at_0="2024-01-01", lasted="1"),
        **below("allocations", 0, id=str(allocation.pk), restaurant=str(row.pk), kam=str(cast.bela.pk)),
    }
    root.fill_in(changing(row), **forged)
    assert row.status_changes.get().new_status == "CONTACTED"
    assert row.status_changes.get().reason == ""
    assert row.allocations.get().kam == cast.asha


def test_it_shows_the_latest_interactions_of_a_restaurant(cast: Cast, root: Browser) -> None:
    who = contact(restaurant(cast.asha))
    for number in range(25):
        interaction(who, details=f"Call number {number:02}", date=NOON - timedelta(days=number))
    page = root.get(changing(who.restaurant)).content.decode()
    assert "Call number 00" in page
    assert "Call number 19" in page
    assert "Call number 20" not in page


# --- contacts ---------------------------------------------------------------------------------------
def test_it_keeps_a_contact_with_its_restaurant(cast: Cast, root: Browser) -> None:
    row, other = contact(restaurant(cast.asha)), restaurant(cast.asha)
    assert root.fill_in(changing(row), restaurant=str(other.pk), name="Ravi").status_code == 302
    row.refresh_from_db()
    assert (row.name, row.restaurant_id == other.pk) == ("Ravi", False)


def test_it_refuses_a_superior_of_another_restaurant(cast: Cast, root: Browser) -> None:
    row, stranger = contact(restaurant(cast.asha)), contact(restaurant(cast.asha))
    assert "reports_to" in errors(root.fill_in(changing(row), reports_to=str(stranger.pk)))
    row.refresh_from_db()
    assert row.reports_to is None


# --- interactions -----------------------------------------------------------------------------------
def test_it_records_an_interaction_now_and_for_whoever_records_it(cast: Cast, root: Browser) -> None:
    who = contact(restaurant(cast.asha))
    second = contact(who.restaurant)
    given = {"lead": str(who.restaurant_id), "contact": str(who.pk), "participants": [str(second.pk)]}
    answer = root.fill_in(adding(Interaction), **given, interaction_type="CALL", details="Met")
    assert answer.status_code == 302, errors(answer)
    row = Interaction.objects.get()
    assert (row.date, row.kam, row.order_placed, row.status) == (LATER, cast.root, False, "DONE")
    assert list(row.participants.all()) == [second]


def test_it_writes_an_order_with_its_interaction(cast: Cast, root: Browser) -> None:
    who = contact(restaurant(cast.asha))
    given = {"lead": str(who.restaurant_id), "contact": str(who.pk), "interaction_type": "ORDER", "details": "Ordered"}
    order = below("order", 0, product_details="Rice", quantity="5", total_price="12.50")
    answer = root.fill_in(adding(Interaction), **given, **{"order-TOTAL_FORMS": "1"}, **order)
    assert answer.status_code == 302, errors(answer)
    row = Interaction.objects.get()
    assert row.order_placed
    assert (row.order.quantity, row.order.total_price, row.order.order_date) == (5, Decimal("12.50"), LATER)

    assert root.fill_in(changing(row), **below("order", 0, quantity="7")).status_code == 302
    row = Interaction.objects.get()
    assert (row.order.quantity, row.order.total_price) == (7, Decimal("12.50"))


@pytest.mark.parametrize(
    ("field", "value"), [("quantity", "0"), ("quantity", str(2**31)), ("total_price", "-1"), ("order_date_0", "")]
)
def test_it_refuses_an_order_that_cannot_be(cast: Cast, root: Browser, field: str, value: str) -> None:
    order = {"product_details": "Rice", "quantity": 5, "total_price": Decimal(3)}
    row = interaction(contact(restaurant(cast.asha)), order=order)
    told = errors(root.fill_in(changing(row), **below("order", 0, **{field: value})))
    assert any(name.startswith(f"order-0-{field.removesuffix('_0')}") for name in told)
    assert Interaction.objects.get().order.quantity == 5


def test_it_refuses_to_say_that_an_order_was_not_placed(cast: Cast, root: Browser) -> None:
    row = interaction(contact(restaurant(cast.asha)), interaction_type="ORDER")
    assert "order_placed" in errors(root.fill_in(changing(row), order_placed=None))
    row.refresh_from_db()
    assert row.order_placed


def test_it_refuses_what_is_done_in_the_future(cast: Cast, root: Browser) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    assert "date" in errors(root.fill_in(changing(row), date_0="2030-01-01"))
    row.refresh_from_db()
    assert row.date == NOON


def test_it_changes_a_planned_call_that_has_no_contact_yet(cast: Cast, root: Browser) -> None:
    lead = restaurant(cast.asha)
    call: dict[str, Any] = {"interaction_type": "CALL", "status": "PLANNED", "details": "Due", "contact": None}
    row = Interaction.objects.add(lead=lead, by=None, at=NOON, kam=None, **call)
    assert root.fill_in(changing(row), details="Due today").status_code == 302
    row.refresh_from_db()
    assert (row.details, row.contact, row.kam) == ("Due today", None, None)


# --- call plans -------------------------------------------------------------------------------------
def test_it_counts_the_first_call_from_today(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    assert root.fill_in(adding(CallPlan), lead=str(row.pk), frequency="DAILY").status_code == 302
    assert CallPlan.objects.get().next_call_date.isoformat() == "2025-01-01T00:00:00+00:00"


def test_it_refuses_a_second_plan_and_a_custom_one_without_an_interval(cast: Cast, root: Browser) -> None:
    plan = call_plan(restaurant(cast.asha))
    told = errors(root.fill_in(adding(CallPlan), lead=str(plan.lead_id), frequency="DAILY"))
    assert f"call plan {plan.pk}" in told["lead"][0]
    assert "interval_days" in errors(root.fill_in(changing(plan), frequency="CUSTOM"))
    assert CallPlan.objects.get().frequency == "DAILY"


def test_it_does_not_take_the_last_call_from_the_page(cast: Cast, root: Browser) -> None:
    plan = call_plan(restaurant(cast.asha))
    root.fill_in(changing(plan), last_called_0="2024-12-01", last_called_1="10:00", notes="Mornings")
    plan.refresh_from_db()
    assert (plan.last_called, plan.notes) == (None, "Mornings")


# --- who --------------------------------------------------------------------------------------------
def test_it_saves_for_an_admin_who_is_no_superuser(cast: Cast) -> None:
    row = restaurant(cast.asha)
    admin = person(role="ADMIN", is_staff=True)
    assert Browser(admin).fill_in(changing(row), lead_status="CONTACTED").status_code == 302
    assert row.status_changes.get().changed_by == admin
