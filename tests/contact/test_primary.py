"""`is_primary`: a restaurant has one primary contact at most."""

from typing import Any

import pytest

from contact.models import Contact
from tests.cast import Cast, api, contact, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def first(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha), is_primary=True)


def set_primary(cast: Cast, row: Contact, *, to: bool) -> Any:
    return api(cast.asha).patch(f"/contact/contacts/{row.pk}/", {"is_primary": to})


def primaries(row: Contact) -> list[int]:
    return list(Contact.objects.filter(primary_for=row.restaurant_id).values_list("pk", flat=True))


def test_it_is_one_at_most(cast: Cast, first: Contact) -> None:
    second = contact(first.restaurant)
    answer = set_primary(cast, second, to=True)
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["is_primary"])
    assert str(first.pk) in answer.json()["detail"]
    body = {"restaurant": first.restaurant_id, "name": "A", "role": "B", "email": "a@b.example", "is_primary": True}
    assert api(cast.asha).post("/contact/contacts/", body).status_code == 409
    assert primaries(first) == [first.pk]
    assert Contact.objects.count() == 2


def test_it_moves_when_the_first_steps_back(cast: Cast, first: Contact) -> None:
    second = contact(first.restaurant)
    assert set_primary(cast, first, to=False).json()["is_primary"] is False
    assert set_primary(cast, second, to=True).json()["is_primary"] is True
    assert primaries(first) == [second.pk]


def test_it_is_free_when_the_first_is_put_away(cast: Cast, first: Contact) -> None:
    second = contact(first.restaurant)
    api(cast.asha).delete(f"/contact/contacts/{first.pk}/")
    assert set_primary(cast, second, to=True).status_code == 200
    assert primaries(first) == [second.pk]


def test_it_is_each_restaurants_own_even_in_a_chain(cast: Cast, first: Contact) -> None:
    other = contact(restaurant(cast.asha, parent=first.restaurant))
    assert set_primary(cast, other, to=True).status_code == 200
    assert (primaries(first), primaries(other)) == ([first.pk], [other.pk])


def test_it_stays_with_who_has_it(cast: Cast, first: Contact) -> None:
    assert set_primary(cast, first, to=True).status_code == 200
    assert primaries(first) == [first.pk]
