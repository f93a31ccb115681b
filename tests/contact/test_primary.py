"""`is_primary`: a restaurant has one primary contact at most."""

from typing import Any

import pytest

from common.errors import AlreadyExists
from contact.models import Contact
from tests.cast import NOON, Cast, api, contact, restaurant

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
    answer = api(cast.asha).post("/contact/contacts/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (409, ["is_primary"])
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


def test_it_lets_the_others_be_changed(cast: Cast, first: Contact) -> None:
    second = contact(first.restaurant)
    answer = api(cast.asha).patch(f"/contact/contacts/{second.pk}/", {"name": "Jane Doe", "is_primary": False})
    assert (answer.status_code, answer.json()["name"]) == (200, "Jane Doe")
    assert api(cast.asha).patch(f"/contact/contacts/{second.pk}/", {"name": "Jo Doe"}).status_code == 200
    assert api(cast.asha).patch(f"/contact/contacts/{first.pk}/", {"name": "John"}).status_code == 200
    assert primaries(first) == [first.pk]


def test_it_comes_back_only_where_nobody_else_is_primary_by_now(cast: Cast, first: Contact) -> None:
    first.archive(by=cast.root, at=NOON)
    second = contact(first.restaurant, is_primary=True)
    with pytest.raises(AlreadyExists, match=str(second.pk)):
        first.restore(by=cast.root, at=NOON)
    second.archive(by=cast.root, at=NOON)
    assert first.restore(by=cast.root, at=NOON) is True
    assert first.restore(by=cast.root, at=NOON) is False
    assert primaries(first) == [first.pk]
    other = contact(first.restaurant)
    other.archive(by=cast.root, at=NOON)
    assert other.restore(by=cast.root, at=NOON) is True  # who is not primary takes nobody's place
