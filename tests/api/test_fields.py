"""What each field takes, and what it answers: the same, to the digit, to the microsecond and to the letter."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from leads.models import Restaurant
from tests.cast import Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

LARGEST_AMOUNT = 9_999_999_999  # in cents

# Resource, field, what is sent and what is answered, as they stand in the JSON.
TAKEN = [
    ("restaurant", "name", '"  A  "', '"A"'),
    ("restaurant", "name", f'"{"x" * 200}"', f'"{"x" * 200}"'),
    ("restaurant", "name", f'"{"é" * 200}"', f'"{"é" * 200}"'),
    ("restaurant", "phone", '"123-456-7890"', '"123-456-7890"'),
    ("restaurant", "email", '"Jane.Doe+x@Example.com"', '"Jane.Doe+x@Example.com"'),
    ("restaurant", "timezone", '"Asia/Kolkata"', '"Asia/Kolkata"'),
    ("restaurant", "cuisine_type", "null", "null"),
    ("restaurant", "lead_status", '"CONTACTED"', '"CONTACTED"'),
    ("restaurant", "potential_revenue", "0", "0.00"),
    ("restaurant", "potential_revenue", "-0.0", "0.00"),
    ("restaurant", "potential_revenue", "5000", "5000.00"),
    ("restaurant", "potential_revenue", "5000.1", "5000.10"),
    ("restaurant", "potential_revenue", "1e3", "1000.00"),
    ("restaurant", "potential_revenue", "12.3E2", "1230.00"),
    ("restaurant", "potential_revenue", "0.01", "0.01"),
    ("restaurant", "potential_revenue", "99999999.99", "99999999.99"),
    ("restaurant", "potential_revenue", "null", "null"),
    ("restaurant", "assigned_to", "null", "null"),
    ("restaurant", "parent", "null", "null"),
    ("contact", "is_primary", "true", "true"),
    ("contact", "opted_out", "false", "false"),
    ("contact", "phone", '""', '""'),
    ("interaction", "duration_seconds", "0", "0"),
    ("interaction", "duration_seconds", "2147483647", "2147483647"),
    ("interaction", "duration_seconds", "null", "null"),
    ("interaction", "order_placed", "true", "true"),
    ("interaction", "participants", "[]", "[]"),
    ("interaction", "date", '"2024-12-24T15:30:00Z"', '"2024-12-24T15:30:00Z"'),
    ("interaction", "date", '"2024-12-24T15:30:00+05:30"', '"2024-12-24T10:00:00Z"'),
    ("interaction", "date", '"2024-12-24T00:00:00-23:59"', '"2024-12-24T23:59:00Z"'),
    ("interaction", "date", '"2024-12-24T15:30:00.123456Z"', '"2024-12-24T15:30:00.123456Z"'),
    ("interaction", "date", '"2024-12-24T15:30Z"', '"2024-12-24T15:30:00Z"'),
    ("interaction", "date", '"1900-01-01T00:00:00Z"', '"1900-01-01T00:00:00Z"'),
    ("interaction", "date", '"2024-12-28T12:05:00Z"', '"2024-12-28T12:05:00Z"'),
    ("interaction", "details", '"\\u00e9\\ud83d\\ude00"', '"é\N{GRINNING FACE}"'),
]
PATHS = {"restaurant": "/lead/restaurants/", "contact": "/contact/contacts/", "interaction": "/track/interactions/"}


def shown(answer: Any, field: str) -> str:
    """The field as it stands in the answer."""
    found = re.search(rf'"{field}":("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,}}]*)', answer.content.decode())
    assert found, answer.content
    return found[1]


@pytest.mark.parametrize(
    ("resource", "field", "sent", "answered"), TAKEN, ids=[f"{one[1]} {one[2][:30]}" for one in TAKEN]
)
def test_it_takes_and_answers(cast: Cast, resource: str, field: str, sent: str, answered: str) -> None:
    place = restaurant(cast.asha)
    who = contact(place)
    row = {"restaurant": place, "contact": who, "interaction": interaction(who)}[resource]
    path = f"{PATHS[resource]}{row.pk}/"
    answer = api(cast.asha).patch(path, f'{{"{field}": {sent}}}')
    assert answer.status_code == 200, answer.content
    assert shown(answer, field) == answered
    assert shown(api(cast.asha).get(path), field) == answered


def as_json(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


@given(cents=st.integers(0, LARGEST_AMOUNT))
@example(cents=LARGEST_AMOUNT)
@example(cents=7_000_000_001)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_keeps_every_amount_to_the_digit(cast: Cast, cents: int) -> None:
    row = Restaurant.objects.first() or restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    answer = api(cast.asha).patch(path, f'{{"potential_revenue": {as_json(cents)}}}')
    row.refresh_from_db()
    assert row.potential_revenue == Decimal(cents) / 100
    assert shown(answer, "potential_revenue") == as_json(cents)
    assert [shown(api(cast.asha).get(one), "potential_revenue") for one in (path, PATHS["restaurant"])] == [
        as_json(cents)
    ] * 2


@given(
    amounts=st.lists(st.integers(0, LARGEST_AMOUNT), min_size=2, max_size=6), threshold=st.integers(0, LARGEST_AMOUNT)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_it_compares_amounts_to_the_digit(cast: Cast, amounts: list[int], threshold: int) -> None:
    Restaurant.objects.all().delete()
    threshold = amounts[0] if threshold % 2 else threshold
    for cents in amounts:
        restaurant(cast.asha, potential_revenue=Decimal(cents) / 100)
    query = f"min_revenue={as_json(threshold)}&ordering=potential_revenue"
    rows = api(cast.asha).get(f"{PATHS['restaurant']}?{query}").json()
    found = [round(row["potential_revenue"] * 100) for row in rows]
    assert found == sorted(cents for cents in amounts if cents >= threshold)


def test_it_takes_each_person_once_and_in_any_order(cast: Cast) -> None:
    place = restaurant(cast.asha)
    one, other = contact(place), contact(place)
    row = interaction(one)
    answer = api(cast.asha).patch(f"/track/interactions/{row.pk}/", {"participants": [other.pk, one.pk, other.pk]})
    assert answer.json()["participants"] == [one.pk, other.pk]
    assert set(row.participants.values_list("pk", flat=True)) == {one.pk, other.pk}


def test_it_takes_a_hundred_people_and_no_more(cast: Cast) -> None:
    place = restaurant(cast.asha)
    row = interaction(contact(place))
    people = [contact(place).pk for _ in range(101)]
    path = f"/track/interactions/{row.pk}/"
    assert api(cast.asha).patch(path, {"participants": people}).status_code == 400
    assert row.participants.count() == 0
    assert api(cast.asha).patch(path, {"participants": people[:100]}).status_code == 200
    assert row.participants.count() == 100


def test_it_takes_back_the_id_that_stands_there_though_nobody_sees_it(cast: Cast) -> None:
    """An answer can be sent back, also by somebody who does not see the person it names."""
    row = restaurant(cast.asha)
    Restaurant.objects.filter(pk=row.pk).update(assigned_to=None, parent=restaurant(cast.carl))
    caller, path = api(cast.asha), f"/lead/restaurants/{row.pk}/"
    row.refresh_from_db()
    answer = caller.put(path, {**caller.get(path).json(), "notes": "Sent back."})
    assert (answer.status_code, answer.json()["parent"], answer.json()["notes"]) == (200, row.parent_id, "Sent back.")
    assert caller.patch(path, {"parent": restaurant(cast.carl).pk}).status_code == 400
