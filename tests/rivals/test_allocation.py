"""Restaurants that change hands at the same moment: one has each, and its history is a chain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from kams.models import User
from leads.models import Allocation, Restaurant
from notifications.models import Message
from tests.cast import Cast, api, person, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

ROUNDS = range(3)
MANY = "/lead/restaurants/allocate/"


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def statuses(*works: Callable[[], Any]) -> dict[int, int]:
    return Counter(answer.status_code for answer in at_once(*works))


def path(row: Restaurant, verb: str) -> str:
    return f"/lead/restaurants/{row.pk}/{verb}/"


def assert_is_a_chain(row: Restaurant) -> None:
    """Who has it stands in the one spell that runs; each other one has ended."""
    row.refresh_from_db()
    running = [spell.kam for spell in Allocation.objects.running().of(row.pk)]
    assert running == ([row.assigned_to] if row.assigned_to else [])


def test_it_gives_a_restaurant_to_one_after_the_other(cast: Cast) -> None:
    root, people = api(cast.root), [cast.asha, cast.bela, cast.carl, cast.maya]
    for _ in ROUNDS:
        row = restaurant(by=cast.root)
        allocate = [partial(root.post, path(row, "allocate"), {"to": to.pk}) for to in people]
        assert statuses(*allocate) == {200: 4}
        assert_is_a_chain(row)
        spells = list(Allocation.objects.of(row.pk).order_by("pk"))
        assert {spell.kam for spell in spells} == set(people)
        assert all(earlier.ended_at is not None for earlier, _ in pairwise(spells))
        assert row.version == 5
        # Each move told who got it; three of them told who lost it.
        told = Counter(Message.objects.filter(restaurant=row, channel="EMAIL").values_list("kind", flat=True))
        assert told == {"restaurant_allocated": 4, "restaurant_taken_away": 3}


def test_it_gives_what_eight_claim_to_one_of_them(cast: Cast) -> None:
    kams = [person() for _ in range(8)]
    for _ in ROUNDS:
        row = restaurant(by=cast.root)
        answered = statuses(*(partial(api(kam).post, path(row, "claim")) for kam in kams))
        assert answered == {200: 1, 404: 7}  # whoever comes later does not see it any more
        assert_is_a_chain(row)
        assert (row.allocations.count(), row.version) == (1, 2)


def test_it_tells_a_manager_that_somebody_was_faster(cast: Cast) -> None:
    admins = [person(role="ADMIN") for _ in range(3)]
    row = restaurant(by=cast.root)
    assert statuses(*(partial(api(one).post, path(row, "claim")) for one in admins)) == {200: 1, 409: 2}
    assert_is_a_chain(row)


def test_it_allocates_nothing_that_is_being_archived(cast: Cast) -> None:
    for _ in ROUNDS:
        row = restaurant(cast.asha, by=cast.root)
        gone, given = at_once(
            partial(api(cast.root).delete, f"/lead/restaurants/{row.pk}/"),
            partial(api(cast.root).post, path(row, "allocate"), {"to": cast.bela.pk}),
        )
        assert gone.status_code == 204
        assert given.status_code in {200, 404}
        assert_is_a_chain(row)
        assert row.archived_at is not None
        assert row.assigned_to == (cast.bela if given.status_code == 200 else cast.asha)


def test_it_moves_many_at_once_beside_single_ones(cast: Cast) -> None:
    for _ in ROUNDS:
        rows = [restaurant(cast.asha, by=cast.root) for _ in range(6)]
        keys = [row.pk for row in rows]
        many = [
            partial(api(cast.root).post, MANY, {"to": to.pk, "ids": ids})
            for to, ids in ((cast.bela, keys), (cast.carl, keys[::-1]))
        ]
        single = partial(api(cast.root).post, path(rows[-1], "allocate"), {"to": cast.maya.pk})
        assert statuses(*many, single) == {200: 3}
        for row in rows:
            assert_is_a_chain(row)
        assert len({row.assigned_to_id for row in rows[:-1]}) == 1  # all or none


def test_it_gives_nothing_to_somebody_who_is_leaving(cast: Cast) -> None:
    for _ in ROUNDS:
        leaver: User = person(team=cast.south)
        had, pool = restaurant(leaver, by=cast.root), restaurant(by=cast.root)
        left, given = at_once(
            partial(api(cast.root).post, f"/kam/people/{leaver.pk}/deactivate/", {"successor": cast.bela.pk}),
            partial(api(cast.root).post, path(pool, "allocate"), {"to": leaver.pk}),
        )
        assert left.status_code == 200
        assert given.status_code in {200, 400}
        assert not Restaurant.objects.looked_after_by(leaver).exists()
        for row in (had, pool):
            assert_is_a_chain(row)
        assert pool.assigned_to == (cast.bela if given.status_code == 200 else None)


def test_it_lets_nobody_leave_with_what_they_are_just_given(cast: Cast) -> None:
    for _ in ROUNDS:
        leaver: User = person(team=cast.south)
        pool = restaurant(by=cast.root)
        left, given = at_once(
            partial(api(cast.root).delete, f"/kam/people/{leaver.pk}/"),
            partial(api(leaver).post, path(pool, "claim")),
        )
        assert (left.status_code, given.status_code) in {(204, 400), (204, 401), (409, 200)}
        leaver.refresh_from_db()
        pool.refresh_from_db()
        assert (leaver.is_active, pool.assigned_to) in {(False, None), (True, leaver)}
