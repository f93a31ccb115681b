"""`GET /lead/restaurants/`: whose restaurants it shows, and its filters."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kams.models import User
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, restaurant
from tests.paging import ids

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/lead/restaurants/"


def listed(caller: User, query: str = "") -> set[int]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    found = ids(answer.json())
    assert len(found) == len(set(found))
    return set(found)


# --- whose ------------------------------------------------------------------------------------


@pytest.fixture
def owned(cast: Cast) -> dict[str, int]:
    """A restaurant each of Asha, Bela, Carl and the pool, and one of Asha's put away."""
    away = restaurant(cast.asha)
    away.archive(by=cast.root, at=NOON)
    cast.maya  # noqa: B018 - who manages the south from now on
    rows = {name: restaurant(getattr(cast, name)) for name in ("asha", "bela", "carl")}
    return {**{name: row.pk for name, row in rows.items()}, "pool": restaurant().pk, "away": away.pk}


def test_it_shows_a_kam_their_own_and_nothing_else(cast: Cast, owned: dict[str, int]) -> None:
    assert listed(cast.asha) == {owned["asha"]}
    assert listed(cast.carl) == {owned["carl"]}


def test_it_shows_a_kam_the_pool_on_request(cast: Cast, owned: dict[str, int]) -> None:
    assert listed(cast.asha, "?assigned_to=none") == {owned["pool"]}
    assert listed(cast.asha, f"?assigned_to={cast.asha.pk}") == {owned["asha"]}
    assert listed(cast.asha, f"?assigned_to={cast.bela.pk}") == set()


def test_it_shows_a_manager_their_team_and_the_pool(cast: Cast, owned: dict[str, int]) -> None:
    assert listed(cast.maya) == {owned["asha"], owned["bela"], owned["pool"]}
    assert listed(cast.maya, "?assigned_to=none") == {owned["pool"]}
    assert listed(cast.maya, f"?assigned_to={cast.bela.pk}") == {owned["bela"]}
    assert listed(cast.maya, f"?assigned_to={cast.carl.pk}") == set()


@pytest.mark.parametrize("who", ["root", "nora"])
def test_it_shows_admins_and_analysts_all_that_is_not_put_away(cast: Cast, owned: dict[str, int], who: str) -> None:
    everything = {owned[name] for name in ("asha", "bela", "carl", "pool")}
    assert listed(getattr(cast, who)) == everything
    assert listed(getattr(cast, who), "?assigned_to=none") == {owned["pool"]}


@pytest.mark.usefixtures("cast", "owned")
def test_it_is_nothing_without_a_token() -> None:
    assert api().get(PATH).status_code == 401


def test_it_answers_rows_as_the_detail_does(cast: Cast) -> None:
    row = restaurant(cast.asha)
    listed_row = api(cast.asha).get(PATH).json()
    assert listed_row == [api(cast.asha).get(f"{PATH}{row.pk}/").json()]


# --- filters ----------------------------------------------------------------------------------

FIRST_OF = {month: datetime(2024, month, 1, tzinfo=UTC) for month in range(1, 13)}


@pytest.fixture
def rows(cast: Cast) -> dict[str, Restaurant]:
    """Five that differ in everything there is a filter for."""
    head = restaurant(cast.asha, name="head", city="Mumbai", state="Maharashtra", country="IN", at=FIRST_OF[1])
    given = [
        ("b", "CONTACTED", "Pune", "Maharashtra", "IN", "Indian", "Café", Decimal("100.00"), head, 2),
        ("c", "CONTACTED", "Dubai", "Dubai", "AE", "Italian", "Hotel", Decimal("200.00"), None, 3),
        ("d", "LOST", "Dubai", "Dubai", "AE", "Indian", "Hotel", Decimal("200.01"), None, 4),
        ("e", "CONVERTED", "Pune", "Maharashtra", "IN", None, None, None, head, 5),
    ]
    made = [
        restaurant(
            cast.asha,
            name=name,
            lead_status=status,
            city=city,
            state=state,
            country=country,
            cuisine_type=cuisine,
            restaurant_type=kind,
            potential_revenue=revenue,
            parent=parent,
            at=FIRST_OF[month],
        )
        for name, status, city, state, country, cuisine, kind, revenue, parent, month in given
    ]
    return {row.name: row for row in (head, *made)}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=CONTACTED", "b c"),
        ("lead_status=CONTACTED", "b c"),
        ("status=CONTACTED,LOST", "b c d"),
        ("lead_status=NEW,CONVERTED", "head e"),
        ("status=NEGOTIATING", ""),
        ("status=CONTACTED&lead_status=LOST", ""),
        ("city=Pune", "b e"),
        ("city=Pun", ""),
        ("city=pune", ""),
        ("state=Dubai", "c d"),
        ("country=IN", "head b e"),
        ("cuisine_type=Indian", "b d"),
        ("restaurant_type=Hotel", "c d"),
        ("restaurant_type=Caf%C3%A9", "b"),
        ("restaurant_type=Cafe", ""),
        ("min_revenue=200", "head c d"),
        ("min_revenue=200.01", "head d"),
        ("max_revenue=200", "b c"),
        ("max_revenue=200.00", "b c"),
        ("max_revenue=199.99", "b"),
        ("min_revenue=100&max_revenue=200", "b c"),
        ("min_revenue=201&max_revenue=100", ""),
        ("created_after=2024-03-01T00:00:00Z", "c d e"),
        ("created_before=2024-03-01T00:00:00Z", "head b"),
        ("created_after=2024-03-01T05:30:00%2B05:30&created_before=2024-04-01T00:00:00Z", "c"),
        ("updated_after=2024-05-01T00:00:00Z", "e"),
        ("updated_before=2024-02-01T00:00:00Z", "head"),
        ("city=Dubai&cuisine_type=Indian", "d"),
        ("city=Pune&status=CONTACTED&max_revenue=150&search=b", "b"),
        ("country=IN&min_revenue=100&created_before=2024-02-01T00:00:00Z", "head"),
    ],
)
def test_it_filters(cast: Cast, rows: dict[str, Restaurant], query: str, names: str) -> None:
    assert listed(cast.asha, f"?{query}") == {rows[name].pk for name in names.split()}


def test_it_filters_a_chains_branches(cast: Cast, rows: dict[str, Restaurant]) -> None:
    assert listed(cast.asha, f"?parent={rows['head'].pk}") == {rows["b"].pk, rows["e"].pk}
    assert listed(cast.asha, f"?parent={rows['b'].pk}") == set()


def test_it_filters_by_the_last_change(cast: Cast, rows: dict[str, Restaurant]) -> None:
    api(cast.asha).patch(f"{PATH}{rows['b'].pk}/", {"notes": "New owner."})
    moment = NOON.isoformat().replace("+00:00", "Z")
    assert listed(cast.asha, f"?updated_after={moment}") == {rows["b"].pk}
    assert listed(cast.asha, f"?created_after={(NOON - timedelta(days=1)).date()}T00:00:00Z") == set()


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("status=OPEN", "status"),
        ("status=contacted", "status"),
        ("lead_status=CONTACTED,OPEN", "lead_status"),
        ("assigned_to=me", "assigned_to"),
        ("assigned_to=1.0", "assigned_to"),
        ("assigned_to=", "assigned_to"),
        ("parent=0", "parent"),
        ("min_revenue=lots", "min_revenue"),
        ("max_revenue=-1", "max_revenue"),
        ("created_after=yesterday", "created_after"),
        ("created_after=2024-12-28", "created_after"),
        ("created_before=2024-12-28T10:00:00", "created_before"),
        ("updated_after=", "updated_after"),
        ("city=", "city"),
        ("city=Pune&city=Dubai", "city"),
        ("search=%20", "search"),
        ("page_size=0", "page_size"),
        ("page_size=1001", "page_size"),
        ("page_size=ten", "page_size"),
        ("count=yes", "count"),
        ("ordering=city", "ordering"),
        ("cursor=abc", "cursor"),
    ],
)
def test_it_names_the_filter_that_makes_no_sense(cast: Cast, query: str, name: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("citty", "city"), ("Status", "status"), ("assignedto", "assigned_to"), ("page", "page_size")],
)
def test_it_refuses_what_it_does_not_know_and_names_what_is_near(cast: Cast, given: str, nearest: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?{given}=1")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [given])
    assert f"“{nearest}”" in answer.json()["errors"][given][0]
