"""`reports_to`: superiors are of the same restaurant or chain, and nobody is above themselves."""

from itertools import pairwise

import pytest

from contact.models import Contact
from tests.cast import Cast, api, contact, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def row(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha))


def put_below(cast: Cast, row: Contact, superior: int | None) -> int:
    answer = api(cast.asha).patch(f"/contact/contacts/{row.pk}/", {"reports_to": superior})
    before, status = row.reports_to_id, int(answer.status_code)
    row.refresh_from_db()
    assert row.reports_to_id == (superior if status == 200 else before)
    if status != 200:
        assert list(answer.json()["errors"]) == ["reports_to"]
    return status


def test_it_is_somebody_of_the_same_restaurant_or_nobody(cast: Cast, row: Contact) -> None:
    assert put_below(cast, row, contact(row.restaurant).pk) == 200
    assert put_below(cast, row, None) == 200


def test_it_is_not_somebody_of_another_restaurant(cast: Cast, row: Contact) -> None:
    stranger = contact(restaurant(cast.asha))
    assert put_below(cast, row, stranger.pk) == 400
    body = {"restaurant": row.restaurant_id, "name": "A", "role": "B", "email": "a@b.example"}
    answer = api(cast.asha).post("/contact/contacts/", {**body, "reports_to": stranger.pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reports_to"])


def test_it_goes_up_down_and_across_a_chain(cast: Cast, row: Contact) -> None:
    branch = restaurant(cast.asha, parent=row.restaurant)
    sister = restaurant(cast.asha, parent=row.restaurant)
    below, beside = contact(branch), contact(sister)
    assert put_below(cast, below, row.pk) == 200
    assert put_below(cast, below, beside.pk) == 200
    assert put_below(cast, beside, row.pk) == 200
    assert put_below(cast, row, contact(branch).pk) == 200


def test_it_is_nobody_the_caller_does_not_see(cast: Cast, row: Contact) -> None:
    branch = contact(restaurant(cast.bela, parent=row.restaurant))
    assert put_below(cast, row, branch.pk) == 400
    assert put_below(cast, row, 999_999) == 400


def test_it_is_nobody_who_was_put_away(cast: Cast, row: Contact) -> None:
    chief = contact(row.restaurant)
    api(cast.asha).delete(f"/contact/contacts/{chief.pk}/")
    assert put_below(cast, row, chief.pk) == 400


@pytest.mark.parametrize("length", [1, 2, 4])
def test_it_makes_no_circle(cast: Cast, length: int) -> None:
    place = restaurant(cast.asha)
    line = [contact(place) for _ in range(length)]
    for below, above in pairwise(line):
        assert put_below(cast, below, above.pk) == 200
    assert put_below(cast, line[-1], line[0].pk) == 400


def test_it_makes_no_circle_across_a_chain(cast: Cast, row: Contact) -> None:
    below = contact(restaurant(cast.asha, parent=row.restaurant))
    assert put_below(cast, below, row.pk) == 200
    assert put_below(cast, row, below.pk) == 400
