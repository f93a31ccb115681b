"""The monthly figures of an account: kept with each change, and the same when they are worked out anew."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from contact.models import Contact
from interaction_tracking.models import Interaction
from performance_tracking.models import Month
from tests.cast import Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

ORDER = {"product_details": "Olive oil", "quantity": 1}


def kept() -> list[Any]:
    return list(Month.objects.order_by("restaurant", "month").values_list("month", *FIGURES))


FIGURES = ("orders", "revenue", "calls", "visits", "responses", "response_days")


def on(month: int, day: int, year: int = 2024) -> datetime:
    return datetime(year, month, day, 10, tzinfo=UTC)


def order(who: Contact, at: datetime, price: str = "100.00", **fields: Any) -> Interaction:
    said = {"interaction_type": "ORDER", **fields}
    return interaction(who, date=at, order={**ORDER, "total_price": Decimal(price)}, **said)


def test_it_keeps_what_each_month_brought(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    interaction(who, date=on(11, 4))
    interaction(who, interaction_type="VISIT", date=on(11, 20))
    order(who, on(11, 7), "250.50")
    order(who, on(11, 22))
    order(who, on(12, 5))
    interaction(who, interaction_type="CALL", order_placed=True, date=on(12, 9))
    interaction(who, interaction_type="NOTE", date=on(12, 9))
    assert kept() == [
        (date(2024, 11, 1), 2, Decimal("350.50"), 1, 1, 2, 3 + 2),
        (date(2024, 12, 1), 2, Decimal("100.00"), 1, 0, 2, 15 + 0),
    ]


def test_it_counts_what_happened_and_reached_somebody(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    interaction(who, date=on(12, 1), status="CANCELLED")
    interaction(who, date=on(12, 2), status="MISSED")
    interaction(who, date=on(12, 3), outcome="NO_ANSWER")
    interaction(who, date=on(12, 30), status="PLANNED")
    assert kept() == []
    order(who, on(12, 4))
    assert kept() == [(date(2024, 12, 1), 1, Decimal(100), 0, 0, 0, 0)]


def test_an_order_answers_what_was_done_within_a_month(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    interaction(who, date=on(10, 1))
    order(who, on(10, 31))
    order(who, on(11, 1))
    assert [row[-2:] for row in kept()] == [(1, 30), (0, 0)]


def test_it_follows_each_change(cast: Cast) -> None:
    lead = restaurant(cast.asha)
    who, caller = contact(lead), api(cast.asha)
    order(who, on(12, 3))
    given = {"lead": lead.pk, "contact": who.pk, "interaction_type": "CALL", "details": "…"}
    made = caller.post("/track/interactions/", {**given, "date": "2024-11-20T10:00:00Z"}).json()
    path = f"/track/interactions/{made['id']}/"
    none, december = Decimal(0), date(2024, 12, 1)
    called = [(date(2024, 11, 1), 0, none, 1, 0, 0, 0), (december, 1, Decimal(100), 0, 0, 1, 13)]
    assert kept() == called
    assert caller.patch(path, {"date": "2024-10-20T10:00:00Z"}).status_code == 200
    assert kept() == [(date(2024, 10, 1), 0, none, 1, 0, 0, 0), (december, 1, Decimal(100), 0, 0, 0, 0)]
    caller.patch(path, {"date": "2024-11-20T10:00:00Z", "interaction_type": "VISIT"})
    assert kept()[0][3:5] == (0, 1)
    caller.put(f"{path}order_details/", {**ORDER, "total_price": 70.25})
    assert kept()[0] == (date(2024, 11, 1), 1, Decimal("70.25"), 0, 1, 1, 0)
    caller.put(f"{path}order_details/", {**ORDER, "total_price": 80})
    assert kept()[0][2] == 80
    caller.delete(path)
    assert kept() == [(december, 1, Decimal(100), 0, 0, 0, 0)]
    Interaction.objects.get(pk=made["id"]).restore(by=cast.root, at=on(12, 28))
    assert kept()[0] == (date(2024, 11, 1), 1, Decimal(80), 0, 1, 1, 0)


def test_a_month_is_one_of_the_organisation(cast: Cast, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    order(contact(restaurant(cast.asha)), datetime(2024, 11, 30, 18, 30, tzinfo=UTC))
    assert [row[0] for row in kept()] == [date(2024, 12, 1)]


def test_a_rebuild_ends_with_the_same_rows(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(3):
        who = contact(restaurant(cast.asha))
        interaction(who, date=on(11, 20))
        order(who, on(12, 3))
    before = kept()
    Month.objects.filter(month="2024-11-01").delete()
    Month.objects.update(orders=7)
    lone = restaurant(cast.asha)
    Month.objects.create(
        restaurant=lone, month="2024-01-01", orders=1, revenue=1, calls=1, visits=1, responses=1, response_days=1
    )
    call_command("rebuild_figures")
    assert kept() == before
    assert capsys.readouterr().out == "4 accounts.\n"
