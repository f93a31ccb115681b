"""Pages of a list that others write to meanwhile: each row that stayed is seen exactly once."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from random import Random
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kams.models import User
from leads.models import Restaurant
from tests.cast import NOON, RESTAURANT, Api, Cast, api, contact, restaurant
from tests.paging import ids, links

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/lead/restaurants/"
ORDERINGS = ("id", "-id", "name", "-name", "potential_revenue", "-potential_revenue", "created_at", "-created_at")
# Few names and few revenues, none among them: most rows tie with others.
NAMES = ("Anna", "anna", "Ánna", "Bukhara", "Zaika")
REVENUES = (None, Decimal(0), Decimal("0.01"), Decimal("5000.00"), Decimal("99999999.99"))


def fill(owner: User, number: int, dice: Random) -> None:
    Restaurant.objects.bulk_create(
        [
            Restaurant(
                **RESTAURANT
                | {
                    "name": dice.choice(NAMES),
                    "potential_revenue": dice.choice(REVENUES),
                    "assigned_to": owner,
                    "created_at": NOON - timedelta(seconds=dice.randrange(1 + number // 3)),
                }
            )
            for _ in range(number)
        ],
        batch_size=2_500,
    )


def walk(caller: Api, path: str) -> Iterator[list[int]]:
    """The keys on each page; whoever takes them does something else before the next page is read."""
    while path:
        answer = caller.get(path)
        assert answer.status_code == 200, answer.content
        path = links(answer).get("next", "")
        yield ids(answer.json())


def test_it_shows_each_of_ten_thousand_rows_once_while_others_come_and_go(cast: Cast) -> None:
    dice, caller = Random(7), api(cast.root)  # noqa: S311 - the same rows each time
    for ordering in ("id", "-created_at", "name", "potential_revenue", "-potential_revenue"):
        fill(cast.asha, 10_000 - Restaurant.objects.count(), dice)
        stayed, seen = set(Restaurant.objects.values_list("pk", flat=True)), []
        for page in walk(caller, f"{PATH}?ordering={ordering}&page_size=1000"):
            seen += page
            # The row the cursor names goes too, and every new row ties with some that are there.
            gone = {page[-1], *dice.sample(sorted(stayed), 20)}
            Restaurant.objects.filter(pk__in=gone).delete()
            stayed -= gone
            fill(cast.asha, 15, dice)
        assert len(seen) == len(set(seen)), ordering
        assert stayed <= set(seen), ordering


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dice=st.randoms(use_true_random=False),
    number=st.integers(0, 20),
    size=st.integers(1, 21),
    ordering=st.sampled_from(ORDERINGS),
    leaving=st.lists(st.integers(0, 19), max_size=20),
)
def test_it_keeps_the_order_of_the_whole_whatever_leaves(
    cast: Cast, dice: Random, number: int, size: int, ordering: str, leaving: list[int]
) -> None:
    Restaurant.objects.all().delete()
    fill(cast.asha, number, dice)
    caller, left, seen = api(cast.root), iter(leaving), []
    whole = ids(caller.get(f"{PATH}?ordering={ordering}").json())
    stayed = set(whole)
    for page in walk(caller, f"{PATH}?ordering={ordering}&page_size={size}"):
        seen += page
        gone = {pk for place, pk in enumerate(whole) if place == next(left, None)}
        Restaurant.objects.filter(pk__in=gone).delete()
        stayed -= gone
    assert [pk for pk in seen if pk in stayed] == [pk for pk in whole if pk in stayed]
    assert len(seen) == len(set(seen))


# --- links and cursors ------------------------------------------------------------------------


def query_of(path: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(path).query)


def test_it_links_to_the_next_and_the_first_page_with_all_other_parameters(cast: Cast) -> None:
    for name in ("Café & Co", "Café & Co", "Café & Co"):
        restaurant(cast.asha, name=name, city="São Paulo")
    asked = {"city": ["São Paulo"], "search": ["café & co"], "ordering": ["-name"], "page_size": ["1"]}
    path = f"{PATH}?city=S%C3%A3o%20Paulo&search=caf%C3%A9+%26+co&ordering=-name&page_size=1&count=exact"
    for number in (1, 2, 3):
        answer = api(cast.root).get(path)
        assert (len(answer.json()), answer["X-Total-Count"]) == (1, "3")
        found = links(answer)
        assert found.keys() == ({"next", "first"} if number < 3 else {"first"})
        assert query_of(found["first"]) == {**asked, "count": ["exact"]}
        path = found.get("next", "")
        if path:
            following = query_of(path)
            assert following.pop("cursor")
            assert following == {**asked, "count": ["exact"]}


@pytest.fixture
def following(cast: Cast) -> str:
    """The path of the second page of restaurants, by name."""
    for _ in range(3):
        contact(restaurant(cast.asha))
    return links(api(cast.root).get(f"{PATH}?ordering=name&page_size=1"))["next"]


def refuses_cursor(cast: Cast, path: str) -> bool:
    answer = api(cast.root).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json"), path
    return list(answer.json()["errors"]) == ["cursor"]


def test_it_takes_a_cursor_for_its_list_and_order_only(cast: Cast, following: str) -> None:
    cursor = query_of(following)["cursor"][0]
    assert api(cast.root).get(following).status_code == 200
    assert refuses_cursor(cast, following.replace("ordering=name", "ordering=-name"))
    assert refuses_cursor(cast, following.replace("ordering=name", "ordering=created_at"))
    assert refuses_cursor(cast, f"{PATH}?page_size=1&cursor={cursor}")
    assert refuses_cursor(cast, f"/contact/contacts/?ordering=name&page_size=1&cursor={cursor}")


def test_it_goes_on_with_pages_of_another_size(cast: Cast, following: str) -> None:
    assert len(api(cast.root).get(following.replace("page_size=1", "page_size=2")).json()) == 2


def test_it_shows_only_what_the_caller_sees_whoever_got_the_cursor(cast: Cast, following: str) -> None:
    assert api(cast.carl).get(following).json() == []


def test_it_refuses_a_cursor_that_somebody_has_changed(cast: Cast, following: str) -> None:
    path, cursor = following.partition("cursor=")[0], query_of(following)["cursor"][0]
    place, _, signature = cursor.rpartition(".")
    forged = urlsafe_b64encode(b'["A", 1]').decode()
    changed = [cursor[:number] + flipped(cursor[number]) + cursor[number + 1 :] for number in range(len(cursor))]
    for wrong in (*changed, place, signature, f".{signature}", f"{place}.", f"{forged}.{signature}", cursor[:-1]):
        assert refuses_cursor(cast, f"{path}cursor={quote(wrong)}"), wrong


def flipped(letter: str) -> str:
    return "A" if letter != "A" else "B"
