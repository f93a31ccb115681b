"""`GET /contact/contacts/`."""

from urllib.parse import quote

import pytest

from contact.models import Contact
from kams.models import User
from tests.cast import Cast, api, contact, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/contact/contacts/"


@pytest.fixture
def rows(cast: Cast) -> dict[str, Contact]:
    own, other = restaurant(cast.asha, country="US"), restaurant(cast.asha)
    return {
        row.name.split()[0].lower(): row
        for row in (
            contact(own, name="Ravi Rao", role="Owner", role_kind="OWNER", is_primary=True, email="ravi@a.example"),
            contact(own, name="Zoe Smith", role="Chef", role_kind="CHEF", phone="(212) 555-0123"),
            contact(other, name="Ann Rao", role="Chef", role_kind="CHEF", is_primary=True, phone="98450 12345"),
            contact(restaurant(cast.bela), name="Bob", role="Chef"),
            contact(restaurant(), name="Pool Person", role="Chef"),
        )
    }


def found(caller: User, query: str = "") -> str:
    answer = api(caller).get(f"{PATH}?{query}")
    assert answer.status_code == 200, answer.content
    return " ".join(row["name"].split()[0].lower() for row in answer.json())


@pytest.mark.usefixtures("rows")
def test_it_shows_each_the_contacts_of_their_restaurants(cast: Cast) -> None:
    assert found(cast.asha) == "ravi zoe ann"
    assert found(cast.bela) == "bob"
    assert found(cast.carl) == ""
    assert found(cast.maya) == "ravi zoe ann bob pool"
    assert found(cast.root) == found(cast.nora) == "ravi zoe ann bob pool"
    assert api().get(PATH).status_code == 401


def test_it_shows_the_pools_by_their_restaurant_and_no_strangers(cast: Cast, rows: dict[str, Contact]) -> None:
    assert found(cast.asha, f"restaurant={rows['pool'].restaurant_id}") == "pool"
    assert found(cast.asha, f"restaurant={rows['bob'].restaurant_id}") == ""


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("role=Chef", "zoe ann"),
        ("role=Che", ""),
        ("role_kind=OWNER", "ravi"),
        ("role_kind=OWNER,CHEF", "ravi zoe ann"),
        ("is_primary=true", "ravi ann"),
        ("is_primary=false", "zoe"),
        ("search=rao", "ravi ann"),
        ("search=owner%20RAVI", "ravi"),
        ("search=ravi@a", "ravi"),
        ("role=Chef&is_primary=true", "ann"),
        ("role=Chef&search=smith", "zoe"),
        ("ordering=name", "ann ravi zoe"),
        ("ordering=-name", "zoe ravi ann"),
        ("ordering=-id", "ann zoe ravi"),
    ],
)
@pytest.mark.usefixtures("rows")
def test_it_filters_searches_and_orders(cast: Cast, query: str, names: str) -> None:
    assert found(cast.asha, query) == names
    walked = pages(api(cast.asha), f"{PATH}?{query}&page_size=1")
    assert [row["name"].split()[0].lower() for page in walked for row in page] == names.split()


def test_it_filters_by_restaurant(cast: Cast, rows: dict[str, Contact]) -> None:
    assert found(cast.asha, f"restaurant={rows['ravi'].restaurant_id}") == "ravi zoe"
    assert found(cast.asha, f"restaurant={rows['ann'].restaurant_id}&role=Owner") == ""
    assert found(cast.asha, "restaurant=999999") == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [("212-555-0123", "zoe"), ("+1 212 555 0123", "zoe"), ("098450 12345", "ann"), ("+91-98450-12345", "ann")],
)
@pytest.mark.usefixtures("rows")
def test_it_finds_a_number_however_it_is_spelt(cast: Cast, text: str, name: str) -> None:
    assert found(cast.asha, f"search={quote(text)}") == name


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("restaurant=x", "restaurant"),
        ("role_kind=BOSS", "role_kind"),
        ("is_primary=1", "is_primary"),
        ("ordering=email", "ordering"),
        ("roll=Chef", "roll"),
    ],
)
def test_it_names_the_filter_that_makes_no_sense(cast: Cast, query: str, name: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
