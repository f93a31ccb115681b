"""`POST /kam/people/{id}/deactivate/`: who leaves hands on their restaurants."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import Team, User
from leads.models import Restaurant
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, person, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def _everybody(cast: Cast) -> None:
    """So that nobody joins between two marks."""
    cast.everybody()


def path(of: User) -> str:
    return f"/kam/people/{of.pk}/"


def leave(who: User, *, by: User, **body: Any) -> Any:
    return api(by).post(f"{path(who)}deactivate/", body)


def owners(*rows: Restaurant) -> list[str]:
    return [str(Restaurant.objects.get(pk=row.pk).assigned_to) for row in rows]


def told() -> list[tuple[str, str, int]]:
    rows = Message.objects.filter(channel="EMAIL").order_by("user__username")
    return [(message.user.username, message.kind, message.facts["count"]) for message in rows]


def is_active(who: User) -> bool:
    return bool(User.objects.get(pk=who.pk).is_active)


# --- what becomes of the restaurants ------------------------------------------------------------------
def test_it_gives_everything_to_the_successor(cast: Cast) -> None:
    rows = [restaurant(cast.asha) for _ in range(3)]
    other = restaurant(cast.carl)
    answer = leave(cast.asha, by=cast.root, successor=cast.bela.pk)
    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    assert owners(*rows, other) == ["bela", "bela", "bela", "carl"]
    for row in rows:
        spells = row.allocations.order_by("pk").values_list("kam__username", "ended_at", "allocated_by", "reason")
        assert list(spells) == [
            ("asha", NOON, cast.asha.pk, ""),
            ("bela", None, cast.root.pk, "asha left."),
        ]
    assert told() == [("bela", "restaurant_allocated", 3), ("maya", "person_left", 3)]


def test_it_sends_everything_to_the_pool(cast: Cast) -> None:
    row = restaurant(cast.asha)
    assert leave(cast.asha, by=cast.root, successor=None, to_pool=True).status_code == 200
    assert (owners(row), is_active(cast.asha)) == (["None"], False)
    assert told() == [("maya", "person_left", 1)]
    words = words_of(Message.objects.get(channel="EMAIL"))
    assert words.title == "asha has left"
    assert (
        "root deactivated the account of asha on 28 December 2024, 12:00 UTC. One restaurant went back to the pool."
        in (words.text)
    )


def test_it_tells_no_manager_what_they_did_themselves(cast: Cast) -> None:
    restaurant(cast.asha)
    assert leave(cast.asha, by=cast.maya, successor=cast.bela.pk).status_code == 200
    assert told() == [("bela", "restaurant_allocated", 1)]


def test_it_tells_the_manager_of_the_nearest_team_above(cast: Cast) -> None:
    gone = person("gone", role="MANAGER", is_active=False)
    low = Team.objects.create(name="Low", parent=Team.objects.create(name="Below", parent=cast.south, manager=gone))
    dara = person("dara", team=low)
    restaurant(dara)
    leave(dara, by=cast.root, to_pool=True)
    assert told() == [("maya", "person_left", 1)]


def test_it_tells_nobody_where_nobody_manages(cast: Cast) -> None:
    for who in (cast.carl, person("free")):
        restaurant(who)
        assert leave(who, by=cast.root, to_pool=True).status_code == 200
    assert told() == []


def test_it_needs_no_decision_where_there_is_nothing(cast: Cast) -> None:
    archived = restaurant(cast.asha)
    archived.archive(by=cast.root, at=NOON)
    assert leave(cast.asha, by=cast.maya).status_code == 200
    assert leave(cast.bela, by=cast.maya, to_pool=True).status_code == 200
    assert leave(cast.carl, by=cast.root, successor=cast.maya.pk).status_code == 200
    assert (owners(archived), told()) == (["asha"], [])


def test_it_moves_what_is_left_of_somebody_who_has_left_before(cast: Cast) -> None:
    row = restaurant(cast.asha)
    User.objects.filter(pk=cast.asha.pk).update(is_active=False)
    assert leave(cast.asha, by=cast.maya, successor=cast.bela.pk).status_code == 200
    assert (owners(row), User.objects.get(pk=cast.asha.pk).version) == (["bela"], 1)


# --- what is refused ----------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    ("method", "suffix", "body"),
    [
        ("POST", "deactivate/", {}),
        ("POST", "deactivate/", {"successor": None, "to_pool": False}),
        ("DELETE", "", None),
        ("PATCH", "", {"is_active": False}),
        ("PATCH", "", {"role": "ANALYST"}),
    ],
)
def test_it_lets_nobody_leave_without_a_word(cast: Cast, method: str, suffix: str, body: Any, count: int) -> None:
    rows = [restaurant(cast.asha) for _ in range(count)]
    before = marks()
    answer = api(cast.root)(method, path(cast.asha) + suffix, body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "needs_successor")
    assert f"asha looks after {'one restaurant' if count == 1 else '2 restaurants'}" in problem["detail"]
    assert list(problem["errors"]) == (["role"] if body == {"role": "ANALYST"} else ["successor"])
    assert (marks(), owners(*rows)) == (before, ["asha"] * count)


def test_it_demotes_who_has_nothing_to_look_after(cast: Cast) -> None:
    assert api(cast.root).patch(path(cast.asha), {"role": "ANALYST"}).status_code == 200
    restaurant(cast.bela)
    assert api(cast.root).patch(path(cast.bela), {"role": "MANAGER"}).status_code == 200


@pytest.mark.parametrize("who", ["asha", "nora", "gone"])
def test_it_takes_no_successor_who_cannot_be_one(cast: Cast, who: str) -> None:
    row = restaurant(cast.asha)
    to = person("gone", is_active=False) if who == "gone" else getattr(cast, who)
    before = marks()
    answer = leave(cast.asha, by=cast.root, successor=to.pk)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["successor"])
    assert (marks(), owners(row)) == (before, ["asha"])


def test_it_knows_no_successor_whom_the_manager_does_not_see(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = leave(cast.asha, by=cast.maya, successor=cast.carl.pk)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"successor": [f"There is no row with the id {cast.carl.pk}."]}
    assert (owners(row), is_active(cast.asha)) == (["asha"], True)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"successor": "bela"}, "successor"),
        ({"to_pool": 1}, "to_pool"),
        ({"heir": 1}, "heir"),
        ({"successor": "{bela}", "to_pool": True}, "to_pool"),
    ],
)
def test_it_names_what_is_wrong(cast: Cast, body: dict[str, Any], field: str) -> None:
    row = restaurant(cast.asha)
    sent = {key: cast.bela.pk if value == "{bela}" else value for key, value in body.items()}
    answer = leave(cast.asha, by=cast.root, **sent)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert (owners(row), is_active(cast.asha)) == (["asha"], True)


def test_it_keeps_the_rules_of_leaving(cast: Cast) -> None:
    """Nobody deactivates themselves, a manager only their KAMs; and nothing moves."""
    chief = person("chief", role="MANAGER", team=cast.south)
    rows = [restaurant(cast.root), restaurant(chief)]
    for who, by in ((cast.root, cast.root), (chief, cast.maya), (cast.bela, cast.asha)):
        assert leave(who, by=by, to_pool=True).status_code == 403
    assert owners(*rows) == ["root", "chief"]
    assert leave(cast.carl, by=cast.maya, to_pool=True).status_code == 404


def test_it_refuses_who_read_an_older_version(cast: Cast) -> None:
    seen = api(cast.root).get(path(cast.asha))["ETag"]
    cast.asha.revise(by=cast.root, at=NOON + timedelta(hours=1), first_name="Asha")
    answer = api(cast.root).post(f"{path(cast.asha)}deactivate/", {"to_pool": True}, If_Match=seen)
    assert (answer.status_code, is_active(cast.asha)) == (412, True)


# --- what it costs ------------------------------------------------------------------------------------
def test_it_costs_the_same_for_3_and_for_30_restaurants(cast: Cast) -> None:
    costs = []
    for who, size in ((cast.asha, 3), (cast.bela, 30)):
        for _ in range(size):
            restaurant(who)
        to, caller = person(), api(cast.root)
        with CaptureQueriesContext(connection) as captured:
            answer = caller.post(f"{path(who)}deactivate/", {"successor": to.pk})
        assert answer.status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
