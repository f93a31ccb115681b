"""`/notifications/unsubscribe/`: one click by the link of a mail, and nobody learns who is a contact."""

from typing import Any

import pytest
from django.test import Client

from contact.models import Contact
from notifications.unsubscribe import secret_of
from tests.cast import Cast, api, contact, restaurant


@pytest.fixture
def jane(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha), name="Jane")


def path(secret: str) -> str:
    return f"/notifications/unsubscribe/{secret}/"


def test_it_unsubscribes_by_one_click_and_once_more_is_no_change(jane: Contact) -> None:
    for _ in range(2):
        answer = api().post(path(secret_of(jane.pk)))
        assert (answer.status_code, answer.json()) == (200, {"detail": "We write to you no more."})
        jane.refresh_from_db()
        assert (jane.opted_out, jane.version) == (True, 2)


def test_it_takes_what_mail_programs_send(jane: Contact) -> None:
    """RFC 8058: a form with one word in it."""
    answer = Client().post(path(secret_of(jane.pk)), {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    jane.refresh_from_db()
    assert jane.opted_out


def test_it_changes_nothing_to_be_looked_at(jane: Contact) -> None:
    answer = api().get(path(secret_of(jane.pk)))
    assert answer.status_code == 200
    assert answer.json() == {"detail": "Send POST to this address, and we write to you no more."}
    jane.refresh_from_db()
    assert (jane.opted_out, jane.version) == (False, 1)


def test_it_tells_nobody_whether_there_is_such_a_contact(jane: Contact) -> None:
    for method in ("GET", "POST"):
        here, gone = (api()(method, path(secret_of(key))) for key in (jane.pk, 999_999))
        assert (here.status_code, here.content) == (gone.status_code, gone.content)


@pytest.mark.parametrize("secret", ["x", "1", "1.", ".x", "{}", "1.x", "²2.x", "%00", "1.%2F", "x" * 500])
@pytest.mark.django_db
def test_it_knows_no_made_up_link(secret: str) -> None:
    for method in ("GET", "POST"):
        answer: Any = api()(method, path(secret))
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


def test_it_takes_no_link_that_was_changed(jane: Contact) -> None:
    other = contact(jane.restaurant)
    signature = secret_of(other.pk).partition(".")[2]
    assert api().post(path(f"{jane.pk}.{signature}")).status_code == 404
    jane.refresh_from_db()
    assert not jane.opted_out
