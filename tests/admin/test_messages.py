"""The outbox in the admin: what waits, what was given up and why, and how it is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from leads.messages import COVER_BEGUN
from notifications.models import Message
from tests.admin.browser import Browser, changing, listing, messages
from tests.cast import NOON, Cast

FACTS = {"covering": "bela", "absent": "carl", "ends_at": NOON.isoformat()}
LATER = NOON + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def message(cast: Cast) -> Message:
    Message.objects.tell(COVER_BEGUN, [cast.asha], key="cover:1", at=NOON, facts=FACTS)
    message: Message = Message.objects.get(channel="EMAIL", kind="cover_begun")
    return message


def become(message: Message, state: str) -> None:
    Message.objects.filter(pk=message.pk).update(state=state, attempts=8, error="550 No such person")


@pytest.mark.parametrize("state", ["FAILED", "DROPPED"])
def test_it_sends_again_what_was_given_up_or_dropped(root: Browser, message: Message, state: str) -> None:
    become(message, state)
    assert messages(root.act("send_again", message)) == ["1 message to be sent again."]
    message.refresh_from_db()
    assert (message.state, message.attempts, message.error, message.due_at) == ("WAITING", 0, "", LATER)


@pytest.mark.parametrize("state", ["WAITING", "SENT"])
def test_it_does_not_send_again_what_is_on_its_way_or_was_sent(root: Browser, message: Message, state: str) -> None:
    become(message, state)
    assert messages(root.act("send_again", message)) == [
        "bela covers for carl from now on: Only what was given up or dropped is sent again. Nothing was changed."
    ]
    message.refresh_from_db()
    assert (message.state, message.attempts) == (state, 8)


def test_it_says_for_how_long_the_oldest_has_been_waiting(root: Browser, message: Message) -> None:
    assert "The oldest waits for 3\xa0hours." in root.get(listing(Message)).content.decode()
    become(message, "SENT")
    assert "Nothing is late." in root.get(listing(Message)).content.decode()


def test_it_lists_by_state_channel_and_kind(root: Browser, message: Message) -> None:
    become(message, "FAILED")
    for query, found in {"state": "FAILED", "channel": "EMAIL", "kind": "cover_begun"}.items():
        name = query if query == "kind" else f"{query}__exact"
        page = root.get(listing(Message), **{name: found})
        assert message in page.context["cl"].result_list
        other = {"state": "DROPPED", "channel": "IN_APP", "kind": "cover_ended"}[query]
        assert message not in root.get(listing(Message), **{name: other}).context["cl"].result_list
    assert "550 No such person" in root.get(listing(Message)).content.decode()


def test_it_shows_no_facts(root: Browser, message: Message) -> None:
    Message.objects.filter(pk=message.pk).update(facts={"covering": "a private matter"})
    page = root.get(changing(message)).content.decode()
    assert "a private matter" not in page
    assert str(message.uuid) in page
