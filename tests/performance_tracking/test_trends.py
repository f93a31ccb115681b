"""`GET /performance/trends/`: what each month brought, and what it has more or less than others."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from kams.models import Team, User
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, contact, interaction, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/trends/"
ZEROS = {"orders": 0, "revenue": 0, "average_order_value": None, "calls": 0, "visits": 0, "response_days": None}


def ordered(owner: User, *orders: tuple[str, str], **fields: Any) -> Restaurant:
    """An account with orders of these days and prices."""
    row = restaurant(owner, lead_status="CONVERTED", **fields)
    who = contact(row)
    for day, price in orders:
        details = {"product_details": "…", "quantity": 1, "total_price": Decimal(price)}
        interaction(who, interaction_type="ORDER", date=on(day), order=details)
    return row


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def lines(caller: User, query: str = "") -> list[dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def revenues(caller: User, query: str = "") -> dict[str, float]:
    return {line["month"]: line["revenue"] for line in lines(caller, query)}


def test_it_says_what_each_month_brought_and_how_that_differs(cast: Cast) -> None:
    row = ordered(
        cast.asha, ("2023-11-05", "80"), ("2024-10-03", "100"), ("2024-11-04", "90.50"), ("2024-11-20", "100")
    )
    interaction(row.contacts.get(), date=on("2024-11-02"))
    november, october = lines(cast.asha)[1:3]
    assert november == {
        "month": "2024-11-01",
        "is_over": True,
        "orders": 2,
        "revenue": 190.50,
        "average_order_value": 95.25,
        "calls": 1,
        "visits": 0,
        "response_days": 10.0,
        "against_previous_month": {
            "orders": 1,
            "revenue": 90.50,
            "average_order_value": -4.75,
            "calls": 1,
            "visits": 0,
            "response_days": None,
        },
        "against_year_before": {
            "orders": 1,
            "revenue": 110.50,
            "average_order_value": 15.25,
            "calls": 1,
            "visits": 0,
            "response_days": None,
        },
    }
    assert october["against_previous_month"]["revenue"] == 100
    assert october["against_year_before"] is None


def test_it_compares_no_month_that_is_not_over(cast: Cast) -> None:
    ordered(cast.asha, ("2024-11-04", "90"), ("2024-12-04", "30"))
    december, november = lines(cast.asha)
    assert (december["month"], december["is_over"], december["revenue"]) == ("2024-12-01", False, 30)
    assert (december["against_previous_month"], december["against_year_before"]) == (None, None)
    assert (november["against_previous_month"], november["against_year_before"]) == (None, None)


def test_it_shows_a_month_of_silence_as_zeros(cast: Cast) -> None:
    ordered(cast.asha, ("2024-09-04", "90"), ("2024-11-04", "30"))
    assert [line["month"] for line in lines(cast.asha)] == ["2024-12-01", "2024-11-01", "2024-10-01", "2024-09-01"]
    october = lines(cast.asha)[2]
    assert {name: october[name] for name in ZEROS} == ZEROS
    assert october["against_previous_month"]["revenue"] == -90
    assert october["against_previous_month"]["average_order_value"] is None


def test_it_shows_as_many_months_as_asked(cast: Cast) -> None:
    ordered(cast.asha, *((f"{year}-{month:02}-03", "10") for year in (2022, 2023, 2024) for month in range(1, 13)))
    assert len(lines(cast.asha)) == 13
    assert len(lines(cast.asha, "?months=36")) == 36
    (only,) = lines(cast.asha, "?months=1")
    assert only["month"] == "2024-12-01"
    assert lines(cast.asha, "?months=36")[11:13] == lines(cast.asha)[11:13]


def test_it_adds_up_what_the_caller_sees(cast: Cast) -> None:
    maya, below = cast.maya, Team.objects.add(by=cast.root, at=NOON, name="Below", parent=cast.south)
    mine = ordered(cast.asha, ("2024-12-04", "1"), city="Pune", cuisine_type="Thai")
    ordered(cast.bela, ("2024-12-04", "10"), city="Pune")
    ordered(person(team=below), ("2024-12-04", "100"), restaurant_type="Bar")
    ordered(cast.carl, ("2024-12-04", "1000"), city="Pune")
    pool = ordered(cast.asha, ("2024-12-04", "10000"))
    pool.allocate(to=None, by=cast.root, at=NOON)
    gone = ordered(cast.asha, ("2024-12-04", "100000"))
    gone.archive(by=cast.root, at=NOON)

    def sees(caller: User, query: str = "") -> float:
        return revenues(caller, query).get("2024-12-01", 0)

    assert [sees(caller) for caller in (cast.asha, cast.bela, cast.carl)] == [1, 10, 1000]
    assert [sees(caller) for caller in (maya, cast.nora, cast.root)] == [10111, 11111, 11111]
    assert sees(cast.asha, "?assigned_to=none") == 10000
    assert sees(cast.root, f"?restaurant={mine.pk}") == sees(cast.root, "?cuisine_type=Thai") == 1
    assert sees(cast.root, f"?assigned_to={cast.carl.pk}") == 1000
    assert sees(cast.root, "?city=Pune") == 1011
    assert sees(cast.root, "?restaurant_type=Bar") == sees(maya, f"?team={below.pk}") == 100
    assert sees(cast.root, f"?team={cast.south.pk}") == 111
    for query in (f"?restaurant={mine.pk}", f"?assigned_to={cast.asha.pk}", "?cuisine_type=Thai", f"?team={below.pk}"):
        assert lines(cast.carl, query) == []


def test_it_adds_up_to_the_cent(cast: Cast) -> None:
    ordered(cast.asha, *(("2024-12-04", "0.10") for _ in range(3)))
    ordered(cast.asha, ("2024-12-05", "0.20"))
    answer = api(cast.asha).get(PATH)
    assert b'"revenue":0.50,' in answer.content


def test_it_names_the_parameter_that_makes_no_sense(cast: Cast) -> None:
    for query, name in (
        ("months=0", "months"),
        ("months=37", "months"),
        ("months=x", "months"),
        ("page_size=3", "page_size"),
    ):
        answer = api(cast.asha).get(f"{PATH}?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
