"""What a contact is told when an interaction with them is recorded or changed, and when nothing."""

from datetime import timedelta
from typing import Any

import pytest

from contact.models import Contact
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from notifications.models import Message
from notifications.tasks import deliver
from notifications.words import words_of
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def place(cast: Cast) -> Restaurant:
    """A restaurant whose contacts are told."""
    return restaurant(cast.asha, name="Saffron Court", timezone="Asia/Kolkata", notify_contacts=True)


@pytest.fixture
def jane(place: Restaurant) -> Contact:
    return contact(place, name="Jane Doe", email="jane@example.com")


def record(who: Contact, cast: Cast, **more: Any) -> Any:
    body = {"lead": who.restaurant_id, "contact": who.pk, "interaction_type": "CALL", "details": "She wants 5 % off."}
    return api(cast.asha).post("/track/interactions/", {**body, **more})


def notices() -> list[Message]:
    return list(Message.objects.filter(kind="interaction_notice").order_by("id"))


def test_it_tells_the_contact_when_and_what_and_with_whom(cast: Cast, jane: Contact) -> None:
    cast.asha.revise(by=cast.root, at=NOON, first_name="Asha", last_name="Rao")
    assert record(jane, cast, date="2024-12-28T10:00:00Z").status_code == 201
    (notice,) = notices()
    assert (notice.contact, notice.channel, notice.user) == (jane, "EMAIL", None)
    words = words_of(notice)
    assert words.title == "Call with Saffron Court"
    assert words.text.startswith(
        "Hello Jane Doe,\n\nAsha Rao recorded this with Saffron Court:\n\nCall, 28 December 2024, 15:30 IST (done)\n"
    )
    assert "<strong>Call</strong>, 28 December 2024, 15:30 IST (done)" in words.html


def test_it_never_tells_what_was_noted(cast: Cast, jane: Contact) -> None:
    jane.restaurant.revise(by=cast.asha, at=NOON, notes="Difficult people.")
    record(jane, cast, outcome="Angry")
    (notice,) = notices()
    words = words_of(notice)
    for secret in ("5 % off", "Angry", "Difficult"):
        assert secret not in f"{notice.facts} {words.title} {words.text} {words.html}"


def test_it_names_the_account_where_a_person_has_no_name(cast: Cast, jane: Contact) -> None:
    record(jane, cast)
    assert "asha recorded this" in words_of(notices()[0]).text


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"date": "2024-12-27T10:00:00Z"}, "Call, 27 December 2024, 15:30 IST (done)"),
        ({"status": "CANCELLED"}, "Call, 28 December 2024, 17:30 IST (cancelled)"),
        ({"details": "She takes it."}, "Call, 28 December 2024, 17:30 IST (done)"),
    ],
)
def test_it_tells_of_a_change(cast: Cast, jane: Contact, change: dict[str, str], line: str) -> None:
    key = interaction(jane).pk
    assert api(cast.asha).patch(f"/track/interactions/{key}/", change).status_code == 200
    first, second = notices()
    words = words_of(second)
    assert (words_of(first).title, words.title) == ("Call with Saffron Court", "Call with Saffron Court: a change")
    assert f"changed this with Saffron Court:\n\n{line}\n" in words.text


def test_it_tells_each_change_once(cast: Cast, jane: Contact) -> None:
    path = f"/track/interactions/{interaction(jane).pk}/"
    for details in ("One.", "One.", "Two."):
        api(cast.asha).patch(path, {"details": details})
    assert len(notices()) == 3
    sent = {"lead": jane.restaurant_id, "contact": jane.pk, "interaction_type": "CALL", "details": "Followed up."}
    for _ in range(2):
        api(cast.asha).post("/track/interactions/", sent, Idempotency_Key="once")
    assert len(notices()) == 4


def test_it_tells_whom_it_was_with_after_all(cast: Cast, jane: Contact) -> None:
    key, john = interaction(jane).pk, contact(jane.restaurant)
    api(cast.asha).patch(f"/track/interactions/{key}/", {"contact": john.pk})
    assert [notice.contact for notice in notices()] == [jane, john]


@pytest.mark.parametrize("change", [{"outcome": "Wants an offer"}, {"duration_seconds": 540}, {"participants": []}])
def test_it_does_not_tell_of_what_is_our_own(cast: Cast, jane: Contact, change: dict[str, Any]) -> None:
    key = interaction(jane, participants=[jane]).pk
    assert api(cast.asha).patch(f"/track/interactions/{key}/", change).status_code == 200
    assert len(notices()) == 1


def test_it_tells_of_a_meeting_to_come(cast: Cast, jane: Contact) -> None:
    record(jane, cast, interaction_type="MEETING", status="PLANNED", date="2025-01-03T09:30:00Z")
    assert "Meeting, 3 January 2025, 15:00 IST (planned)" in words_of(notices()[0]).text


# --- nothing ------------------------------------------------------------------------------------------
def test_it_tells_nobody_unless_the_restaurant_wants_it(cast: Cast) -> None:
    row = restaurant(cast.asha)
    assert api(cast.asha).get(f"/lead/restaurants/{row.pk}/").json()["notify_contacts"] is False
    record(contact(row), cast)
    assert notices() == []
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"notify_contacts": True})
    assert answer.json()["notify_contacts"] is True
    record(contact(row), cast)
    assert len(notices()) == 1


def test_it_tells_nobody_of_a_note(cast: Cast, jane: Contact) -> None:
    key = record(jane, cast, interaction_type="NOTE").json()["id"]
    api(cast.asha).patch(f"/track/interactions/{key}/", {"details": "Again."})
    assert notices() == []


def test_it_tells_nobody_who_opted_out_or_was_put_away(cast: Cast, jane: Contact) -> None:
    silent, gone = contact(jane.restaurant, opted_out=True), contact(jane.restaurant)
    with_gone = interaction(gone)
    Message.objects.all().delete()
    gone.archive(by=cast.asha, at=NOON)
    assert record(silent, cast).status_code == 201
    assert api(cast.asha).patch(f"/track/interactions/{with_gone.pk}/", {"details": "Anew."}).status_code == 200
    assert notices() == []


@pytest.mark.parametrize("verb", ["opted_out", "archived", "restaurant"])
def test_it_sends_nothing_to_who_wants_none_by_then(cast: Cast, jane: Contact, verb: str, mailoutbox: Any) -> None:
    record(jane, cast)
    if verb == "opted_out":
        jane.revise(by=cast.asha, at=NOON, opted_out=True)
    elif verb == "archived":
        jane.archive(by=cast.asha, at=NOON)
    else:
        jane.restaurant.archive(by=cast.asha, at=NOON)
    deliver(NOON + timedelta(minutes=1))
    assert (mailoutbox, notices()[0].state) == ([], "DROPPED")


def test_it_tells_nobody_of_a_call_that_a_plan_keeps(cast: Cast, place: Restaurant) -> None:
    plan = call_plan(place)
    assert api(cast.asha).post(f"/call/{plan.pk}/record_call/").status_code == 200
    planned = Interaction.objects.add(
        lead=place, interaction_type="CALL", status="PLANNED", details="Due.", call_plan=plan, by=None, at=NOON
    )
    planned.revise(by=person(), at=NOON, status="MISSED")
    assert notices() == []


def test_it_tells_nobody_that_an_interaction_was_deleted(cast: Cast, jane: Contact) -> None:
    key = interaction(jane).pk
    assert api(cast.asha).delete(f"/track/interactions/{key}/").status_code == 200
    assert len(notices()) == 1
