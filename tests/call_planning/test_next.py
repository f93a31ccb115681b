"""`GET /call/next/`: whom to call now, and why."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from call_planning.tasks import mark_missed, plan_calls
from kams.models import User
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, call_plan, collaboration, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/call/next/"


def ranking(caller: User, query: str = "") -> list[dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def names(caller: User, query: str = "") -> list[str]:
    return [row["restaurant"]["name"] for row in ranking(caller, query)]


def points(row: dict[str, Any]) -> dict[str, int]:
    return {reason["code"]: reason["points"] for reason in row["reasons"]}


def days_ago(number: float) -> Any:
    return NOON - timedelta(days=number)


def weekly(owner: User | None, last: int, **fields: Any) -> Restaurant:
    """An account that ordered every week, the last time this many days ago."""
    row = restaurant(owner, lead_status="CONVERTED", **fields)
    who = contact(row)
    for days in range(last, last + 50, 7):
        interaction(who, interaction_type="ORDER", date=days_ago(days))
    return row


def due(owner: User | None, days: float, *, frequency: str = "WEEKLY", **fields: Any) -> Restaurant:
    """A restaurant that somebody spoke to lately, and whose call was due this many days ago."""
    row = restaurant(owner, **{"lead_status": "CONTACTED", **fields})
    call_plan(row, frequency=frequency, next_call_date=days_ago(days))
    return row


def test_it_says_why_whom_to_ask_for_and_what_about(cast: Cast) -> None:
    row = weekly(cast.asha, 14, name="Late", potential_revenue=Decimal(15000), timezone="Asia/Kolkata", notes="Vegan.")
    plan = call_plan(row, frequency="WEEKLY", next_call_date=days_ago(2), notes="Ask for the chef.")
    who = row.contacts.get()
    (shown,) = ranking(cast.asha)
    last = row.interactions.first()
    assert last
    assert shown == {
        "restaurant": {
            "id": row.pk,
            "name": "Late",
            "city": "New York",
            "phone": "+1234567890",
            "lead_status": "CONVERTED",
        },
        "call_plan": plan.pk,
        "score": 68,
        "reasons": [
            {
                "code": "ORDER_LATE",
                "points": 40,
                "text": "Usually orders every 7 days; the last order was 14 days ago.",
                "facts": {
                    "last_order_on": "2024-12-14",
                    "days_since": 14,
                    "median_days": 7.0,
                    "cycles": 2.0,
                    "potential_revenue": 15000.0,
                },
            },
            {
                "code": "CADENCE_OVERDUE",
                "points": 20,
                "text": "To be called every 7 days; it was due 2 days ago.",
                "facts": {"due_on": "2024-12-26", "days_overdue": 2, "interval_days": 7},
            },
            {
                "code": "HIGH_POTENTIAL",
                "points": 8,
                "text": "Worth 15,000.00; from 10,000 on, that is high.",
                "facts": {"potential_revenue": 15000.0, "counts_as_high": 10000},
            },
        ],
        "callable_now": False,
        "local_time": "17:30",
        "next_window": {"starts_at": "2024-12-30T09:00:00Z", "ends_at": "2024-12-30T12:30:00Z"},
        "suggested_contact": {
            "id": who.pk,
            "name": who.name,
            "role": "Manager",
            "phone": "+1234567890",
            "why": "Answered or ordered 8 times within a year.",
        },
        "talk_about": [
            {
                "code": "LAST_ORDER",
                "text": "Ordered on 14 December 2024: Followed up.",
                "facts": {"interaction": last.pk, "date": "2024-12-14T12:00:00Z"},
            },
            {"code": "PLAN_NOTES", "text": "Ask for the chef.", "facts": {}},
            {"code": "NOTES", "text": "Vegan.", "facts": {}},
        ],
        "next_call_date": "2024-12-26T12:00:00Z",
        "leave_for_tomorrow": False,
    }


def test_it_ranks_by_the_sum_of_the_printed_points(cast: Cast) -> None:
    weekly(cast.asha, 20, name="Late and worth much", potential_revenue=Decimal(40000))
    weekly(cast.asha, 20, name="Late")
    due(cast.asha, 3, name="Due")
    restaurant(cast.asha, name="New")
    rows = ranking(cast.asha)
    assert [row["restaurant"]["name"] for row in rows] == ["Late and worth much", "Late", "Due", "New"]
    for row in rows:
        assert row["score"] == sum(reason["points"] for reason in row["reasons"]) > 0
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert [points(row) for row in rows] == [
        {"ORDER_LATE": 40, "HIGH_POTENTIAL": 10},
        {"ORDER_LATE": 30},
        {"CADENCE_OVERDUE": 22},
        {"NEW_LEAD": 19},
    ]


def test_it_lets_a_row_go_once_the_call_is_recorded(cast: Cast) -> None:
    first = weekly(cast.asha, 20, name="Late and due")
    plan = call_plan(first, frequency="WEEKLY", next_call_date=days_ago(2))
    due(cast.asha, 0, name="Due today")
    assert names(cast.asha) == ["Late and due", "Due today"]
    assert api(cast.asha).post(f"/call/{plan.pk}/record_call/", {}).status_code == 200
    assert names(cast.asha) == ["Due today"]
    # The order gets three days to come; then it is late again.
    with time_machine.travel(NOON + timedelta(days=2), tick=False):
        assert names(cast.asha) == ["Due today"]
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        assert names(cast.asha) == ["Late and due", "Due today"]


def test_it_counts_the_calls_that_were_missed(cast: Cast) -> None:
    row = due(cast.asha, 0, name="Missed", frequency="DAILY")
    for days in range(3):
        plan_calls(NOON + timedelta(days=days))
        mark_missed(NOON + timedelta(days=days + 1))
        with time_machine.travel(NOON + timedelta(days=days + 1), tick=False):
            (shown,) = ranking(cast.asha)
            assert points(shown)["MISSED_CALL"] == [8, 15, 15][days]
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        api(cast.asha).post(f"/call/{row.call_plans.get().pk}/record_call/", {})
        assert ranking(cast.asha) == []


def test_it_ends_a_new_lead_with_the_first_contact(cast: Cast) -> None:
    row = restaurant(cast.asha, name="New")
    (shown,) = ranking(cast.asha)
    assert points(shown) == {"NEW_LEAD": 19}
    assert shown["reasons"][0]["text"] == "A new lead, entered today, that nobody has spoken to."
    assert (shown["call_plan"], shown["suggested_contact"], shown["next_call_date"]) == (None, None, None)
    who = contact(row)
    interaction(who, interaction_type="NOTE")
    interaction(who, outcome="NO_ANSWER")
    assert names(cast.asha) == ["New"]
    interaction(who, interaction_type="VISIT")
    assert names(cast.asha) == []


def test_it_hears_silence(cast: Cast) -> None:
    row = restaurant(cast.asha, name="Silent", lead_status="NEGOTIATING", at=days_ago(90))
    interaction(contact(row), interaction_type="MEETING", date=days_ago(31))
    (shown,) = ranking(cast.asha)
    assert points(shown) == {"SILENCE": 8}
    assert shown["reasons"][0]["text"] == "No contact for 31 days."
    never = restaurant(cast.asha, name="Never", lead_status="NEGOTIATING", at=days_ago(90))
    assert names(cast.asha) == ["Never", "Silent"]
    # Who is called every quarter is not silent after a month.
    call_plan(never, frequency="QUARTERLY")
    assert names(cast.asha) == ["Silent"]


@pytest.mark.parametrize("status", ["LOST", "INACTIVE"])
def test_it_leaves_out_what_is_not_called(cast: Cast, status: str) -> None:
    row = weekly(cast.asha, 20)
    assert len(ranking(cast.asha)) == 1
    api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": status})
    assert ranking(cast.asha) == []


def test_it_leaves_out_where_everybody_has_opted_out(cast: Cast) -> None:
    row = due(cast.asha, 1, name="Due")
    first, second = contact(row), contact(row)
    first.revise(by=cast.root, at=NOON, opted_out=True)
    assert names(cast.asha) == ["Due"]
    second.archive(by=cast.root, at=NOON)
    assert names(cast.asha) == []
    first.archive(by=cast.root, at=NOON)
    assert names(cast.asha) == ["Due"]


def test_it_shows_nobody_elses_and_nothing_archived(cast: Cast) -> None:
    mine, shared = due(cast.asha, 1, name="Mine"), due(cast.carl, 1, name="Shared")
    due(cast.carl, 1, name="Carls")
    due(None, 1, name="Pool")
    collaboration(shared, cast.asha, by=cast.root)
    assert sorted(names(cast.asha)) == ["Mine", "Shared"]
    assert names(cast.asha, f"?assigned_to={cast.carl.pk}") == ["Shared"]
    assert names(cast.asha, "?assigned_to=none") == ["Pool"]
    assert sorted(names(cast.maya)) == ["Mine", "Pool"]
    assert names(cast.maya, f"?team={cast.south.pk}") == ["Mine"]
    assert names(cast.maya, f"?team={cast.north.pk}") == []
    assert sorted(names(cast.root, f"?team={cast.north.pk}")) == ["Carls", "Shared"]
    mine.archive(by=cast.root, at=NOON)
    assert names(cast.asha) == ["Shared"]


def test_it_leaves_out_what_is_blocked_until_the_block_is_over(cast: Cast) -> None:
    row = due(cast.asha, 1, name="Closed for renovation")
    bounds = {"starts_at": "2024-12-28T13:00:00Z", "ends_at": "2024-12-30T12:00:00Z"}
    made = api(cast.asha).post("/call/blocks/", {"restaurant": row.pk, **bounds})
    assert made.status_code == 201, made.content
    for hours, shown in ((0, 1), (1, 0), (47, 0), (48, 1)):
        with time_machine.travel(NOON + timedelta(hours=hours), tick=False):
            assert len(ranking(cast.asha)) == shown, hours


def test_it_tells_where_somebody_can_pick_up_now(cast: Cast) -> None:
    due(cast.asha, 1, name="In London", timezone="Europe/London")
    due(cast.asha, 2, name="In Kolkata", timezone="Asia/Kolkata")
    monday = NOON + timedelta(days=2)  # noon in London: lunch
    with time_machine.travel(monday, tick=False):
        told = {row["restaurant"]["name"]: row for row in ranking(cast.asha)}
        assert names(cast.asha, "?callable_now=true") == ["In Kolkata"]
        assert names(cast.asha, "?callable_now=false&count=exact") == ["In London"]
    now, later = told["In Kolkata"], told["In London"]
    assert (now["callable_now"], now["local_time"]) == (True, "17:30")
    assert now["next_window"] == {"starts_at": "2024-12-30T12:00:00Z", "ends_at": "2024-12-30T12:30:00Z"}
    assert (later["callable_now"], later["local_time"]) == (False, "12:00")
    assert later["next_window"] == {"starts_at": "2024-12-30T14:30:00Z", "ends_at": "2024-12-30T18:00:00Z"}


def test_it_forgets_a_plan_that_has_ended(cast: Cast) -> None:
    row = due(cast.asha, 1)
    api(cast.asha).delete(f"/call/{row.call_plans.get().pk}/")
    assert ranking(cast.asha) == []
    call_plan(row, frequency="DAILY", next_call_date=NOON)
    assert [points(shown) for shown in ranking(cast.asha)] == [{"CADENCE_OVERDUE": 15}]


def test_it_asks_for_who_helped_before_then_for_who_decides(cast: Cast) -> None:
    row = due(cast.asha, 1)
    chef = contact(row, role_kind="CHEF", is_primary=True, phone="+1 212 555 0100")
    assert ranking(cast.asha)[0]["suggested_contact"]["why"] == "Chef, the primary contact."
    owner = contact(row, role_kind="OWNER")
    buyer = contact(row, role_kind="PURCHASING")
    assert ranking(cast.asha)[0]["suggested_contact"]["id"] == buyer.pk
    buyer.revise(by=cast.root, at=NOON, opted_out=True)
    assert ranking(cast.asha)[0]["suggested_contact"]["id"] == owner.pk
    owner.archive(by=cast.root, at=NOON)
    shown = ranking(cast.asha)[0]["suggested_contact"]
    assert (shown["id"], shown["phone"]) == (chef.pk, "+1 212 555 0100")
    accounts = contact(row, role_kind="ACCOUNTS")
    interaction(accounts, date=days_ago(400), order_placed=True)
    assert ranking(cast.asha)[0]["suggested_contact"]["id"] == chef.pk
    interaction(accounts, date=days_ago(20), outcome="CONNECTED")
    shown = ranking(cast.asha)[0]["suggested_contact"]
    assert (shown["id"], shown["why"]) == (accounts.pk, "Accounts, answered or ordered once within a year.")


def test_it_tells_what_was_ordered_what_was_said_and_what_changed(cast: Cast) -> None:
    row = due(cast.asha, 1, notes="")
    who = contact(row)
    order = {"product_details": "50 units of Product A", "quantity": 50, "total_price": Decimal(1500)}
    interaction(who, interaction_type="ORDER", date=days_ago(8), order=order)
    interaction(who, date=days_ago(4), details="x" * 300)
    interaction(who, date=days_ago(3), outcome="BUSY")
    api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": "NEGOTIATING"})
    ordered, said, became = ranking(cast.asha)[0]["talk_about"]
    assert ordered["text"] == "Ordered on 20 December 2024: 50 units of Product A, 1,500.00 in all"
    assert (ordered["facts"]["quantity"], ordered["facts"]["total_price"]) == (50, 1500.0)
    assert said["text"].startswith("Call on 24 December 2024 by asha: xxx")
    assert len(said["text"]) == 200
    assert became["text"] == "Negotiating since 28 December 2024."


def test_it_leaves_for_tomorrow_what_the_day_does_not_hold(cast: Cast, settings: Any) -> None:
    settings.CALLS_A_DAY = 2
    rows = [due(cast.asha, days, name=f"{days} days") for days in (4, 3, 2, 1)]
    answer = api(cast.asha).get(PATH)
    assert [row["leave_for_tomorrow"] for row in answer.json()] == [False, False, True, True]
    assert answer["X-Left-For-Tomorrow"] == "2"
    api(cast.asha).post(f"/call/{rows[0].call_plans.get().pk}/record_call/", {})
    answer = api(cast.asha).get(f"{PATH}?page_size=1")
    assert [row["restaurant"]["name"] for row in answer.json()] == ["3 days"]
    assert answer["X-Left-For-Tomorrow"] == "2"
    # A manager looks at each KAM's day; nobody has one for the pool.
    due(cast.bela, 1)
    due(None, 1)
    assert api(cast.maya).get(PATH)["X-Left-For-Tomorrow"] == "2"


def test_it_goes_by_what_each_persons_day_holds(cast: Cast) -> None:
    for days in (1, 2, 3):
        due(cast.asha, days)
        due(cast.bela, days)
    changed = api(cast.asha).patch("/kam/me/", {"daily_capacity": 1})
    assert (changed.status_code, changed.json()["daily_capacity"]) == (200, 1)
    assert api(cast.asha).get(PATH)["X-Left-For-Tomorrow"] == "2"
    assert api(cast.bela).get(PATH)["X-Left-For-Tomorrow"] == "0"
    assert api(cast.maya).get(PATH)["X-Left-For-Tomorrow"] == "2"
    for wrong in (0, 501, 2.5, "many"):
        refused = api(cast.asha).patch("/kam/me/", {"daily_capacity": wrong})
        assert (refused.status_code, list(refused.json()["errors"])) == (400, ["daily_capacity"])


def test_it_takes_a_page_size_and_counts(cast: Cast) -> None:
    for days in range(3):
        due(cast.asha, days)
    answer = api(cast.asha).get(f"{PATH}?page_size=2&count=exact")
    assert (len(answer.json()), answer["X-Total-Count"]) == (2, "3")
    assert answer["Link"] == f'<http://testserver{PATH}?page_size=2&count=exact>; rel="first"'
    for wrong in ("page_size=101", "page_size=0", "ordering=id", "cursor=x", "city=Pune", "team=none", "assigned_to=x"):
        refused = api(cast.asha).get(f"{PATH}?{wrong}")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [wrong.partition("=")[0]])


def test_it_looks_at_so_many_of_each_kind_where_there_are_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("call_planning.models.callee.MOST_CONSIDERED", 2)
    for number in range(3):
        due(cast.asha, number, name=f"Due {number}", potential_revenue=None)
        weekly(cast.asha, 20 + number, name=f"Late {number}", potential_revenue=None)
        restaurant(cast.asha, name=f"New {number}", potential_revenue=Decimal(number))
        worth = {"lead_status": "CONTACTED", "potential_revenue": Decimal(10**6 + number), "at": days_ago(99)}
        restaurant(cast.asha, name=f"Silent {number}", **worth)
    restaurant(cast.asha, name="Worth more, but lost", lead_status="LOST", potential_revenue=Decimal(10**7))
    kinds = ("Due", "Late", "New", "Silent")
    assert sorted(names(cast.asha)) == [f"{kind} {number}" for kind in kinds for number in (1, 2)]
