"""`GET /performance/order-patterns/`: orders in the last and in this month of the organisation's calendar."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import override_settings

from kams.models import User
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, contact, interaction, person, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/order-patterns/"
TICK = timedelta(microseconds=1)


def order(row: Restaurant, at: datetime) -> None:
    who = row.contacts.first() or contact(row)
    interaction(who, order_placed=True, at=at)


def counted(caller: User, query: str = "") -> dict[str, tuple[int, int]]:
    """Each restaurant's orders of the last and of this month, in the order of the answer."""
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    return {row["name"]: (row["orders_last_month"], row["orders_this_month"]) for row in answer.json()}


def test_it_counts_by_month_and_shows_who_ordered_nothing(cast: Cast) -> None:
    row = restaurant(cast.asha, name="Regular")
    restaurant(cast.asha, name="Quiet")
    for month, day in ((10, 31), (11, 1), (11, 15), (11, 30), (12, 1), (12, 28)):
        order(row, datetime(2024, month, day, 12, tzinfo=UTC))
    assert counted(cast.asha) == {"Regular": (3, 2), "Quiet": (0, 0)}
    assert api(cast.asha).get(PATH).json()[0] == {
        "restaurant_id": row.pk,
        "name": "Regular",
        "orders_last_month": 3,
        "orders_this_month": 2,
    }


def test_it_counts_orders_that_happened_whatever_their_type_and_nothing_else(cast: Cast) -> None:
    row = restaurant(cast.asha, name="Regular")
    who = contact(row)
    details = {"product_details": "Rice", "quantity": 3, "total_price": 10}
    interaction(who, interaction_type="ORDER")
    interaction(who, interaction_type="VISIT", order=details)
    interaction(who, interaction_type="CALL", order_placed=True)
    assert counted(cast.asha) == {"Regular": (0, 3)}
    interaction(who, interaction_type="CALL")
    interaction(who, interaction_type="ORDER", status="PLANNED", date=NOON + timedelta(days=1))
    interaction(who, interaction_type="ORDER", status="CANCELLED")
    deleted = interaction(who, interaction_type="ORDER")
    assert counted(cast.asha) == {"Regular": (0, 4)}
    api(cast.asha).delete(f"/track/interactions/{deleted.pk}/")
    assert counted(cast.asha) == {"Regular": (0, 3)}


@pytest.mark.parametrize(
    ("zone", "last", "this"),
    [
        ("UTC", "2024-11-01T00:00:00+00:00", "2024-12-01T00:00:00+00:00"),
        ("Asia/Kolkata", "2024-11-01T00:00:00+05:30", "2024-12-01T00:00:00+05:30"),
        # A clock change lies between: the offset of the bound is that of its own day.
        ("America/New_York", "2024-11-01T00:00:00-04:00", "2024-12-01T00:00:00-05:00"),
    ],
)
def test_it_draws_the_line_at_the_organisations_midnight(cast: Cast, zone: str, last: str, this: str) -> None:
    row = restaurant(cast.asha, name="Regular")
    last_month, this_month = datetime.fromisoformat(last), datetime.fromisoformat(this)
    with override_settings(TIME_ZONE=zone):
        order(row, last_month - TICK)
        assert counted(cast.asha) == {"Regular": (0, 0)}
        order(row, last_month)
        assert counted(cast.asha) == {"Regular": (1, 0)}
        order(row, this_month - TICK)
        assert counted(cast.asha) == {"Regular": (2, 0)}
        order(row, this_month)
        assert counted(cast.asha) == {"Regular": (2, 1)}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", (0, 1)), ("Asia/Kolkata", (1, 0))],  # where it is the first of January since 18:30
)
def test_it_moves_on_with_the_organisations_month(cast: Cast, zone: str, expected: tuple[int, int]) -> None:
    order(restaurant(cast.asha, name="Regular"), NOON)
    with override_settings(TIME_ZONE=zone), time_machine.travel(datetime(2024, 12, 31, 20, tzinfo=UTC), tick=False):
        assert counted(cast.asha) == {"Regular": expected}


def test_it_shows_everybody_the_same_figures_wherever_they_are(cast: Cast) -> None:
    here = person(team=cast.south, timezone="Pacific/Auckland")
    order(restaurant(here, name="Regular"), datetime(2024, 11, 30, 23, tzinfo=UTC))  # December in Auckland
    assert counted(here) == counted(cast.root) == {"Regular": (1, 0)}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", "a b c d"),
        ("?ordering=-restaurant_id", "d c b a"),
        ("?ordering=name", "a b c d"),
        ("?ordering=orders_last_month", "a d b c"),
        ("?ordering=-orders_last_month", "c b d a"),
        ("?ordering=orders_this_month", "c a b d"),
        ("?ordering=-orders_this_month", "d b a c"),
        ("?city=Pune", "a c"),
        ("?cuisine_type=Thai&ordering=-orders_this_month", "b a"),
        ("?restaurant_type=Hotel", "b d"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 500])
def test_it_filters_orders_and_pages(cast: Cast, query: str, names: str, size: int) -> None:
    given = {
        "a": (0, 1, "Pune", "Thai", "Café"),
        "b": (1, 1, "Dubai", "Thai", "Hotel"),
        "c": (2, 0, "Pune", None, "Café"),
        "d": (0, 2, "Dubai", "Indian", "Hotel"),
    }
    for name, (last, this, city, cuisine, kind) in given.items():
        row = restaurant(cast.asha, name=name, city=city, cuisine_type=cuisine, restaurant_type=kind)
        for _ in range(last):
            order(row, NOON - timedelta(days=30))
        for _ in range(this):
            order(row, NOON)
    walked = pages(api(cast.asha), f"{PATH}{query or '?'}&page_size={size}".replace("?&", "?"))
    assert [row["name"] for page in walked for row in page] == names.split()


def test_it_shows_each_what_is_theirs_and_the_pool_on_request(cast: Cast) -> None:
    for name, owner in {"asha": cast.asha, "bela": cast.bela, "carl": cast.carl, "pool": None}.items():
        order(restaurant(owner, name=name), NOON)
    assert list(counted(cast.asha)) == ["asha"]
    assert counted(cast.asha, "?assigned_to=none") == {"pool": (0, 1)}
    assert counted(cast.asha, f"?assigned_to={cast.bela.pk}") == {}
    assert list(counted(cast.maya)) == ["asha", "bela", "pool"]
    assert list(counted(cast.root)) == list(counted(cast.nora)) == ["asha", "bela", "carl", "pool"]
    assert api().get(PATH).status_code == 401


def test_it_names_the_filter_that_makes_no_sense(cast: Cast) -> None:
    for query, name in (
        ("min_revenue=1", "min_revenue"),
        ("ordering=city", "ordering"),
        ("assigned_to=x", "assigned_to"),
    ):
        answer = api(cast.asha).get(f"{PATH}?{query}")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
