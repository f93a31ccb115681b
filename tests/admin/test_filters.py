"""Filters of the lists that ask the sets of rows their own questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from call_planning.models import CallPlan
from performance_tracking.models import Account
from tests.admin.browser import Browser, changing, listing
from tests.cast import NOON, Cast, call_plan, contact, interaction, restaurant


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize(
    ("due", "days"), [("overdue", {-1}), ("today", {-1, 0}), ("week", {-1, 0, 6}), ("someday", {-1, 0, 6, 7})]
)
def test_it_lists_the_plans_that_are_due(cast: Cast, root: Browser, due: str, days: set[int]) -> None:
    for day in (-1, 0, 6, 7):
        call_plan(restaurant(cast.asha), next_call_date=NOON + timedelta(days=day))
    listed = root.get(listing(CallPlan), due=due).context["cl"].result_list
    assert {(plan.next_call_date - NOON).days for plan in listed} == days


def test_it_counts_today_by_the_clocks_of_the_person(cast: Cast, root: Browser) -> None:
    call_plan(restaurant(cast.asha), next_call_date=NOON + timedelta(hours=13))
    assert not root.get(listing(CallPlan), due="today").context["cl"].result_list
    cast.root.revise(by=cast.root, at=NOON, timezone="America/New_York")
    assert len(root.get(listing(CallPlan), due="today").context["cl"].result_list) == 1


@pytest.mark.parametrize(
    ("performance", "names"),
    [("performing", {"good"}), ("underperforming", {"new", "lost"}), ("", {"good", "middling", "new", "lost"})],
)
def test_it_lists_accounts_by_performance(cast: Cast, root: Browser, performance: str, names: set[str]) -> None:
    for name, status, revenue in (
        ("good", "CONVERTED", "10000"),
        ("middling", "CONVERTED", "9999"),
        ("new", "NEW", "9999"),
        ("lost", "LOST", "9999"),
    ):
        restaurant(cast.asha, name=name, lead_status=status, potential_revenue=Decimal(revenue))
    query = {"performance": performance} if performance else {}
    assert {row.name for row in root.get(listing(Account), **query).context["cl"].result_list} == names


def test_it_shows_the_orders_of_an_account(cast: Cast, root: Browser) -> None:
    who = contact(restaurant(cast.asha))
    for days in (0, 1, 40):
        interaction(who, interaction_type="ORDER", date=NOON - timedelta(days=days))
    account = Account.objects.get(pk=who.restaurant_id)
    (row,) = root.get(listing(Account)).context["cl"].result_list
    assert (row.orders_last_month, row.orders_this_month) == (1, 2)
    assert "Orders this month" in root.get(changing(account)).content.decode()
