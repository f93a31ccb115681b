"""`POST /contact/contacts/`."""

from typing import Any

import pytest

from contact.models import Contact
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/contact/contacts/"


@pytest.fixture
def row(cast: Cast) -> Restaurant:
    return restaurant(cast.asha, country="US")


def needed(row: Restaurant) -> dict[str, Any]:
    return {"restaurant": row.pk, "name": "John Doe", "role": "Manager", "email": "john.doe@example.com"}


def test_it_enters_a_contact_with_what_is_needed_and_defaults_for_the_rest(cast: Cast, row: Restaurant) -> None:
    answer = api(cast.asha).post(PATH, needed(row))
    contact = Contact.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{PATH}{contact.pk}/")
    assert answer.json() == {
        **needed(row),
        "id": contact.pk,
        "role_kind": "OTHER",
        "phone": "",
        "address": "",
        "reports_to": None,
        "is_primary": False,
        "opted_out": False,
        "call_window": {},
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (contact.restaurant, contact.name, contact.created_at) == (row, "John Doe", NOON)


def test_it_keeps_every_field_that_is_given(cast: Cast, row: Restaurant) -> None:
    chief = api(cast.asha).post(PATH, needed(row)).json()["id"]
    given = {
        **needed(row),
        "role_kind": "CHEF",
        "role": "Chef de cuisine",
        "phone": "123-456-7890",
        "address": "123 Street, City, Country",
        "reports_to": chief,
        "is_primary": True,
        "opted_out": True,
    }
    answer = api(cast.asha).post(PATH, given)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in given} == given
    contact = Contact.objects.get(pk=answer.json()["id"])
    assert (contact.role_kind, contact.reports_to_id, contact.is_primary, contact.opted_out) == (
        "CHEF",
        chief,
        True,
        True,
    )


@pytest.mark.parametrize("name", ["restaurant", "name", "role", "email"])
def test_it_needs_each_of_four_fields(cast: Cast, row: Restaurant, name: str) -> None:
    without = {key: value for key, value in needed(row).items() if key != name}
    for body in (without, {**without, name: ""}, {**without, name: None}):
        answer = api(cast.asha).post(PATH, body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("name", "x" * 201),
        ("role", "x" * 101),
        ("phone", "1" * 21),
        ("email", "nobody"),
        ("role_kind", "BOSS"),
        ("is_primary", "yes"),
        ("opted_out", 1),
        ("reports_to", 999_999),
        ("restaurant", 999_999),
        ("restaurant", "1"),
        ("rolle", "Manager"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, row: Restaurant, name: str, value: object) -> None:
    answer = api(cast.asha).post(PATH, {**needed(row), name: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("phone", "country", "normalised"),
    [
        ("123-456-7890", "US", "+11234567890"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("098450 12345", "", "+919845012345"),
        ("+44 20 7946 0018", "US", "+442079460018"),
        ("+1234567890", "US", ""),
        ("at the bar", "US", ""),
        ("", "US", ""),
    ],
)
def test_it_keeps_the_phone_as_typed_and_normalised(cast: Cast, phone: str, country: str, normalised: str) -> None:
    answer = api(cast.asha).post(PATH, {**needed(restaurant(cast.asha, country=country)), "phone": phone})
    contact = Contact.objects.get()
    assert (answer.status_code, answer.json()["phone"]) == (201, phone)
    assert (contact.phone, contact.phone_e164) == (phone, normalised)


def test_it_takes_somebody_elses_restaurant_for_none(cast: Cast) -> None:
    for owner, status in ((cast.asha, 201), (None, 201), (cast.bela, 400), (cast.carl, 400)):
        other = restaurant(owner, by=cast.root)
        answer = api(cast.asha).post(PATH, needed(other))
        assert answer.status_code == status
        assert Contact.objects.filter(restaurant=other).exists() == (status == 201)
        if status == 400:
            assert answer.json()["errors"] == {"restaurant": [f"There is no row with the id {other.pk}."]}


def test_it_is_refused_to_who_only_reads_and_to_who_is_nobody(cast: Cast, row: Restaurant) -> None:
    assert api(cast.nora).post(PATH, needed(row)).status_code == 403
    assert api().post(PATH, needed(row)).status_code == 401
    assert not Contact.objects.exists()
