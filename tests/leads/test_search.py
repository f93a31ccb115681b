"""`GET /lead/restaurants/?search=`: names, places, people and numbers, however they are spelt."""

from urllib.parse import quote

import pytest

from tests.cast import Cast, api, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def _rows(cast: Cast) -> None:
    restaurant(
        cast.asha,
        name="Blue Lotus 100%",
        city="Bengaluru",
        contact_person="Ravi Rao",
        email="ravi@lotus.example",
        phone="+91 98450 12345",
        country="IN",
        notes="Sauerkraut",
    )
    restaurant(
        cast.asha,
        name="Green Lotus_Garden",
        city="New York",
        contact_person="Zoë Smith",
        email="zoe@garden.example",
        phone="(212) 555-0123",
        country="US",
    )
    restaurant(
        cast.asha, name="Oyster Bar", city="London", contact_person="Ann Rao", email="ann@bar.example", phone="ask Ann"
    )
    restaurant(cast.bela, name="Blue Moon", phone="+91 98450 12345")
    restaurant(name="Blue Pool", phone="+91 98450 12345")


def found(cast: Cast, text: str, more: str = "") -> list[str]:
    answer = api(cast.asha).get(f"/lead/restaurants/?search={quote(text)}{more}")
    assert answer.status_code == 200
    return [row["name"].split()[0] for row in answer.json()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("lotus", ["Blue", "Green"]),
        ("LOTUS", ["Blue", "Green"]),
        ("otu", ["Blue", "Green"]),
        ("bengaluru", ["Blue"]),
        ("new york", ["Green"]),
        ("york new", ["Green"]),
        ("Rao", ["Blue", "Oyster"]),
        ("rao blue", ["Blue"]),
        ("rao london bar", ["Oyster"]),
        ("lotus london", []),
        ("ravi@lotus.example", ["Blue"]),
        ("@garden", ["Green"]),
        ("zoë", ["Green"]),
        ("ask ann", ["Oyster"]),
        ("sauerkraut", []),
        ("%", ["Blue"]),
        ("_", ["Green"]),
        ("100%", ["Blue"]),
        ("lotus%garden", []),
        ("'; drop table", []),
    ],
)
def test_it_finds_each_word_in_name_city_person_and_address(cast: Cast, text: str, names: list[str]) -> None:
    assert found(cast, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "+91 98450 12345",
        "+919845012345",
        "919845012345",
        "9845012345",
        "98450 12345",
        "98450-12345",
        "098450 12345",
        "(098450) 12345",
        "+91-98450-12345",
        "+91.98450.12345",
        "12345",
    ],
)
def test_it_finds_a_number_however_it_is_spelt(cast: Cast, text: str) -> None:
    assert found(cast, text) == ["Blue"]


@pytest.mark.parametrize("text", ["(212) 555-0123", "212 555 0123", "2125550123", "+1 212 555 0123", "212-555-0123"])
def test_it_finds_a_number_of_another_country(cast: Cast, text: str) -> None:
    assert found(cast, text) == ["Green"]


@pytest.mark.parametrize("text", ["98450 12346", "+44 98450 12345", "54321"])
def test_it_does_not_find_another_number(cast: Cast, text: str) -> None:
    assert found(cast, text) == []


@pytest.mark.parametrize("name", ["Élan Zürich", "ÉLAN ZÜRICH", "élan zürich"])
@pytest.mark.parametrize("text", ["Élan", "élan", "ÉLAN", "zürich", "ZÜRICH", "zürich élan"])
def test_it_finds_letters_beyond_a_to_z_in_either_case(cast: Cast, name: str, text: str) -> None:
    restaurant(cast.asha, name=name)
    assert found(cast, text) == [name.partition(" ")[0]]


def test_it_finds_a_number_as_it_was_changed(cast: Cast) -> None:
    row = api(cast.asha).get("/lead/restaurants/?search=oyster").json()[0]
    api(cast.asha).patch(f"/lead/restaurants/{row['id']}/", {"phone": "020 7946 0018", "country": "GB"})
    assert found(cast, "+44 20 7946 0018") == ["Oyster"]
    assert found(cast, "ask ann") == []


def test_it_looks_among_the_callers_own_and_through_the_pool_on_request(cast: Cast) -> None:
    assert found(cast, "blue") == ["Blue"]
    assert [row["name"] for row in api(cast.asha).get("/lead/restaurants/?search=blue&assigned_to=none").json()] == [
        "Blue Pool"
    ]


def test_it_combines_with_filters_and_orders(cast: Cast) -> None:
    assert found(cast, "lotus", "&city=New%20York") == ["Green"]
    assert found(cast, "lotus", "&ordering=-name") == ["Green", "Blue"]
    assert found(cast, "lotus", "&ordering=-name&page_size=1") == ["Green"]
