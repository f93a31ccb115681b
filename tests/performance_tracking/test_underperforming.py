"""`GET /performance/underperforming-accounts/`: NEW or LOST, and worth less than the threshold."""

from decimal import Decimal

import pytest
from django.test import override_settings

from kams.models import User
from leads.models import Restaurant
from tests.cast import Cast, api, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/underperforming-accounts/"


@pytest.fixture
def rows(cast: Cast) -> dict[str, Restaurant]:
    """Named by their revenue: Asha's new and lost ones, and some that differ in one thing each."""
    for status in ("CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED", "INACTIVE"):
        restaurant(cast.asha, name=status, lead_status=status, potential_revenue=Decimal(10))
    given = [
        ("10000.00", "NEW", "Pune", "Thai", "Café"),
        ("9999.99", "LOST", "Pune", "Thai", "Hotel"),
        ("500.00", "NEW", "Dubai", "Thai", "Café"),
        ("500", "LOST", "Dubai", "Indian", "Café"),
        ("0", "NEW", "Pune", None, None),
        (None, "NEW", "Pune", "Thai", "Café"),
    ]
    made = {}
    for amount, status, city, cuisine, kind in given:
        made[str(amount)] = restaurant(
            cast.asha,
            name=str(amount),
            lead_status=status,
            potential_revenue=None if amount is None else Decimal(amount),
            city=city,
            cuisine_type=cuisine,
            restaurant_type=kind,
        )
    away = restaurant(cast.asha, potential_revenue=Decimal(5))
    api(cast.asha).delete(f"/lead/restaurants/{away.pk}/")
    return made


def found(caller: User, query: str = "") -> list[str]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()]


DEFAULT = ["0", "500.00", "500", "9999.99"]  # lowest first; of equals the older


def test_it_shows_new_and_lost_restaurants_below_the_threshold_lowest_first(
    cast: Cast, rows: dict[str, Restaurant]
) -> None:
    assert found(cast.asha) == DEFAULT
    assert api(cast.asha).get(PATH).json()[3] == {
        "id": rows["9999.99"].pk,
        "name": "9999.99",
        "lead_status": "LOST",
        "potential_revenue": 9999.99,
        "cuisine_type": "Thai",
        "restaurant_type": "Hotel",
    }


@override_settings(UNDERPERFORMING_REVENUE=500)
@pytest.mark.usefixtures("rows")
def test_it_takes_the_threshold_from_the_settings(cast: Cast) -> None:
    assert found(cast.asha) == ["0"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?max_revenue=9999.99", DEFAULT[:3]),
        ("?max_revenue=10000.01", [*DEFAULT, "10000.00"]),
        ("?max_revenue=0", []),
        ("?min_revenue=500", DEFAULT[1:]),
        ("?min_revenue=1&max_revenue=501", DEFAULT[1:3]),
        ("?city=Pune", ["0", "9999.99"]),
        ("?cuisine_type=Thai", ["500.00", "9999.99"]),
        ("?restaurant_type=Caf%C3%A9", ["500.00", "500"]),
        ("?city=Dubai&cuisine_type=Indian", ["500"]),
        ("?ordering=-potential_revenue", ["9999.99", "500", "500.00", "0"]),
        ("?ordering=-id", ["0", "500", "500.00", "9999.99"]),
    ],
)
@pytest.mark.usefixtures("rows")
def test_it_filters_and_orders(cast: Cast, query: str, names: list[str]) -> None:
    assert found(cast.asha, query) == names
    walked = pages(api(cast.asha), f"{PATH}{query}&page_size=1")
    assert [row["name"] for page in walked for row in page] == names


def test_it_shows_each_what_is_theirs_and_the_pool_on_request(cast: Cast) -> None:
    for name, owner in {"asha": cast.asha, "bela": cast.bela, "carl": cast.carl, "pool": None}.items():
        restaurant(owner, name=name, potential_revenue=10)
    assert found(cast.asha) == ["asha"]
    assert found(cast.asha, "?assigned_to=none") == ["pool"]
    assert found(cast.maya) == ["asha", "bela", "pool"]
    assert found(cast.root) == found(cast.nora) == ["asha", "bela", "carl", "pool"]
    assert api().get(PATH).status_code == 401


def test_it_names_the_filter_that_makes_no_sense(cast: Cast) -> None:
    for query, name in (("max_revenue=x", "max_revenue"), ("lead_status=NEW", "lead_status")):
        answer = api(cast.asha).get(f"{PATH}?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
