"""Writing the outbox: one row for each person and channel, once, in the transaction of the change."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kams.models import User
from notifications.kinds import Kind
from notifications.models import Message, Preference
from tests.cast import NOON, Cast, contact, person, restaurant
from tests.notifications.conftest import FACTS


def tell(kind: Kind, *people: Any, **more: Any) -> None:
    Message.objects.tell(kind, people, key="note:1", at=NOON, facts=FACTS, **more)


def test_it_tells_each_person_on_each_channel(cast: Cast, note: Kind) -> None:
    place = restaurant(cast.asha)
    tell(note, cast.asha, cast.bela, restaurant=place.pk)
    rows = Message.objects.order_by("user_id", "channel")
    assert [(row.user, row.channel, row.state) for row in rows] == [
        (cast.asha, "EMAIL", "WAITING"),
        (cast.asha, "IN_APP", "SENT"),
        (cast.bela, "EMAIL", "WAITING"),
        (cast.bela, "IN_APP", "SENT"),
    ]
    for row in rows:
        assert (row.kind, row.facts, row.restaurant, row.title) == ("note_left", FACTS, place, "Maya left a note")
        assert (row.created_at, row.due_at, row.sent_at) == (NOON, NOON, NOON if row.channel == "IN_APP" else None)


def test_it_tells_once_for_one_key(cast: Cast, note: Kind) -> None:
    for _ in range(2):
        tell(note, cast.asha, cast.asha)
    assert Message.objects.count() == 2
    Message.objects.tell(note, [cast.asha], key="note:2", at=NOON, facts=FACTS)
    assert Message.objects.count() == 4


@pytest.mark.django_db
def test_it_tells_nobody_who_is_inactive(note: Kind) -> None:
    known = person("gone")
    User.objects.filter(pk=known.pk).update(is_active=False)  # since it was read
    tell(note, known)
    tell(note)
    assert not Message.objects.exists()


def test_it_asks_what_people_want(cast: Cast, note: Kind) -> None:
    Preference.objects.say(cast.asha, {"note_left": {"EMAIL": False}})
    Preference.objects.say(cast.bela, {"note_left": {"IN_APP": False, "EMAIL": True}})
    tell(note, cast.asha, cast.bela, cast.carl)
    rows = Message.objects.order_by("user_id", "channel").values_list("user__username", "channel")
    assert list(rows) == [("asha", "IN_APP"), ("bela", "EMAIL"), ("carl", "EMAIL"), ("carl", "IN_APP")]


def test_it_is_undone_with_the_change(cast: Cast, note: Kind) -> None:
    with transaction.atomic():
        tell(note, cast.asha)
        transaction.set_rollback(True)
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_it_costs_the_same_for_one_and_for_many(note: Kind) -> None:
    costs = []
    for size in (1, 20):
        people = [person() for _ in range(size)]
        with CaptureQueriesContext(connection) as asked:
            tell(note, *people)
        costs.append(len([one for one in asked.captured_queries if "SAVEPOINT" not in one["sql"]]))
    assert costs == [3, 3]


@pytest.mark.parametrize("change", [{"opted_out": True}, {"archived_at": NOON}])
def test_it_tells_no_contact_who_wants_none_or_is_archived(cast: Cast, note: Kind, change: dict[str, Any]) -> None:
    who = contact(restaurant(cast.asha))
    who.revise(by=cast.asha, at=NOON, **change)
    Message.objects.tell_contact(note, who, key="note:1", at=NOON, facts=FACTS)
    assert not Message.objects.exists()


def test_it_tells_a_contact_once(cast: Cast, note: Kind) -> None:
    who = contact(restaurant(cast.asha))
    for _ in range(2):
        Message.objects.tell_contact(note, who, key="note:1", at=NOON, facts=FACTS, restaurant=who.restaurant_id)
    row = Message.objects.get()
    assert (row.contact, row.user, row.address, row.channel) == (who, None, "", "EMAIL")
    assert (row.mailbox, row.restaurant) == (who.email, who.restaurant)


@pytest.mark.django_db
def test_it_tells_an_address_once(note: Kind) -> None:
    address = f"{'long' * 15}@{'a.' * 90}example"
    for _ in range(2):
        Message.objects.tell_address(note, address, key="note:1", at=NOON, facts=FACTS)
    row = Message.objects.get()
    assert (row.mailbox, row.user, row.contact, row.title) == (address, None, None, "Maya left a note")


@pytest.mark.parametrize("also", ["nobody", "contact", "address"])
def test_it_has_exactly_one_recipient(cast: Cast, note: Kind, also: str) -> None:
    tell(note, cast.asha)
    all_changes: dict[str, dict[str, Any]] = {
        "nobody": {"user": None},
        "contact": {"contact": contact(restaurant(cast.asha))},
        "address": {"address": "a@b.example"},
    }
    with pytest.raises(IntegrityError, match="message_has_one_recipient"), transaction.atomic():
        Message.objects.update(**all_changes[also])
