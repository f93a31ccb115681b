"""What is not sent at the first attempt: it rests, waits or is given up, and is never lost."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.template import TemplateDoesNotExist

from notifications.channels import Email
from notifications.kinds import KINDS, Kind, NothingToSay
from notifications.models import Message
from notifications.tasks import PAUSES, deliver
from tests.cast import NOON, person
from tests.notifications.conftest import FACTS
from tests.ports import free_port
from tests.smtp import Mailroom, smtp_server, use

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def message(note: Kind) -> Message:
    Message.objects.tell(note, [person("neha")], key="note:1", at=NOON, facts=FACTS)
    message: Message = Message.objects.get(channel="EMAIL")
    return message


def state_of(message: Message) -> tuple[str, int, str]:
    message.refresh_from_db()
    assert message.lease is None
    return message.state, message.attempts, message.error


# --- it rests -------------------------------------------------------------------------------------
def test_it_rests_longer_after_each_attempt_and_is_given_up(message: Message, mailroom: Mailroom) -> None:
    mailroom.replies = {"neha@kams.example": "450 The mailbox is busy"}
    at, pauses = NOON, []
    while message.state == "WAITING":
        assert deliver(at) == 0
        message.refresh_from_db()
        pauses.append(round((message.due_at - at) / MINUTE))
        at = max(message.due_at, at)
    assert pauses[:-1] == [1, 5, 15, 60, 240, 720, 1440]
    assert state_of(message) == ("FAILED", len(PAUSES) + 1, "450 The mailbox is busy")
    mailroom.replies = {}
    assert deliver(at + timedelta(days=9)) == 0
    assert mailroom.mails == []


def test_it_is_sent_when_the_mailbox_takes_it_again(message: Message, mailroom: Mailroom) -> None:
    mailroom.replies = {"neha@kams.example": "450 The mailbox is busy"}
    deliver(NOON)
    mailroom.replies = {}
    assert deliver(NOON + MINUTE - timedelta(seconds=30)) == 0
    assert deliver(NOON + 2 * MINUTE) == 1
    assert state_of(message) == ("SENT", 2, "")
    assert mailroom.mails[0]["Message-ID"].startswith(f"<{message.uuid}@")


@pytest.mark.parametrize(
    ("place", "reply"), [("reply_to_data", "451 Try later"), ("reply_to_sender", "550 Who is that")]
)
def test_it_rests_where_the_refusal_may_pass(message: Message, mailroom: Mailroom, place: str, reply: str) -> None:
    setattr(mailroom, place, reply)
    assert deliver(NOON) == 0
    assert state_of(message) == ("WAITING", 1, reply)


# --- it is given up at once -----------------------------------------------------------------------
def test_it_is_given_up_where_there_is_no_such_mailbox(message: Message, mailroom: Mailroom) -> None:
    mailroom.replies = {"neha@kams.example": "550 No such person"}
    assert deliver(NOON) == 0
    assert state_of(message) == ("FAILED", 1, "550 No such person")


def test_it_is_given_up_where_the_content_is_refused(message: Message, mailroom: Mailroom) -> None:
    mailroom.reply_to_data = "554 Not this"
    assert deliver(NOON) == 0
    assert state_of(message) == ("FAILED", 1, "554 Not this")


def test_it_goes_on_with_the_others(note: Kind, mailroom: Mailroom) -> None:
    people = [person(f"p{number}") for number in range(3)]
    Message.objects.tell(note, people, key="note:1", at=NOON, facts=FACTS)
    mailroom.replies = {"p0@kams.example": "550 No such person", "p1@kams.example": "450 Busy"}
    assert deliver(NOON) == 1
    states = Message.objects.filter(channel="EMAIL").order_by("user_id").values_list("state", flat=True)
    assert list(states) == ["FAILED", "WAITING", "SENT"]


# --- the server is away ---------------------------------------------------------------------------
def test_it_waits_through_hours_without_a_server(note: Kind, settings: Any) -> None:
    Message.objects.tell(note, [person(), person()], key="note:1", at=NOON, facts=FACTS)
    port = free_port()
    use(settings, port)
    at = NOON
    for _ in range(100):
        at += timedelta(minutes=7)
        assert deliver(at) == 0
    rows = Message.objects.filter(channel="EMAIL")
    assert {(row.state, row.attempts, row.lease, row.due_at) for row in rows} == {("WAITING", 0, None, NOON)}
    assert all(row.error.startswith("The mail server is away: ") for row in rows)
    assert Message.objects.lag(at) == at - NOON
    with smtp_server(room := Mailroom(), port):
        assert deliver(at) == 2
    assert len(room.mails) == 2
    assert Message.objects.lag(at) == timedelta()


def test_it_waits_where_the_server_closes(message: Message, mailroom: Mailroom) -> None:
    mailroom.replies = {"neha@kams.example": "421 Closing for the night"}
    assert deliver(NOON) == 0
    assert state_of(message) == ("WAITING", 0, "421 Closing for the night")


def test_it_connects_anew_where_the_server_hangs_up(note: Kind, mailroom: Mailroom) -> None:
    """The mail at which the line broke may be the reason, and counts an attempt; the others go their way."""
    people = [person(f"p{number}") for number in range(3)]
    Message.objects.tell(note, people, key="note:1", at=NOON, facts=FACTS)
    mailroom.hangs_up_on = "p1@kams.example"
    assert deliver(NOON) == 2
    assert [mail["To"] for mail in mailroom.mails] == ["p0@kams.example", "p2@kams.example"]
    row = Message.objects.get(channel="EMAIL", state="WAITING")
    assert (row.mailbox, row.attempts) == ("p1@kams.example", 1)
    assert row.error.startswith("The connection was lost: ")
    assert mailroom.connections == 2


# --- the words are missing ------------------------------------------------------------------------
def break_kind(error: Exception) -> None:
    def context(_: Any) -> Any:
        raise error

    del KINDS["note_left"]
    Kind("note_left", "Somebody left me a note", context=context)


def test_it_is_dropped_where_there_is_nothing_to_say(message: Message, mailroom: Mailroom) -> None:
    break_kind(NothingToSay("The note was taken back."))
    assert deliver(NOON) == 0
    assert state_of(message) == ("DROPPED", 0, "The note was taken back.")
    assert mailroom.mails == []


@pytest.mark.usefixtures("mailroom")
def test_it_does_not_hold_up_others_where_words_fail(message: Message) -> None:
    break_kind(TemplateDoesNotExist("mail/note_left.txt"))
    assert deliver(NOON) == 0
    assert state_of(message) == ("WAITING", 1, "TemplateDoesNotExist: mail/note_left.txt")


@pytest.mark.usefixtures("mailroom")
def test_it_rests_where_no_app_declares_the_kind(message: Message) -> None:
    Message.objects.update(kind="of_yesterday")
    assert deliver(NOON) == 0
    assert state_of(message) == ("WAITING", 1, "LookupError: No app declares the kind of_yesterday.")


# --- leases ---------------------------------------------------------------------------------------
def claim(at: Any, *, minutes: int = 5) -> tuple[uuid.UUID, list[Message]]:
    lease = uuid.uuid4()
    return lease, Message.objects.claim(100, at=at, lease=lease, until=at + minutes * MINUTE)


def test_it_is_in_one_hand_until_the_lease_ends(message: Message) -> None:
    _, held = claim(NOON)
    assert held == [message]
    assert claim(NOON + 4 * MINUTE)[1] == []
    assert claim(NOON + 5 * MINUTE)[1] == [message]


def test_it_is_not_settled_by_who_has_lost_the_lease(message: Message) -> None:
    lost, _ = claim(NOON)
    lease, _ = claim(NOON + 5 * MINUTE)
    assert Message.objects.settle(message.pk, lease=lost, state="SENT") == 0
    message.refresh_from_db()
    assert (message.state, message.lease) == ("WAITING", lease)
    assert Message.objects.settle(message.pk, lease=lease, state="SENT") == 1
    assert Message.objects.settle(message.pk, lease=lease, state="FAILED") == 0


def test_it_takes_the_oldest_first_and_no_more_than_asked_for(note: Kind) -> None:
    for hours in (2, 1, 3):
        Message.objects.tell(note, [person(f"p{hours}")], key="note:1", at=NOON + timedelta(hours=hours), facts=FACTS)
    at = NOON + timedelta(days=1)
    held = Message.objects.claim(2, at=at, lease=uuid.uuid4(), until=at + MINUTE)
    assert [message.mailbox for message in held] == ["p1@kams.example", "p2@kams.example"]


def test_it_gives_back_what_it_has_no_time_for(note: Kind, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server must not keep a message beyond its lease, when somebody else would send it as well."""
    Message.objects.tell(note, [person(), person(), person()], key="note:1", at=NOON, facts=FACTS)
    seconds, send = [0.0], Email.send

    def slowly(*args: Any) -> None:
        seconds[0] += 200
        send(*args)

    monkeypatch.setattr("notifications.tasks.monotonic", lambda: seconds[0])
    monkeypatch.setattr(Email, "send", slowly)
    assert deliver(NOON) == 1
    rows = Message.objects.filter(channel="EMAIL").order_by("pk")
    assert [(row.state, row.attempts, row.lease) for row in rows] == [
        ("SENT", 1, None),
        ("WAITING", 0, None),
        ("WAITING", 0, None),
    ]
    assert len(mailroom.mails) == 1
