"""`GET /lead/restaurants/?ordering=`: orders, ties, nulls, and pages through all of them."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.cast import NOON, Cast, api, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

REVENUES = {"a": "5.00", "b": None, "c": "0.50", "d": "5.00", "e": None, "f": "40.00"}


@pytest.fixture(autouse=True)
def _rows(cast: Cast) -> None:
    """Six whose names, revenues and ages order differently: the last one made is the oldest."""
    for age, (name, revenue) in enumerate(REVENUES.items()):
        amount = None if revenue is None else Decimal(revenue)
        restaurant(cast.asha, name=name, potential_revenue=amount, at=NOON - timedelta(days=age // 2))


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "abcdef"),
        ("ordering=id", "abcdef"),
        ("ordering=-id", "fedcba"),
        ("ordering=name", "abcdef"),
        ("ordering=-name", "fedcba"),
        ("ordering=potential_revenue", "cadfbe"),  # ties by id, nulls last
        ("ordering=-potential_revenue", "fdaceb"),  # upside down, but nulls last still
        ("ordering=created_at", "efcdab"),
        ("ordering=-created_at", "badcfe"),
        ("ordering=updated_at", "efcdab"),
        ("ordering=-updated_at", "badcfe"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 5, 500])
def test_it_orders_whatever_the_size_of_a_page(cast: Cast, query: str, names: str, size: int) -> None:
    found = pages(api(cast.asha), f"/lead/restaurants/?{query}&page_size={size}".replace("?&", "?"))
    assert "".join(row["name"] for page in found for row in page) == names
    assert [len(page) for page in found[:-1]] == [size] * (len(found) - 1)
    assert len(found) == -(-len(names) // size)


def test_it_keeps_filters_from_page_to_page(cast: Cast) -> None:
    found = pages(api(cast.asha), "/lead/restaurants/?max_revenue=5&ordering=-potential_revenue&page_size=1")
    assert [[row["name"] for row in page] for page in found] == [["d"], ["a"], ["c"]]


def test_it_takes_a_cursor_for_the_order_it_was_made_for_only(cast: Cast) -> None:
    first = api(cast.asha).get("/lead/restaurants/?ordering=name&page_size=1")
    following = first["Link"].split(">")[0].removeprefix("<http://testserver")
    answer = api(cast.asha).get(following.replace("ordering=name", "ordering=-name"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])
