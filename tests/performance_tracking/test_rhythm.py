"""`GET /performance/rhythm/`: how often each account orders, and how late it is in its own cycles."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction

from kams.models import User
from leads.models import Restaurant
from performance_tracking.models import OrderRhythm, TypicalCycle
from performance_tracking.tasks import refresh_rhythms
from tests.cast import NOON, Cast, api, contact, interaction, restaurant
from tests.races import at_once, shared_database

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/rhythm/"


def account(owner: User, *days_ago: int, **fields: Any) -> Restaurant:
    """A converted restaurant that ordered this many days ago."""
    row = restaurant(owner, lead_status="CONVERTED", **fields)
    who = contact(row)
    for days in days_ago:
        interaction(who, interaction_type="ORDER", date=NOON - timedelta(days=days))
    return row


def weekly(owner: User, last: int, **fields: Any) -> Restaurant:
    """An account that ordered every week, the last time this many days ago."""
    return account(owner, *range(last, last + 50, 7), **fields)


def listed(caller: User, query: str = "") -> list[dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def names(caller: User, query: str = "") -> list[str]:
    return [row["name"] for row in listed(caller, query)]


def kept() -> list[dict[str, Any]]:
    return list(OrderRhythm.objects.order_by("pk").values())


def test_it_says_how_often_and_how_late(cast: Cast) -> None:
    row = weekly(cast.asha, 12, name="Regular")
    assert listed(cast.asha) == [
        {
            "restaurant_id": row.pk,
            "name": "Regular",
            "state": "LAPSED",
            "cycles": 1.71,
            "last_order_on": "2024-12-16",
            "expected_next_order": "2024-12-23",
            "cycle_days": 7.0,
            "borrowed": False,
            "median_days": 7.0,
            "spread_days": 1.05,
            "gaps": 7,
        }
    ]


def test_it_puts_the_latest_in_own_cycles_first(cast: Cast) -> None:
    account(cast.asha, *range(30, 181, 30), name="Monthly, on the day")
    weekly(cast.asha, 8, name="Weekly, a day over")
    weekly(cast.asha, 10, name="Weekly, three days over")
    account(cast.asha, 1, 3, name="New")
    expected = ["Weekly, three days over", "Weekly, a day over", "Monthly, on the day", "New"]
    assert names(cast.asha) == expected
    assert names(cast.asha, "?ordering=cycles") == [*reversed(expected[:3]), "New"]
    assert names(cast.asha, "?state=DUE") == ["Weekly, a day over"]
    assert names(cast.asha, "?state=LATE,ON_RHYTHM") == ["Weekly, three days over", "Monthly, on the day"]


def test_it_shows_accounts_only_and_nobody_elses(cast: Cast) -> None:
    weekly(cast.asha, 3, name="Mine", city="Pune")
    weekly(cast.carl, 3, name="Carls")
    lost = weekly(cast.asha, 3, name="Lost")
    api(cast.asha).post(f"/lead/restaurants/{lost.pk}/change_status/", {"status": "LOST"})
    assert (names(cast.asha), names(cast.carl)) == (["Mine"], ["Carls"])
    assert names(cast.asha, f"?assigned_to={cast.carl.pk}") == []
    assert names(cast.root, f"?assigned_to={cast.carl.pk}") == ["Carls"]
    assert names(cast.root, "?city=Pune") == ["Mine"]


def test_it_borrows_what_is_usual_for_the_type_and_says_so(cast: Cast) -> None:
    weekly(cast.asha, 3, restaurant_type="Cafe")
    account(cast.asha, 2, name="New", restaurant_type="Cafe")
    account(cast.asha, 2, name="Other", restaurant_type="Bar")
    refresh_rhythms(NOON)
    new, other = (next(row for row in listed(cast.asha) if row["name"] == name) for name in ("New", "Other"))
    assert (new["state"], new["borrowed"], new["cycle_days"], new["median_days"]) == ("LEARNING", True, 7.0, None)
    assert (new["last_order_on"], new["expected_next_order"]) == ("2024-12-26", "2025-01-02")
    assert (other["borrowed"], other["cycle_days"], other["expected_next_order"]) == (False, None, None)


def test_it_follows_each_change_of_an_order(cast: Cast) -> None:
    row = weekly(cast.asha, 10)
    caller, who = api(cast.asha), row.contacts.get()
    given = {"lead": row.pk, "contact": who.pk, "interaction_type": "CALL", "details": "…", "order_placed": True}
    made = caller.post("/track/interactions/", given).json()
    assert [line["state"] for line in listed(cast.asha)] == ["ON_RHYTHM"]
    path = f"/track/interactions/{made['id']}/"
    caller.patch(path, {"date": "2024-12-20T12:00:00Z"})
    assert [(line["state"], line["last_order_on"]) for line in listed(cast.asha)] == [("DUE", "2024-12-20")]
    caller.patch(path, {"order_placed": False})
    assert [line["state"] for line in listed(cast.asha)] == ["LATE"]
    caller.patch(path, {"order_placed": True})
    caller.delete(path)
    assert [line["state"] for line in listed(cast.asha)] == ["LATE"]
    row.interactions.get(pk=made["id"]).restore(by=cast.root, at=NOON)
    assert [line["state"] for line in listed(cast.asha)] == ["DUE"]


def test_it_forgets_who_has_no_order_left(cast: Cast) -> None:
    account(cast.asha, 1)
    only = OrderRhythm.objects.get().restaurant.interactions.get()
    api(cast.asha).delete(f"/track/interactions/{only.pk}/")
    assert not OrderRhythm.objects.exists()
    assert listed(cast.asha) == []


def test_it_ages_by_night_as_if_it_were_worked_out_anew(cast: Cast) -> None:
    for last in (1, 5, 8, 30):
        weekly(cast.asha, last)
    account(cast.asha, 1, 2)
    for days in (1, 2, 3, 5, 40):
        later = NOON + timedelta(days=days)
        with time_machine.travel(later, tick=False):
            refresh_rhythms(later)
            aged = kept()
            call_command("rebuild_rhythms", verbosity=0)
        assert aged == kept(), days


def test_a_rebuild_ends_with_the_same_rows(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    weekly(cast.asha, 9)
    account(cast.asha, 40, 4)
    before = kept()
    OrderRhythm.objects.filter(gaps=1).delete()
    OrderRhythm.objects.update(state="DUE", cycles=None)
    orphan = restaurant(cast.asha)
    OrderRhythm.objects.create(restaurant=orphan, last_order_on=NOON.date())
    call_command("rebuild_rhythms")
    assert kept() == before
    assert "3 accounts, 0 types" in capsys.readouterr().out


def test_it_learns_anew_what_is_usual(cast: Cast) -> None:
    TypicalCycle.objects.create(restaurant_type="Gone", median_days=3, accounts=1)
    weekly(cast.asha, 3, restaurant_type="Cafe")
    account(cast.asha, *range(1, 42, 10), restaurant_type="Cafe")
    refresh_rhythms(NOON)
    assert list(TypicalCycle.objects.values_list("restaurant_type", "median_days", "accounts")) == [
        ("Cafe", Decimal("8.5"), 2)
    ]


@pytest.mark.django_db(transaction=True)
def test_it_counts_orders_that_come_at_once() -> None:
    with shared_database():
        cast = Cast()
        with transaction.atomic():
            row = account(cast.asha)
        body = {"lead": row.pk, "contact": row.contacts.get().pk, "interaction_type": "ORDER", "details": "…"}
        callers = [api(cast.asha) for _ in range(6)]

        def order(days: int) -> Any:
            return lambda: callers[days].post(
                "/track/interactions/", {**body, "date": (NOON - timedelta(days=days)).isoformat()}
            )

        answers = at_once(*(order(days) for days in range(6)))
        assert [answer.status_code for answer in answers] == [201] * 6
        assert OrderRhythm.objects.get().gaps == 5
