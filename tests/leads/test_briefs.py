"""The brief that a new KAM receives: in the mail, and at `GET /lead/restaurants/{id}/brief/`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import User
from leads import briefs
from leads.models import Restaurant
from notifications.kinds import NothingToSay
from notifications.models import Message
from notifications.words import Words, words_of
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)


def brief(row: Restaurant, *, by: User) -> dict[str, list[dict[str, Any]]]:
    answer = api(by).get(f"/lead/restaurants/{row.pk}/brief/")
    assert (answer.status_code, answer.json()["restaurant"]) == (200, row.pk)
    return {chapter["code"]: chapter["entries"] for chapter in answer.json()["chapters"]}


def hand_over(*rows: Restaurant, to: User, by: User) -> Message:
    """The mail to the new KAM."""
    assert (
        api(by).post("/lead/restaurants/allocate/", {"to": to.pk, "ids": [row.pk for row in rows]}).status_code == 200
    )
    message: Message = Message.objects.get(user=to, kind="restaurant_allocated", channel="EMAIL")
    return message


def full(cast: Cast, **fields: Any) -> Restaurant:
    """A restaurant with something in each chapter."""
    row = restaurant(cast.asha, lead_status="CONVERTED", notes="Ring twice.", **fields)
    chef = contact(row, name="Chef", role="Chef", phone="+91 20 1234", email="chef@spice.example", opted_out=True)
    john = contact(row, name="John", role="Owner", email="john@spice.example", is_primary=True)
    for number in range(1, 8):
        interaction(john, details=f"Talk {number}", date=NOON - (10 - number) * DAY)
    order = {"product_details": "Rice", "quantity": 3, "total_price": 30}
    interaction(chef, interaction_type="ORDER", details="Ordered.", date=NOON - 2 * DAY, order=order)
    interaction(john, details="A bare order.", order_placed=True, date=NOON - DAY)
    interaction(john, details="Ask about rice.", status="PLANNED", date=NOON + DAY)
    interaction(john, details="Nobody there.", status="MISSED", date=NOON - 3 * DAY)
    interaction(john, details="Called off.", status="CANCELLED", date=NOON + DAY)
    interaction(john, interaction_type="VISIT", details="Bring samples.", status="PLANNED", date=NOON + 2 * DAY)
    interaction(john, details="A slip.").archive(by=cast.asha, at=NOON)
    contact(row, name="Former").archive(by=cast.asha, at=NOON)
    call_plan(row, frequency="WEEKLY", next_call_date=NOON + DAY, notes="Mornings only.")
    return row


def test_it_tells_what_a_new_kam_has_to_know(cast: Cast) -> None:
    row = full(cast)
    told = brief(row, by=cast.maya)
    shown = {code: [(entry["label"], entry["text"]) for entry in entries] for code, entries in told.items()}
    assert shown == {
        "status": [
            ("Status", "Converted"),
            ("Potential revenue", "5000.00"),
            ("Address", "123 Food Street, New York, New York, 10001"),
            ("Notes", "Ring twice."),
        ],
        "contacts": [
            ("John, Owner", "john@spice.example"),
            ("Chef, Chef", "+91 20 1234, chef@spice.example (wants no messages from us)"),
        ],
        "calls": [("Planned call", "Ask about rice."), ("Missed call", "Nobody there.")],
        "promises": [("Planned visit", "Bring samples.")],
        "call_plan": [("Due", "Weekly"), ("Notes", "Mornings only.")],
        "interactions": [
            ("Call with John", "A bare order."),
            ("Order with Chef", "Ordered."),
            ("Call with John", "Talk 7"),
            ("Call with John", "Talk 6"),
            ("Call with John", "Talk 5"),
        ],
        "orders": [("Order", "A bare order."), ("Order", "3 × Rice, 30.00")],
    }
    assert [entry["at"] for entry in told["calls"]] == ["2024-12-29T12:00:00Z", "2024-12-25T12:00:00Z"]
    assert told["status"][0]["at"] == "2024-12-28T12:00:00Z"


def test_it_shows_empty_chapters_too(cast: Cast) -> None:
    told = brief(restaurant(cast.asha, potential_revenue=None, notes=""), by=cast.asha)
    assert {code: len(entries) for code, entries in told.items()} == {
        "status": 2,
        "contacts": 0,
        "calls": 0,
        "promises": 0,
        "call_plan": 0,
        "interactions": 0,
        "orders": 0,
    }


def test_it_says_since_when_and_when_it_was_last_called(cast: Cast) -> None:
    row = restaurant(cast.asha)
    row.change_status("LOST", by=cast.asha, at=NOON + DAY)
    assert brief(row, by=cast.asha)["status"][0]["at"] == "2024-12-29T12:00:00Z"
    other = call_plan(restaurant(cast.asha))
    assert api(cast.asha).post(f"/call/{other.pk}/record_call/").status_code == 200
    assert ("Last called", "2024-12-28T12:00:00Z") in [
        (entry["label"], entry["at"]) for entry in brief(other.lead, by=cast.asha)["call_plan"]
    ]


def test_it_is_shown_to_who_sees_the_restaurant_and_to_nobody_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/brief/"
    seen = {name: api(user).get(path).status_code for name, user in cast.everybody().items()}
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert api(cast.asha).get(f"{path}?page=1").status_code == 400


# --- the mail -----------------------------------------------------------------------------------------
def test_it_comes_with_the_mail_by_the_readers_clock(cast: Cast) -> None:
    cast.bela.timezone = "Asia/Kolkata"
    cast.bela.save()
    words = words_of(hand_over(full(cast, name="Spice Garden", city="Pune"), to=cast.bela, by=cast.maya))
    assert words.title == "Spice Garden is yours from now on"
    assert "maya allocated Spice Garden, Pune, to you on 28 December 2024, 17:30 IST." in words.text
    for part in (
        "== Spice Garden, Pune ==\n\nWhere it stands\n- Status, 28 December 2024, 17:30 IST: Converted\n",
        "- John, Owner: john@spice.example\n",
        "Open and missed calls\n- Planned call, 29 December 2024, 17:30 IST: Ask about rice.\n",
        "What was promised\n- Planned visit, 30 December 2024, 17:30 IST: Bring samples.\n",
        "- Order, 26 December 2024, 17:30 IST: 3 × Rice, 30.00\n",
    ):
        assert part in words.text
    assert "<li>Planned call, 29 December 2024, 17:30 IST: Ask about rice.</li>" in words.html
    assert "Talk 4" not in words.text


def test_it_escapes_what_people_typed(cast: Cast) -> None:
    row = restaurant(cast.asha, name="<b>Bold</b>", notes="<script>x</script>")
    words = words_of(hand_over(row, to=cast.bela, by=cast.maya))
    assert "<script>" not in words.html
    assert "<b>Bold" not in words.html
    assert "<script>x</script>" in words.text


def chapters_in(words: Words) -> int:
    return words.text.count("\n== ")


def test_it_briefs_on_the_first_ten_and_names_the_others(cast: Cast) -> None:
    rows = [restaurant(cast.asha, name=f"Place {number:02}") for number in range(53)]
    words = words_of(hand_over(*rows, to=cast.bela, by=cast.maya))
    assert words.title == "53 restaurants are yours from now on"
    assert chapters_in(words) == 10
    assert "- Place 10, New York\n" in words.text
    assert "- Place 49, New York\n- and 3 more" in words.text
    assert "Place 50" not in words.text


def test_it_shows_nothing_that_was_handed_on_or_archived_before_it_was_sent(cast: Cast) -> None:
    kept, gone, archived = (restaurant(cast.asha, notes=f"About {name}") for name in ("kept", "gone", "archived"))
    message = hand_over(kept, gone, archived, to=cast.bela, by=cast.maya)
    archived.archive(by=cast.maya, at=NOON)
    Restaurant.objects.get(pk=gone.pk).allocate(to=cast.carl, by=cast.root, at=NOON)
    words = words_of(message)
    assert "About kept" in words.text
    assert "About gone" not in words.text
    assert "About archived" not in words.text


def test_it_says_nothing_where_nothing_is_left(cast: Cast) -> None:
    row = restaurant(cast.asha)
    message = hand_over(row, to=cast.bela, by=cast.maya)
    Restaurant.objects.get(pk=row.pk).allocate(to=cast.carl, by=cast.root, at=NOON)
    with pytest.raises(NothingToSay):
        words_of(message)


def test_it_costs_the_same_for_one_restaurant_and_for_ten(cast: Cast) -> None:
    costs = []
    for size in (1, 10):
        keys = [full(cast).pk for _ in range(size)]
        with CaptureQueriesContext(connection) as captured:
            found = briefs.briefs_of(keys)
        assert all(len(chapters[4]["entries"]) == 2 for chapters in found.values())
        costs.append(len(captured))
    assert costs == [len(briefs.chapters())] * 2
