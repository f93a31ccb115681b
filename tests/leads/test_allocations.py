"""`GET /lead/restaurants/{id}/allocations/`: who had it from when to when."""

from datetime import timedelta

import pytest
import time_machine

from leads.models import Allocation, Restaurant
from tests.cast import NOON, Cast, api, restaurant
from tests.paging import ids, pages

pytestmark = pytest.mark.usefixtures("noon")


def path(row: Restaurant) -> str:
    return f"/lead/restaurants/{row.pk}/allocations/"


def move(row: Restaurant, cast: Cast) -> None:
    """Asha has it for a day, Bela for two, the pool for three, then Asha again."""
    moves = [(1, cast.bela, "Knows the place."), (3, None, ""), (6, cast.asha, "Back again.")]
    for day, to, reason in moves:
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            body = {"to": to.pk if to else None, "reason": reason}
            assert api(cast.maya).post(f"/lead/restaurants/{row.pk}/allocate/", body).status_code == 200


def test_it_shows_each_spell_newest_first(cast: Cast) -> None:
    row = restaurant(cast.asha)
    move(row, cast)
    move(restaurant(cast.asha), cast)  # whose history is another
    keys = list(Allocation.objects.filter(restaurant=row).order_by("-pk").values_list("pk", flat=True))
    answer = api(cast.asha).get(path(row))
    assert answer.status_code == 200
    assert answer.json() == [
        {
            "id": keys[0],
            "kam": "asha",
            "started_at": "2025-01-03T12:00:00Z",
            "ended_at": None,
            "allocated_by": "maya",
            "reason": "Back again.",
        },
        {
            "id": keys[1],
            "kam": "bela",
            "started_at": "2024-12-29T12:00:00Z",
            "ended_at": "2024-12-31T12:00:00Z",
            "allocated_by": "maya",
            "reason": "Knows the place.",
        },
        {
            "id": keys[2],
            "kam": "asha",
            "started_at": "2024-12-28T12:00:00Z",
            "ended_at": "2024-12-29T12:00:00Z",
            "allocated_by": "asha",
            "reason": "",
        },
    ]


@pytest.mark.parametrize("ordering", ["started_at", "-started_at"])
def test_it_goes_by_pages(cast: Cast, ordering: str) -> None:
    row = restaurant(cast.asha)
    move(row, cast)
    keys = list(row.allocations.order_by(ordering).values_list("pk", flat=True))
    found = [ids(page) for page in pages(api(cast.asha), f"{path(row)}?page_size=2&ordering={ordering}")]
    assert found == [keys[:2], keys[2:]]


def test_it_is_empty_for_a_restaurant_that_was_never_anybodys(cast: Cast) -> None:
    answer = api(cast.asha).get(path(restaurant()))
    assert (answer.status_code, answer.json()) == (200, [])


def test_it_is_shown_to_who_sees_the_restaurant_and_to_nobody_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    seen = {name: api(user).get(path(row)).status_code for name, user in cast.everybody().items()}
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert api().get(path(row)).status_code == 401
    assert api(cast.asha).get("/lead/restaurants/999999/allocations/").status_code == 404
    row.archive(by=cast.root, at=NOON)
    assert api(cast.asha).get(path(row)).status_code == 404
