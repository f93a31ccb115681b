"""What arrives at a real mail server; and what does not, because nobody wants it any more."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import User
from notifications.kinds import Kind
from notifications.models import Message, Preference
from notifications.tasks import deliver
from tests.cast import NOON, Cast, contact, person, restaurant
from tests.notifications.conftest import FACTS
from tests.smtp import Mailroom


def tell(kind: Kind, *people: User, **more: Any) -> Message:
    Message.objects.tell(kind, people, key="note:1", at=NOON, facts=FACTS, **more)
    message: Message = Message.objects.filter(channel="EMAIL").order_by("pk")[0]
    return message


@pytest.mark.django_db
def test_it_arrives_with_the_words_in_the_zone_of_the_reader(note: Kind, mailroom: Mailroom, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "KAM <kam@mail.example>"
    message = tell(note, person("neha", timezone="Asia/Kolkata"))
    assert deliver(NOON) == 1
    (mail,) = mailroom.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        "KAM <kam@mail.example>",
        "neha@kams.example",
        "Maya left a note",
    )
    assert mail["Message-ID"] == f"<{message.uuid}@mail.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail
    assert mail.get_content_type() == "multipart/alternative"
    text, html = (part.get_content() for part in mail.iter_parts())
    assert "Maya wrote on 28 December 2024, 17:30 IST: Call <them> & ask." in text
    assert "Maya wrote on 28 December 2024 at 17:30: Call &lt;them&gt; &amp; ask." in html
    message.refresh_from_db()
    assert (message.state, message.attempts, message.lease, message.error) == ("SENT", 1, None, "")
    assert message.sent_at is not None
    assert message.sent_at - NOON < timedelta(seconds=30)


@pytest.mark.django_db
def test_it_is_sent_once(note: Kind, mailroom: Mailroom) -> None:
    tell(note, person("neha"))
    assert [deliver(NOON), deliver(NOON + timedelta(days=1))] == [1, 0]
    assert len(mailroom.mails) == 1


@pytest.mark.django_db
def test_it_sends_a_batch_over_one_connection(note: Kind, mailroom: Mailroom) -> None:
    tell(note, *(person() for _ in range(5)))
    assert deliver(NOON) == 5
    assert (len(mailroom.mails), mailroom.connections) == (5, 1)


@pytest.mark.django_db
def test_it_sends_batch_after_batch(note: Kind, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifications.tasks.BATCH", 2)
    tell(note, *(person() for _ in range(5)))
    assert deliver(NOON) == 5
    assert (len(mailroom.mails), mailroom.connections) == (5, 3)


@pytest.mark.django_db
def test_it_sends_nothing_before_it_is_due(note: Kind, mailroom: Mailroom) -> None:
    Message.objects.tell(note, [person("neha")], key="note:1", at=NOON + timedelta(hours=1), facts=FACTS)
    assert deliver(NOON) == 0
    assert deliver(NOON + timedelta(hours=1)) == 1
    assert len(mailroom.mails) == 1


@pytest.mark.django_db
def test_it_speaks_to_the_address_that_the_person_has_now(note: Kind, mailroom: Mailroom) -> None:
    neha = person("neha")
    tell(note, neha)
    neha.revise(by=neha, at=NOON, email="moved@kams.example", language="es")
    deliver(NOON)
    (mail,) = mailroom.mails
    assert (mail["To"], mail["Subject"]) == ("moved@kams.example", "Maya dejó una nota")


@pytest.mark.django_db
def test_it_lets_no_line_into_a_header(note: Kind, mailroom: Mailroom) -> None:
    facts = {**FACTS, "author": "Maya\r\nBcc: all@kams.example\r\n\r\nBuy!"}
    Message.objects.tell(note, [person("neha")], key="note:1", at=NOON, facts=facts)
    assert deliver(NOON) == 1
    (mail,) = mailroom.mails
    assert mail["Subject"] == "Maya Bcc: all@kams.example Buy! left a note"
    assert "Bcc" not in mail


def test_it_lets_a_contact_unsubscribe_by_a_button(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    who = contact(restaurant(cast.asha), email="jane@place.example")
    Message.objects.tell_contact(note, who, key="note:1", at=NOON, facts=FACTS)
    deliver(NOON)
    (mail,) = mailroom.to("jane@place.example")
    assert re.fullmatch(r"\s*<http://127\.0\.0\.1:8000/notifications/unsubscribe/[^/>]+/>", mail["List-Unsubscribe"])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


# --- nobody wants it any more ---------------------------------------------------------------------
def is_dropped(mailroom: Mailroom, reason: str) -> bool:
    assert deliver(NOON) == 0
    assert mailroom.mails == []
    row = Message.objects.filter(channel="EMAIL").get()
    return (row.state, row.error, row.sent_at, row.lease) == ("DROPPED", reason, None, None)


def test_it_sends_nothing_to_who_was_deactivated(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    tell(note, cast.asha)
    cast.asha.deactivate(by=cast.root, at=NOON)
    assert is_dropped(mailroom, "The person was deactivated.")


def test_it_sends_nothing_to_a_contact_who_opted_out(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    who = contact(restaurant(cast.asha))
    Message.objects.tell_contact(note, who, key="note:1", at=NOON, facts=FACTS)
    who.revise(by=cast.asha, at=NOON, opted_out=True)
    assert is_dropped(mailroom, "The contact wants no messages.")


def test_it_sends_nothing_to_a_contact_who_was_archived(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    who = contact(restaurant(cast.asha))
    Message.objects.tell_contact(note, who, key="note:1", at=NOON, facts=FACTS)
    who.archive(by=cast.asha, at=NOON)
    assert is_dropped(mailroom, "The contact was archived.")


@pytest.mark.parametrize("named", [True, False])
def test_it_sends_nothing_to_a_contact_of_an_archived_restaurant(
    cast: Cast, note: Kind, mailroom: Mailroom, *, named: bool
) -> None:
    place = restaurant(cast.asha)
    of = {"restaurant": place.pk} if named else {}
    Message.objects.tell_contact(note, contact(place), key="note:1", at=NOON, facts=FACTS, **of)
    place.archive(by=cast.asha, at=NOON)
    assert is_dropped(mailroom, "The restaurant was archived.")


def test_it_sends_nothing_about_an_archived_restaurant(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    place = restaurant(cast.asha)
    tell(note, cast.asha, restaurant=place.pk)
    place.archive(by=cast.asha, at=NOON)
    assert is_dropped(mailroom, "The restaurant was archived.")


def test_it_sends_nothing_that_was_switched_off_since(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    tell(note, cast.asha)
    Preference.objects.say(cast.asha, {"note_left": {"EMAIL": False}})
    assert is_dropped(mailroom, "The person switched this kind of message off.")


def test_it_sends_the_others_all_the_same(cast: Cast, note: Kind, mailroom: Mailroom) -> None:
    tell(note, cast.asha, cast.bela)
    cast.asha.deactivate(by=cast.root, at=NOON)
    assert deliver(NOON) == 1
    assert [mail["To"] for mail in mailroom.mails] == [cast.bela.email]


@pytest.mark.django_db
@pytest.mark.usefixtures("mailroom")
def test_it_asks_little_for_each_message(note: Kind) -> None:
    """A batch is found, claimed, read and asked about, and the next one looked for; each message is settled."""
    tell(note, *(person() for _ in range(10)))
    with CaptureQueriesContext(connection) as asked:
        assert deliver(NOON) == 10
    assert len([one for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]) == 4 + 1 + 10
