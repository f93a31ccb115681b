"""How a message reads: by the clock and in the language of its recipient."""

from typing import Any

import pytest

from notifications.kinds import Kind
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, contact, person, restaurant
from tests.notifications.conftest import FACTS


def told(kind: Kind, **fields: Any) -> Message:
    Message.objects.tell(kind, [person("reader", **fields)], key="note:1", at=NOON, facts=FACTS)
    message: Message = Message.objects.get(channel="EMAIL")
    return message


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("UTC", "28 December 2024, 12:00 UTC"),
        ("Asia/Kolkata", "28 December 2024, 17:30 IST"),
        ("America/New_York", "28 December 2024, 07:00 EST"),
        ("Pacific/Auckland", "29 December 2024, 01:00 NZDT"),
    ],
)
@pytest.mark.django_db
def test_it_shows_moments_by_the_reader_s_clock(note: Kind, zone: str, moment: str) -> None:
    words = words_of(told(note, timezone=zone))
    assert f"Maya wrote on {moment}: Call" in words.text
    day, time, _ = moment.replace(",", "").rsplit(" ", 2)
    assert f"<p>Maya wrote on {day} at {time}: Call &lt;them&gt; &amp; ask.</p>" in words.html


@pytest.mark.django_db
def test_it_is_plain_in_the_text_and_escaped_in_the_html(note: Kind) -> None:
    words = words_of(told(note))
    assert words.title == "Maya left a note"
    assert words.text == ("Hello reader,\n\nMaya wrote on 28 December 2024, 12:00 UTC: Call <them> & ask.\n")
    assert "Call &lt;them&gt; &amp; ask." in words.html
    assert "<title>Maya left a note</title>" in words.html
    assert 'lang="en"' in words.html


@pytest.mark.django_db
def test_it_speaks_the_language_of_the_reader(note: Kind) -> None:
    message = told(note, language="es", timezone="Europe/Madrid")
    assert message.title == "Maya dejó una nota"
    words = words_of(message)
    assert words.title == "Maya dejó una nota"
    assert words.text == "El 28 de diciembre de 2024, 13:00 CET: Call <them> & ask.\n"
    assert "28 de diciembre de 2024" in words.html
    assert 'lang="es"' in words.html


@pytest.mark.django_db
def test_it_is_in_english_where_the_language_has_no_words_for_it(note: Kind) -> None:
    message = told(note, language="hi")
    assert message.title == "Maya left a note"
    words = words_of(message)
    assert "28 December 2024, 12:00 UTC" in words.text
    assert 'lang="en"' in words.html


def test_it_tells_a_contact_how_to_hear_no_more(cast: Cast, note: Kind, settings: Any) -> None:
    settings.API_URL = "https://kam.example.com/"
    place = restaurant(cast.asha, timezone="Asia/Kolkata")
    Message.objects.tell_contact(note, contact(place, name="Jane"), key="note:1", at=NOON, facts=FACTS)
    words = words_of(Message.objects.get())
    assert "Hello Jane,\n\nMaya wrote on 28 December 2024, 17:30 IST" in words.text
    assert "Unsubscribe: https://kam.example.com/notifications/unsubscribe/" in words.text
    assert 'href="https://kam.example.com/notifications/unsubscribe/' in words.html


@pytest.mark.django_db
def test_it_has_a_title_of_one_line(note: Kind) -> None:
    facts = {**FACTS, "author": "Maya\r\nBcc: all@kams.example" + "x" * 300}
    Message.objects.tell(note, [person("reader")], key="note:1", at=NOON, facts=facts)
    message = Message.objects.get(channel="EMAIL")
    for title in (message.title, words_of(message).title):
        assert title.startswith("Maya Bcc: all@kams.example")
        assert len(title) == 200
        assert "\n" not in title
