"""`POST /lead/restaurants/allocate/`: many restaurants at once, all of them or none."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import User
from leads.models import Allocation, Restaurant, handing_over
from notifications.models import Message
from tests.cast import NOON, RESTAURANT, Cast, api, person, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/lead/restaurants/allocate/"


@pytest.fixture(autouse=True)
def _everybody(cast: Cast) -> None:
    """So that nobody joins between two marks."""
    cast.everybody()


def send(by: User, to: User | None, **body: Any) -> Any:
    return api(by).post(PATH, {"to": to.pk if to else None, **body})


def ids(*rows: Restaurant) -> list[int]:
    return [row.pk for row in rows]


def owners(*rows: Restaurant) -> list[str]:
    return [str(Restaurant.objects.get(pk=row.pk).assigned_to) for row in rows]


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code in {400, 403, 409}, answer.content
    said: dict[str, list[str]] = answer.json()["errors"]
    return said


# --- what it does -------------------------------------------------------------------------------------
def test_it_gives_them_all_and_answers_what_it_did(cast: Cast) -> None:
    rows = [restaurant(cast.asha), restaurant(cast.asha), restaurant(), restaurant(cast.bela)]
    answer = send(cast.maya, cast.bela, ids=[*reversed(ids(*rows)), rows[0].pk], reason="New area")
    assert answer.status_code == 200
    assert answer.json() == {
        "preview": False,
        "allocated": 3,
        "unchanged": 1,
        "owners": [
            {"kam": cast.asha.pk, "username": "asha", "restaurants": 2},
            {"kam": None, "username": None, "restaurants": 1},
        ],
        "restaurants": [{"id": row.pk, "name": row.name} for row in rows[:3]],
        "told": [
            {"kam": cast.bela.pk, "username": "bela", "kind": "restaurant_allocated", "restaurants": 3},
            {"kam": cast.asha.pk, "username": "asha", "kind": "restaurant_taken_away", "restaurants": 2},
        ],
    }
    assert owners(*rows) == ["bela"] * 4
    for row, version in zip(rows, (2, 2, 2, 1), strict=True):
        row.refresh_from_db()
        running = row.allocations.running().get()
        assert (row.version, running.kam, running.reason) == (version, cast.bela, "New area" if version == 2 else "")
    assert Allocation.objects.filter(kam=cast.asha, ended_at=NOON).count() == 2


def test_it_shows_beforehand_what_would_happen(cast: Cast) -> None:
    rows = [restaurant(cast.asha), restaurant(), restaurant(cast.bela)]
    before = marks()
    shown = send(cast.maya, cast.bela, ids=ids(*rows), preview=True).json()
    assert marks() == before
    done = send(cast.maya, cast.bela, ids=ids(*rows), preview=False).json()
    assert shown == {**done, "preview": True}


def test_it_tells_each_person_once(cast: Cast) -> None:
    rows = [restaurant(owner) for owner in (cast.asha, cast.carl, cast.asha, None)]
    send(cast.root, cast.bela, ids=ids(*rows))
    told = Message.objects.filter(channel="EMAIL").order_by("pk")
    assert [(message.user.username, message.kind, message.facts["count"]) for message in told] == [
        ("bela", "restaurant_allocated", 4),
        ("asha", "restaurant_taken_away", 2),
        ("carl", "restaurant_taken_away", 1),
    ]
    assert [message.restaurant_id for message in told] == [None, None, rows[1].pk]
    assert [one["id"] for one in told[1].facts["restaurants"]] == [rows[0].pk, rows[2].pk]


def test_it_gives_back_and_claims_many(cast: Cast) -> None:
    rows = [restaurant(cast.asha), restaurant(cast.asha)]
    assert send(cast.asha, None, ids=ids(*rows)).json()["allocated"] == 2
    assert send(cast.bela, cast.bela, ids=ids(*rows)).json()["allocated"] == 2
    assert (owners(*rows), Message.objects.count()) == (["bela", "bela"], 0)


# --- which ones ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"city": "Pune"}, [0, 2]),
        ({"city": "Pune", "status": ["NEW"]}, [0]),
        ({"lead_status": ["NEW", "LOST"]}, [0, 1, 2]),
        ({"min_revenue": 6000}, [1]),
        ({"max_revenue": 5999.99}, [0, 2]),
        ({"search": "two"}, [2]),
        ({"created_after": "2024-12-28T12:00:00Z"}, [0, 1, 2]),
        ({"created_before": "2024-12-28T17:30:00+05:30"}, []),
        ({"assigned_to": "none"}, [2]),
        ({"parent": 1}, []),
    ],
)
def test_it_finds_them_by_the_filters_of_the_list(cast: Cast, chosen: dict[str, Any], found: list[int]) -> None:
    rows = [
        restaurant(cast.asha, name="zero", city="Pune"),
        restaurant(cast.asha, name="one", city="Mumbai", potential_revenue=9000),
        restaurant(name="two", city="Pune", lead_status="LOST"),
    ]
    assert send(cast.maya, cast.bela, filter=chosen).json()["allocated"] == len(found)
    assert [place for place, row in enumerate(rows) if owners(row) == ["bela"]] == found


def test_it_finds_by_filter_only_what_the_caller_may_hand_on(cast: Cast) -> None:
    mine, foreign, pool, archived = (restaurant(owner) for owner in (cast.asha, cast.carl, None, cast.asha))
    archived.archive(by=cast.root, at=NOON)
    assert send(cast.maya, cast.bela, filter={"city": "New York"}).json()["allocated"] == 2
    assert owners(mine, foreign, pool, archived) == ["bela", "carl", "bela", "asha"]
    assert send(cast.root, cast.bela, filter={"city": "New York"}).json()["allocated"] == 1
    assert owners(foreign, archived) == ["bela", "asha"]


def test_it_names_the_places_of_ids_that_are_not_there(cast: Cast) -> None:
    mine, foreign, archived = restaurant(cast.asha), restaurant(cast.carl), restaurant(cast.asha)
    archived.archive(by=cast.root, at=NOON)
    missing = [foreign.pk, 10**6, 0, -1, 10**30, archived.pk]
    before = marks()
    for preview in (True, False):
        answer = send(cast.maya, cast.bela, ids=[mine.pk, *missing], preview=preview)
        assert answer.status_code == 400
        assert errors(answer) == {
            f"ids.{place}": [f"There is no row with the id {key}."] for place, key in enumerate(missing, start=1)
        }
    assert marks() == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": [1], "filter": {"city": "Pune"}}, "ids"),
        ({"ids": []}, "ids"),
        ({"ids": "1"}, "ids"),
        ({"ids": [1.5]}, "ids"),
        ({"ids": [True]}, "ids"),
        ({"ids": ["1"]}, "ids"),
        ({"ids": [1] * 1001}, "ids"),
        ({"ids": None}, "ids"),
        ({"ids": [1], "preview": 1}, "preview"),
        ({"ids": [1], "reason": 5}, "reason"),
        ({"filter": {}}, "filter"),
        ({"filter": None}, "filter"),
        ({"filter": [1]}, "filter"),
        ({"filter": "city=Pune"}, "filter"),
        ({"filter": {"citty": "Pune"}}, "filter.citty"),
        ({"filter": {"city": 7}}, "filter.city"),
        ({"filter": {"city": ""}}, "filter.city"),
        ({"filter": {"city": " "}}, "filter.city"),
        ({"filter": {"city": None}}, "filter.city"),
        ({"filter": {"city": "a\0b"}}, "filter.city"),
        ({"filter": {"city": "x" * 101}}, "filter.city"),
        ({"filter": {"assigned_to": "7"}}, "filter.assigned_to"),
        ({"filter": {"assigned_to": True}}, "filter.assigned_to"),
        ({"filter": {"assigned_to": 1.0}}, "filter.assigned_to"),
        ({"filter": {"assigned_to": 10**30}}, "filter.assigned_to"),
        ({"filter": {"status": "NEW"}}, "filter.status"),
        ({"filter": {"status": []}}, "filter.status"),
        ({"filter": {"status": ["NEW,LOST"]}}, "filter.status"),
        ({"filter": {"status": ["new"]}}, "filter.status"),
        ({"filter": {"status": ["NEW", "NEW"]}}, "filter.status"),
        ({"filter": {"min_revenue": "5000"}}, "filter.min_revenue"),
        ({"filter": {"min_revenue": -1}}, "filter.min_revenue"),
        ({"filter": {"min_revenue": True}}, "filter.min_revenue"),
        ({"filter": {"created_after": "2024-12-28"}}, "filter.created_after"),
        ({"filter": {"created_after": 1735380000}}, "filter.created_after"),
    ],
)
def test_it_names_what_is_wrong(cast: Cast, body: dict[str, Any], field: str) -> None:
    row = restaurant(cast.asha)
    answer = send(cast.maya, cast.bela, **body)
    assert (answer.status_code, list(errors(answer))) == (400, [field])
    assert owners(row) == ["asha"]


def test_it_names_the_nearest_filter(cast: Cast) -> None:
    answer = send(cast.maya, cast.bela, filter={"citty": "Pune"})
    assert errors(answer) == {"filter.citty": ["Unknown filter. Did you mean “city”?"]}


# --- who ----------------------------------------------------------------------------------------------
def test_it_refuses_a_kam_who_gives_to_somebody_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = send(cast.asha, cast.bela, ids=ids(row))
    assert (answer.status_code, list(errors(answer))) == (403, ["to"])
    assert owners(row) == ["asha"]


def test_it_gives_to_nobody_who_is_gone_or_only_reads(cast: Cast) -> None:
    rows = [restaurant(cast.asha), restaurant()]
    for to in (cast.nora, person(team=cast.south, is_active=False)):
        for preview in (True, False):
            answer = send(cast.root, to, ids=ids(*rows), preview=preview)
            assert (answer.status_code, list(errors(answer))) == (400, ["to"])
    assert owners(*rows) == ["asha", "None"]


def test_it_does_no_more_at_once_than_it_can(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [restaurant(cast.asha) for _ in range(3)]
    monkeypatch.setattr("leads.models.restaurant.MOST_AT_ONCE", 2)
    monkeypatch.setattr(handing_over, "MOST_AT_ONCE", 2)
    answer = send(cast.maya, cast.bela, filter={"city": "New York"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many")
    assert owners(*rows) == ["asha"] * 3
    assert send(cast.maya, cast.bela, ids=ids(*rows[:2])).status_code == 200


# --- all or nothing, and what it costs ----------------------------------------------------------------
def test_it_changes_nothing_where_it_fails_in_the_middle(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [restaurant(cast.asha) for _ in range(5)]
    monkeypatch.setattr(handing_over, "BATCH", 2)
    before = marks()
    tell = MagicMock(side_effect=[None, RuntimeError("the disk is full")])
    monkeypatch.setattr(type(Message.objects), "tell", tell)
    assert send(cast.maya, cast.bela, ids=ids(*rows)).status_code == 500
    assert tell.call_count == 2
    assert marks() == before


def test_it_costs_the_same_for_each_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing_over, "BATCH", 20)
    maya, costs = api(cast.maya), []
    for size in (3, 20, 40, 60):
        rows = [restaurant(cast.asha) for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            answer = maya.post(PATH, {"to": cast.bela.pk, "ids": ids(*rows)})
        assert answer.json()["allocated"] == size
        costs.append(len(captured))
    assert costs[0] == costs[1]
    # Ends, begins, keeps, the history, the plans and the rhythms.
    assert costs[2] - costs[1] == costs[3] - costs[2] == 6
    assert Message.objects.count() == 4 * 4


def portfolio(owner: User, size: int) -> None:
    """So many restaurants in Pune, with their running spells, entered without a verb each."""
    given = {**RESTAURANT, "city": "Pune", "assigned_to": owner, "created_at": NOON, "updated_at": NOON}
    rows = Restaurant.objects.bulk_create(Restaurant(**given) for _ in range(size))
    Allocation.objects.bulk_create(Allocation(restaurant=row, kam=owner, started_at=NOON) for row in rows)


def test_it_allocates_a_thousand_by_filter_in_one_transaction(cast: Cast) -> None:
    for owner in (cast.asha, cast.maya):
        portfolio(owner, 500)
    root = api(cast.root)
    with CaptureQueriesContext(connection) as captured:
        answer = root.post(PATH, {"to": cast.bela.pk, "filter": {"city": "Pune"}})
    assert (answer.status_code, answer.json()["allocated"]) == (200, 1000)
    written = [query["sql"] for query in captured if query["sql"].startswith(("UPDATE", "INSERT"))]
    per_batch = [sql for sql in written if '"notifications_message"' not in sql.replace("`", '"')]
    # SQLite takes fewer rows at once: of six columns a spell, of eleven a change.
    parts = [-(-500 // connection.ops.bulk_batch_size([*range(columns)], [*range(500)])) for columns in (6, 11)]
    assert len(per_batch) == 2 * (4 + sum(parts))
    assert len(written) - len(per_batch) == 3
    told = Counter(Message.objects.values_list("user__username", "channel"))
    assert told == {(name, channel): 1 for name in ("asha", "bela", "maya") for channel in ("IN_APP", "EMAIL")}
    assert Restaurant.objects.filter(assigned_to=cast.bela, version=2).count() == 1000
    assert Allocation.objects.running().filter(kam=cast.bela).count() == 1000
    assert Allocation.objects.filter(ended_at=NOON).count() == 1000
