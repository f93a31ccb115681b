"""Keys beyond 32 bits, which a table of ten billion rows has: in paths, filters, bodies and cursors."""

import pytest

from leads.models import Restaurant
from tests.cast import RESTAURANT, Cast, api
from tests.paging import ids, pages

pytestmark = pytest.mark.usefixtures("noon")

# MariaDB goes on counting from the largest, also after the test: no larger than needed.
LARGE = [2**31 - 1, 2**31, 2**40]


@pytest.fixture(autouse=True)
def _rows(cast: Cast) -> None:
    Restaurant.objects.bulk_create(Restaurant(**{**RESTAURANT, "assigned_to": cast.asha}, pk=key) for key in LARGE)


@pytest.mark.parametrize("ordering", ["id", "-id", "name", "-potential_revenue", "created_at"])
def test_it_pages_over_them(cast: Cast, ordering: str) -> None:
    found = pages(api(cast.asha), f"/lead/restaurants/?page_size=1&ordering={ordering}")
    expected = sorted(LARGE, reverse=ordering.startswith("-"))
    assert [key for page in found for key in ids(page)] == expected


@pytest.mark.parametrize("key", LARGE)
def test_it_finds_them_by_path_filter_and_body(cast: Cast, key: int) -> None:
    caller = api(cast.asha)
    assert caller.get(f"/lead/restaurants/{key}/").json()["id"] == key
    who = caller.post("/contact/contacts/", {"restaurant": key, "name": "J", "role": "Chef", "email": "j@example.com"})
    assert (who.status_code, who.json()["restaurant"]) == (201, key)
    assert ids(caller.get(f"/contact/contacts/?restaurant={key}").json()) == [who.json()["id"]]
