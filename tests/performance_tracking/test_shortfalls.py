"""`?rule=` of `GET /performance/underperforming-accounts/`: three rules, and the figures that made them so."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import override_settings

from kams.models import User
from leads.models import Restaurant
from tests.cast import Cast, api, contact, interaction, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/underperforming-accounts/"


def ordered(owner: User, name: str, *orders: tuple[str, str], **fields: Any) -> Restaurant:
    """An account with orders of these days and prices."""
    given = {"lead_status": "CONVERTED", "potential_revenue": Decimal(50_000), **fields}
    row = restaurant(owner, name=name, **given)
    who = contact(row)
    for day, price in orders:
        details = {"product_details": "…", "quantity": 1, "total_price": Decimal(price)}
        interaction(who, interaction_type="ORDER", date=on(day), order=details)
    return row


def on(day: str) -> datetime:
    return datetime.fromisoformat(f"2024-{day}T10:00:00").replace(tzinfo=UTC)


def found(caller: User, query: str) -> list[dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def names(caller: User, query: str) -> list[str]:
    return [row["name"] for row in found(caller, query)]


def test_it_names_the_threshold_of_the_potential(cast: Cast) -> None:
    restaurant(cast.asha, name="Small", potential_revenue=Decimal(500))
    (plain,), (row,) = found(cast.asha, ""), found(cast.asha, "?rule=potential&max_revenue=600")
    assert row == {**plain, "rule": "potential", "figures": {"potential_revenue_below": 600}}


def test_it_finds_orders_that_are_worth_less_than_the_month_before(cast: Cast) -> None:
    row = ordered(cast.asha, "Less", ("10-02", "100"), ("10-09", "101"), ("11-05", "80.39"), ("12-05", "900"))
    ordered(cast.asha, "Just as much", ("10-02", "100"), ("10-09", "101"), ("11-05", "80.40"))
    ordered(cast.asha, "None before", ("11-05", "1"), ("09-05", "100"))
    ordered(cast.asha, "None since", ("10-05", "100"))
    ordered(cast.asha, "Lost", ("10-02", "100"), ("11-05", "1"), lead_status="LOST")
    assert found(cast.asha, "?rule=order_value") == [
        {
            "id": row.pk,
            "name": "Less",
            "lead_status": "CONVERTED",
            "potential_revenue": 50_000,
            "cuisine_type": None,
            "restaurant_type": None,
            "rule": "order_value",
            "figures": {
                "month": "2024-11-01",
                "average_order_value": 80.39,
                "previous_average_order_value": 100.50,
                "percent": 80,
            },
        }
    ]
    with override_settings(UNDERPERFORMING_ORDER_PERCENT=90):
        assert names(cast.asha, "?rule=order_value") == ["Less", "Just as much"]


def test_it_finds_who_orders_less_often_than_its_rhythm(cast: Cast) -> None:
    weekly = [(f"{month:02}-{day:02}", "10") for month in (8, 9, 10) for day in (1, 8, 15, 22, 29)]
    few = ordered(cast.asha, "Few", *weekly, ("11-05", "10"), ("11-12", "10"), ("11-19", "10"))
    ordered(cast.asha, "Enough", *weekly, *((f"11-{day:02}", "10") for day in (5, 12, 19, 26)))
    none = ordered(cast.asha, "None", *weekly)
    ordered(cast.asha, "Learning", *weekly[-3:])
    ordered(cast.asha, "Began since", *((f"12-{day:02}", "10") for day in (1, 5, 9, 13, 17)))
    rows = {row["id"]: row["figures"] for row in found(cast.asha, "?rule=order_count")}
    expected = {"month": "2024-11-01", "expected_orders": 4, "cycle_days": 7.0}
    assert rows == {few.pk: {**expected, "orders": 3}, none.pk: {**expected, "orders": 0}}


def test_it_filters_orders_and_pages_as_ever(cast: Cast) -> None:
    for number in range(5):
        ordered(
            cast.asha,
            f"Number {number}",
            ("10-02", "100"),
            ("11-05", "1"),
            potential_revenue=Decimal(number),
            city="Pune" if number else "Dubai",
        )
    ordered(cast.carl, "Carls", ("10-02", "100"), ("11-05", "1"))
    every = [f"Number {number}" for number in range(5)]
    assert names(cast.asha, "?rule=order_value") == every
    assert names(cast.asha, "?rule=order_value&ordering=-potential_revenue") == every[::-1]
    assert names(cast.asha, "?rule=order_value&city=Pune&max_revenue=3") == every[1:4]
    assert [
        row["name"] for page in pages(api(cast.asha), f"{PATH}?rule=order_value&page_size=2") for row in page
    ] == every
    assert "Carls" in names(cast.root, "?rule=order_value")


def test_it_names_the_rules_there_are(cast: Cast) -> None:
    answer = api(cast.asha).get(f"{PATH}?rule=luck")
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"rule": ["Use one of potential, order_value, order_count."]}
