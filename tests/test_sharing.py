"""Who works for the owner, as collaborator or by cover: every operation and every list, before, during and after.

The table of `test_access` says what the owner may; here the same rows are asked by somebody who has nothing of their
own. During the sharing they may what the owner may, but for what decides whose the restaurant is; before and after they
are as strange to it as anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction

from kams.models import User
from tests.cast import NOON, Cast, api, collaboration, cover, person
from tests.test_access import Row, rows
from tests.test_strangers import LISTS, accounts_in, with_keys
from tests.world import World

DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)

# What hangs below a restaurant: everything that is shared.
SHARED = re.compile(r"/(lead/restaurants|lead/collaborators|contact|track|call)/")
# What belongs to a person: nobody else sees it, whatever is shared with them; their figures, too.
NOT_OF_RESTAURANTS = ("/lead/covers/", "/notifications/", "/call/compliance/")
# Who works on it for somebody neither adds nor ends collaborators.
NOT_THEIRS = {"POST /lead/collaborators/": 403, "DELETE /lead/collaborators/{pk}/": 403}

Sharing = Callable[[World, User], Any]


def shared_with(world: World, kam: User) -> None:
    owned = world.cast.asha.restaurants.get(name="owned")
    collaboration(owned, kam, by=world.cast.root)


def covered_by(world: World, kam: User) -> None:
    cover(world.cast.asha, kam, by=world.cast.root, at=NOON - 5 * DAY, ends_at=NOON + INSTANT)


SHARINGS = pytest.mark.parametrize("sharing", [shared_with, covered_by])


def of_owned() -> list[Any]:
    found = [row for row in rows() if row.account == "owned" and "{owned}" in str(row) and SHARED.search(row.path)]
    return [pytest.param(row, id=str(row)) for row in found]


@pytest.fixture
def world(cast: Cast) -> Any:
    with time_machine.travel(NOON, tick=False):
        yield World(cast)


@pytest.fixture
def kam(cast: Cast) -> User:
    """Of the owner's team, so that they know the same people."""
    return person("kim", team=cast.south)


def answer_to(kam: User, world: World, row: Row) -> Any:
    """The answer; the request is undone."""
    point = transaction.savepoint()
    answer = api(kam)(row.method, world.path(row.path), world.body(row.operation, row.account))
    transaction.savepoint_rollback(point)
    return answer


@SHARINGS
@pytest.mark.parametrize("row", of_owned())
def test_it_lets_them_do_what_the_owner_may(world: World, kam: User, row: Row, sharing: Sharing) -> None:
    before = answer_to(kam, world, row)
    assert before.status_code == row.expected["colleague"], before.content
    sharing(world, kam)
    answer = answer_to(kam, world, row)
    assert answer.status_code == NOT_THEIRS.get(row.operation, row.expected["owner"]), answer.content


@pytest.mark.parametrize("row", of_owned())
def test_it_lets_them_do_nothing_once_it_is_over(world: World, kam: User, row: Row) -> None:
    covered_by(world, kam)
    shared_with(world, kam)
    kam.collaborations.get().archive(by=kam, at=NOON)
    with time_machine.travel(NOON + INSTANT, tick=False):
        answer = answer_to(kam, world, row)
        assert answer.status_code == row.expected["colleague"], answer.content


def lists() -> list[Any]:
    """Each list, with the accounts that the owner and that a colleague without anything sees in it."""
    lines = [line.split() for line in LISTS.strip().splitlines()[1:]]
    return [
        pytest.param(path, owner, colleague, id=path)
        for path, owner, colleague, *_ in lines
        if not path.startswith(NOT_OF_RESTAURANTS)
    ]


@SHARINGS
@pytest.mark.parametrize(("path", "owner", "colleague"), lists())
def test_it_lists_what_the_owner_sees(
    world: World, kam: User, path: str, owner: str, colleague: str, sharing: Sharing
) -> None:
    path = with_keys(path, world)
    assert accounts_in(api(kam).get(path)) == colleague
    sharing(world, kam)
    assert accounts_in(api(kam).get(path)) == owner
    kam.collaborations.update(archived_at=NOON)
    with time_machine.travel(NOON + INSTANT, tick=False):
        assert accounts_in(api(kam).get(path)) == colleague


@SHARINGS
def test_it_does_not_let_somebody_in_who_was_deactivated(world: World, kam: User, sharing: Sharing) -> None:
    sharing(world, kam)
    path, caller = world.path("/lead/restaurants/{owned}/"), api(kam)
    assert caller.get(path).status_code == 200
    kam.deactivate(by=world.cast.root, at=NOON)
    assert caller.get(path).status_code == 401


@SHARINGS
def test_it_does_not_open_the_archive(world: World, kam: User, sharing: Sharing) -> None:
    sharing(world, kam)
    archived = world.path("/lead/restaurants/{archived}/")
    assert api(kam).get(archived).status_code == 404
    assert api(kam).post(f"{archived}restore/").status_code == 404


def test_it_pages_through_own_shared_and_covered_restaurants_once_each(world: World) -> None:
    kam = world.cast.bela
    for number in range(3):
        world.open_account(f"hers {number}", kam)
        world.open_account(f"his {number}", world.cast.carl)
    shared_with(world, kam)
    cover(world.cast.carl, kam, by=world.cast.root, ends_at=NOON + DAY)
    seen, path = [], "/lead/restaurants/?page_size=2&ordering=-name"
    while path:
        answer = api(kam).get(path)
        seen += [row["name"] for row in answer.json()]
        following = re.search(r'<http://testserver([^>]+)>; rel="next"', answer["Link"])
        path = following[1] if following else ""
    assert seen == ["theirs", "owned", *(f"{whose} {number}" for whose in ("his", "hers") for number in (2, 1, 0))]
