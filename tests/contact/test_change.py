"""`GET`, `PUT` and `PATCH /contact/contacts/{id}/`."""

from datetime import timedelta

import pytest
import time_machine

from contact.models import Contact
from tests.cast import NOON, Cast, api, contact, restaurant

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def row(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha), phone="98450 12345")


def path_of(row: Contact) -> str:
    return f"/contact/contacts/{row.pk}/"


def test_it_patches_what_is_named_and_nothing_else(cast: Cast, row: Contact) -> None:
    before = api(cast.asha).get(path_of(row)).json()
    answer = api(cast.asha).patch(path_of(row), {"role": "Owner", "role_kind": "OWNER", "opted_out": True})
    assert answer.status_code == 200
    assert answer.json() == {
        **before,
        "role": "Owner",
        "role_kind": "OWNER",
        "opted_out": True,
        "updated_at": "2024-12-31T12:00:00Z",
        "version": 2,
    }
    row.refresh_from_db()
    assert (row.role, row.role_kind, row.opted_out, row.updated_at) == ("Owner", "OWNER", True, LATER)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_takes_an_answer_back_and_changes_nothing(cast: Cast, row: Contact, method: str) -> None:
    chief = contact(row.restaurant)
    api(cast.asha).patch(path_of(row), {"reports_to": chief.pk, "is_primary": True})
    api(cast.asha).delete(path_of(chief))  # the superior has left meanwhile
    before = api(cast.asha).get(path_of(row)).json()
    answer = api(cast.asha)(method, path_of(row), before)
    assert (answer.status_code, answer.json()) == (200, before)
    assert before["reports_to"] == chief.pk


def test_it_puts_a_changed_answer_back(cast: Cast, row: Contact) -> None:
    changed = {**api(cast.asha).get(path_of(row)).json(), "name": "Jane Doe", "address": "1 Main Street"}
    answer = api(cast.asha).put(path_of(row), changed)
    assert answer.status_code == 200
    assert answer.json() == {**changed, "version": 2, "updated_at": "2024-12-31T12:00:00Z"}
    row.refresh_from_db()
    assert (row.name, row.address) == ("Jane Doe", "1 Main Street")


def test_it_puts_only_with_all_that_is_needed(cast: Cast, row: Contact) -> None:
    answer = api(cast.asha).put(path_of(row), {"name": "Jane Doe"})
    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, ["email", "restaurant", "role"])


def test_it_normalises_the_phone_again(cast: Cast, row: Contact) -> None:
    assert row.phone_e164 == "+919845012345"
    answer = api(cast.asha).patch(path_of(row), {"phone": "098450 54321"})
    row.refresh_from_db()
    assert (answer.json()["phone"], row.phone_e164) == ("098450 54321", "+919845054321")


def test_it_stays_with_its_restaurant(cast: Cast, row: Contact) -> None:
    other = restaurant(cast.asha)
    answer = api(cast.asha).patch(path_of(row), {"restaurant": other.pk, "name": "Jane Doe"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["restaurant"])
    row.refresh_from_db()
    assert row.restaurant != other
    assert row.name != "Jane Doe"
    assert api(cast.asha).patch(path_of(row), {"restaurant": row.restaurant_id}).status_code == 200


def test_it_is_seen_and_changed_with_its_restaurant(cast: Cast, row: Contact) -> None:
    seen, changed = {}, {}
    for name, user in cast.everybody().items():
        seen[name] = api(user).get(path_of(row)).status_code
        changed[name] = api(user).patch(path_of(row), {"address": name}).status_code
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert changed == {**seen, "nora": 403}
    assert api().get(path_of(row)).status_code == 401
    assert Contact.objects.get().address == "maya"
    free = contact(restaurant())
    assert api(cast.carl).patch(path_of(free), {"name": "Jane Doe"}).status_code == 200
