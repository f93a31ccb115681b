"""Allocation: `assigned_to` in `PATCH` and `PUT /lead/restaurants/{id}/`, and its history."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from kams.models import User
from leads.models import Allocation, Restaurant
from tests.cast import NOON, Cast, api, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

Spell = tuple[str, datetime, datetime | None, str]


def give(row: Restaurant, to: User | None, *, by: User) -> Any:
    return api(by).patch(f"/lead/restaurants/{row.pk}/", {"assigned_to": to.pk if to else None})


def history(row: Restaurant) -> list[Spell]:
    """Who had it, from when, to when, by whom."""
    spells = Allocation.objects.filter(restaurant=row).order_by("id")
    return [(one.kam.username, one.started_at, one.ended_at, str(one.allocated_by)) for one in spells]


def test_it_moves_a_restaurant_and_writes_who_had_it_from_when_to_when(cast: Cast) -> None:
    row, day = restaurant(cast.asha), timedelta(days=1)
    moves: list[tuple[User | None, User]] = [(cast.bela, cast.maya), (None, cast.bela), (cast.asha, cast.asha)]
    for number, (to, by) in enumerate(moves, start=1):
        with time_machine.travel(NOON + number * day, tick=False):
            answer = give(row, to, by=by)
            assert (answer.status_code, answer.json()["assigned_to"]) == (200, to.pk if to else None)
            row.refresh_from_db()
            assert row.assigned_to == to
    assert history(row) == [
        ("asha", NOON, NOON + day, "asha"),
        ("bela", NOON + day, NOON + 2 * day, "maya"),
        ("asha", NOON + 3 * day, None, "asha"),
    ]
    assert row.version == 4


def test_it_writes_nothing_when_it_stays_with_the_same(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = give(row, cast.asha, by=cast.maya)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert history(row) == [("asha", NOON, None, "asha")]


def test_it_goes_through_put_as_well(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    answer = api(cast.maya).put(path, {**api(cast.maya).get(path).json(), "assigned_to": cast.bela.pk})
    assert (answer.status_code, answer.json()["assigned_to"]) == (200, cast.bela.pk)
    assert [spell[0] for spell in history(row)] == ["asha", "bela"]


def test_it_lets_a_kam_claim_from_the_pool_and_give_back(cast: Cast) -> None:
    row = restaurant()
    assert give(row, cast.asha, by=cast.asha).json()["assigned_to"] == cast.asha.pk
    assert give(row, cast.bela, by=cast.bela).status_code == 404  # it is no longer free
    assert give(row, None, by=cast.asha).json()["assigned_to"] is None
    assert history(row) == [("asha", NOON, NOON, "asha")]


@pytest.mark.parametrize("owner", ["asha", None])
def test_it_refuses_a_kam_who_gives_to_a_colleague(cast: Cast, owner: str | None) -> None:
    row = restaurant(getattr(cast, owner) if owner else None)
    before = history(row)
    answer = give(row, cast.bela, by=cast.asha)
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["assigned_to"])
    row.refresh_from_db()
    assert (row.assigned_to, history(row)) == (getattr(cast, owner) if owner else None, before)


@pytest.mark.parametrize("who", ["maya", "root"])
def test_it_lets_managers_and_admins_give_to_a_colleague(cast: Cast, who: str) -> None:
    row = restaurant(cast.asha)
    cast.maya  # noqa: B018 - who manages the south from now on
    assert give(row, cast.bela, by=getattr(cast, who)).status_code == 200
    assert history(row)[-1] == ("bela", NOON, None, who)


def test_it_keeps_a_managers_allocation_inside_the_team(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = give(row, cast.carl, by=cast.maya)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"assigned_to": [f"There is no row with the id {cast.carl.pk}."]}
    assert give(restaurant(cast.carl), cast.asha, by=cast.maya).status_code == 404
    assert give(row, cast.carl, by=cast.root).status_code == 200
    assert give(row, cast.asha, by=cast.maya).status_code == 404  # it has left the team


def test_it_gives_to_nobody_who_cannot_work_on_it(cast: Cast) -> None:
    row = restaurant(cast.asha)
    for to in (cast.nora, person(team=cast.south, is_active=False)):
        answer = give(row, to, by=cast.root)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["assigned_to"])
    row.refresh_from_db()
    assert row.assigned_to == cast.asha


def test_it_leaves_a_restaurant_with_somebody_who_is_gone_until_it_is_moved(cast: Cast) -> None:
    row = restaurant(cast.asha)
    User.objects.filter(pk=cast.asha.pk).update(is_active=False)  # as before anybody had to say who takes over
    path = f"/lead/restaurants/{row.pk}/"
    answer = api(cast.maya).put(path, {**api(cast.maya).get(path).json(), "notes": "Whose now?"})
    assert (answer.status_code, answer.json()["assigned_to"]) == (200, cast.asha.pk)
    assert give(row, cast.bela, by=cast.maya).status_code == 200


def test_it_takes_the_restaurant_out_of_sight_of_who_had_it(cast: Cast) -> None:
    row = restaurant(cast.asha)
    give(row, cast.bela, by=cast.maya)
    assert api(cast.asha).get(f"/lead/restaurants/{row.pk}/").status_code == 404
    assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 200


def test_it_is_refused_to_who_only_reads(cast: Cast) -> None:
    row = restaurant(cast.asha)
    assert give(row, cast.bela, by=cast.nora).status_code == 403
    assert history(row) == [("asha", NOON, None, "asha")]
