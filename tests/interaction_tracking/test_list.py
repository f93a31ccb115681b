"""`GET /track/interactions/` and `/track/interactions/orders/`."""

from datetime import UTC, datetime

import pytest

from interaction_tracking.models import Interaction
from kams.models import User
from tests.cast import Cast, api, contact, interaction, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/track/interactions/"
DAY = {day: datetime(2024, 12, day, 10, tzinfo=UTC) for day in range(1, 29)}


@pytest.fixture
def rows(cast: Cast) -> dict[str, Interaction]:
    """Named by their details; a to e are Asha's, on the 1st to the 5th."""
    first, second = contact(restaurant(cast.asha)), contact(restaurant(cast.asha))
    beside = contact(first.restaurant)
    order = {"product_details": "Rice", "quantity": 1, "total_price": 10}
    return {
        row.details: row
        for row in (
            interaction(first, details="a", at=DAY[1]),
            interaction(first, details="b", interaction_type="ORDER", at=DAY[2]),
            interaction(beside, details="c", interaction_type="VISIT", order=order, kam=cast.maya, at=DAY[3]),
            interaction(second, details="d", interaction_type="VISIT", status="MISSED", at=DAY[4]),
            interaction(second, details="e", order_placed=True, at=DAY[5]),
            interaction(contact(restaurant(cast.bela)), details="bela", order_placed=True),
            interaction(contact(restaurant()), details="pool", order_placed=True),
        )
    }


def found(caller: User, query: str = "", path: str = PATH) -> str:
    answer = api(caller).get(f"{path}?{query}")
    assert answer.status_code == 200, answer.content
    return " ".join(row["details"] for row in answer.json())


@pytest.mark.usefixtures("rows")
def test_it_shows_each_what_happened_at_their_restaurants_newest_first(cast: Cast) -> None:
    assert found(cast.asha) == "e d c b a"
    assert found(cast.bela) == "bela"
    assert found(cast.carl) == ""
    assert found(cast.maya) == found(cast.root) == found(cast.nora) == "pool bela e d c b a"
    assert api().get(PATH).status_code == 401


def test_it_shows_the_pools_on_request_and_no_strangers(cast: Cast, rows: dict[str, Interaction]) -> None:
    for name, shown in (("pool", "pool"), ("bela", "")):
        row = rows[name]
        for query in (f"lead={row.lead_id}", f"contact={row.contact_id}"):
            assert found(cast.asha, query) == shown
            assert found(cast.asha, query, f"{PATH}orders/") == shown


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("interaction_type=VISIT", "d c"),
        ("interaction_type=CALL,ORDER", "e b a"),
        ("order_placed=true", "e c b"),
        ("order_placed=false", "d a"),
        ("status=MISSED", "d"),
        ("status=DONE,MISSED", "e d c b a"),
        ("status=PLANNED", ""),
        ("date_after=2024-12-03T10:00:00Z", "e d c"),
        ("date_before=2024-12-03T10:00:00Z", "b a"),
        ("date_after=2024-12-03T15:30:00%2B05:30&date_before=2024-12-04T10:00:00Z", "c"),
        ("interaction_type=VISIT&order_placed=true", "c"),
        ("interaction_type=VISIT&status=DONE&date_after=2024-12-04T00:00:00Z", ""),
        ("ordering=date", "a b c d e"),
        ("ordering=-id", "e d c b a"),
        ("ordering=created_at&order_placed=true", "b c e"),
    ],
)
@pytest.mark.usefixtures("rows")
def test_it_filters_and_orders(cast: Cast, query: str, names: str) -> None:
    assert found(cast.asha, query) == names
    walked = pages(api(cast.asha), f"{PATH}?{query}&page_size=2")
    assert [row["details"] for page in walked for row in page] == names.split()


def test_it_filters_by_restaurant_contact_and_kam(cast: Cast, rows: dict[str, Interaction]) -> None:
    assert found(cast.asha, f"lead={rows['a'].lead_id}") == "c b a"
    assert found(cast.asha, f"contact={rows['a'].contact_id}") == "b a"
    assert found(cast.asha, f"contact={rows['c'].contact_id}") == "c"
    assert found(cast.asha, f"lead={rows['d'].lead_id}&contact={rows['a'].contact_id}") == ""
    assert found(cast.asha, f"kam={cast.maya.pk}") == "c"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("lead=x", "lead"),
        ("contact=-1", "contact"),
        ("interaction_type=SMS", "interaction_type"),
        ("order_placed=yes", "order_placed"),
        ("status=done", "status"),
        ("date_after=2024-12-03", "date_after"),
        ("ordering=details", "ordering"),
        ("lid=1", "lid"),
    ],
)
@pytest.mark.parametrize("path", [PATH, f"{PATH}orders/"])
def test_it_names_the_filter_that_makes_no_sense(cast: Cast, path: str, query: str, name: str) -> None:
    answer = api(cast.asha).get(f"{path}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


def test_it_puts_what_happened_at_the_same_time_in_the_order_it_was_recorded(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    for details in "abc":
        interaction(who, details=details)
    assert found(cast.asha) == "c b a"
    assert found(cast.asha, "ordering=date") == "a b c"


# --- orders -----------------------------------------------------------------------------------


def test_it_lists_what_placed_an_order_whatever_its_type(cast: Cast, rows: dict[str, Interaction]) -> None:
    orders = f"{PATH}orders/"
    assert found(cast.asha, path=orders) == "e c b"
    assert found(cast.bela, path=orders) == "bela"
    assert found(cast.root, path=orders) == "pool bela e c b"
    assert found(cast.asha, f"lead={rows['a'].lead_id}", orders) == "c b"
    assert found(cast.asha, "interaction_type=ORDER", orders) == "b"
    assert found(cast.asha, "ordering=date&page_size=1", orders) == "b"
    assert api().get(orders).status_code == 401


def test_it_shows_orders_as_the_list_of_all_does(cast: Cast, rows: dict[str, Interaction]) -> None:
    everything = {row["id"]: row for row in api(cast.asha).get(PATH).json()}
    for row in api(cast.asha).get(f"{PATH}orders/").json():
        assert row == everything[row["id"]] == api(cast.asha).get(f"{PATH}{row['id']}/").json()
    shown = everything[rows["c"].pk]["order"]
    assert shown == {
        "product_details": "Rice",
        "quantity": 1,
        "total_price": 10,
        "order_date": "2024-12-03T10:00:00Z",
    }
    assert everything[rows["b"].pk]["order"] is None
