"""`GET /performance/performing-accounts/`: CONVERTED, and worth at least the threshold."""

from decimal import Decimal

import pytest
from django.test import override_settings

from kams.models import User
from leads.models import Restaurant
from tests.cast import Cast, api, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/performing-accounts/"


@pytest.fixture
def rows(cast: Cast) -> dict[str, Restaurant]:
    """Named by their revenue: Asha's converted ones, and some that differ in one thing each."""
    for status in ("NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "LOST", "INACTIVE"):
        restaurant(cast.asha, name=status, lead_status=status, potential_revenue=Decimal(90_000))
    given = [
        ("9999.99", "Pune", "Thai", "Café"),
        ("10000.00", "Pune", "Thai", "Hotel"),
        ("10000.01", "Dubai", "Thai", "Café"),
        ("25000", "Dubai", "Indian", "Café"),
        ("25000.00", "Pune", None, None),
        (None, "Pune", "Thai", "Café"),
    ]
    made = {}
    for amount, city, cuisine, kind in given:
        made[str(amount)] = restaurant(
            cast.asha,
            name=str(amount),
            lead_status="CONVERTED",
            potential_revenue=None if amount is None else Decimal(amount),
            city=city,
            cuisine_type=cuisine,
            restaurant_type=kind,
        )
    made["away"] = restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=Decimal(50_000))
    api(cast.asha).delete(f"/lead/restaurants/{made['away'].pk}/")
    return made


def found(caller: User, query: str = "") -> list[str]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()]


DEFAULT = ["25000.00", "25000", "10000.01", "10000.00"]  # highest first; of equals the newer


def test_it_shows_converted_accounts_from_the_threshold_on_highest_first(
    cast: Cast, rows: dict[str, Restaurant]
) -> None:
    assert found(cast.asha) == DEFAULT
    answer = api(cast.asha).get(PATH)
    assert answer.json()[2] == {
        "id": rows["10000.01"].pk,
        "name": "10000.01",
        "lead_status": "CONVERTED",
        "potential_revenue": 10000.01,
        "cuisine_type": "Thai",
        "restaurant_type": "Café",
    }
    assert b'"potential_revenue":10000.00,' in answer.content


@override_settings(PERFORMING_REVENUE=25_000)
@pytest.mark.usefixtures("rows")
def test_it_takes_the_threshold_from_the_settings(cast: Cast) -> None:
    assert found(cast.asha) == ["25000.00", "25000"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?min_revenue=9999.99", [*DEFAULT, "9999.99"]),
        ("?min_revenue=10000.01", DEFAULT[:3]),
        ("?min_revenue=0", [*DEFAULT, "9999.99"]),
        ("?min_revenue=90001", []),
        ("?max_revenue=10000.01", DEFAULT[2:]),
        ("?min_revenue=5000&max_revenue=10000", ["10000.00", "9999.99"]),
        ("?city=Pune", ["25000.00", "10000.00"]),
        ("?cuisine_type=Thai", ["10000.01", "10000.00"]),
        ("?restaurant_type=Caf%C3%A9", ["25000", "10000.01"]),
        ("?city=Dubai&restaurant_type=Caf%C3%A9&cuisine_type=Thai", ["10000.01"]),
        ("?ordering=potential_revenue", ["10000.00", "10000.01", "25000", "25000.00"]),
        ("?ordering=-id", ["25000.00", "25000", "10000.01", "10000.00"]),
        ("?ordering=name", ["10000.00", "10000.01", "25000", "25000.00"]),
    ],
)
@pytest.mark.usefixtures("rows")
def test_it_filters_and_orders(cast: Cast, query: str, names: list[str]) -> None:
    assert found(cast.asha, query) == names
    walked = pages(api(cast.asha), f"{PATH}{query}&page_size=1")
    assert [row["name"] for page in walked for row in page] == names


def test_it_shows_each_what_is_theirs_and_the_pool_on_request(cast: Cast) -> None:
    for name, owner in {"asha": cast.asha, "bela": cast.bela, "carl": cast.carl, "pool": None}.items():
        restaurant(owner, name=name, lead_status="CONVERTED", potential_revenue=20_000)
    assert found(cast.asha) == ["asha"]
    assert found(cast.asha, "?assigned_to=none") == ["pool"]
    assert found(cast.asha, f"?assigned_to={cast.bela.pk}") == []
    assert found(cast.maya) == ["pool", "bela", "asha"]
    assert found(cast.maya, f"?assigned_to={cast.bela.pk}") == ["bela"]
    assert found(cast.root) == found(cast.nora) == ["pool", "carl", "bela", "asha"]
    assert found(cast.nora, f"?assigned_to={cast.carl.pk}") == ["carl"]
    assert api().get(PATH).status_code == 401


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("min_revenue=lots", "min_revenue"),
        ("max_revenue=-1", "max_revenue"),
        ("assigned_to=me", "assigned_to"),
        ("ordering=city", "ordering"),
        ("status=NEW", "status"),
    ],
)
def test_it_names_the_filter_that_makes_no_sense(cast: Cast, query: str, name: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
