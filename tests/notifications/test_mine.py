"""`/notifications/messages/`: what I was told, unread and read."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from notifications.kinds import Kind
from notifications.models import Message
from tests.cast import NOON, Cast, api, restaurant
from tests.notifications.conftest import FACTS
from tests.paging import ids, pages

ALL = "/notifications/messages/"


def tell(kind: Kind, *people: Any, number: int = 1, at: Any = NOON, **more: Any) -> Message:
    Message.objects.tell(kind, people, key=f"note:{number}", at=at, facts=FACTS, **more)
    message: Message = Message.objects.filter(channel="IN_APP", user=people[0]).latest("pk")
    return message


def test_it_lists_what_i_was_told_newest_first(cast: Cast, note: Kind) -> None:
    place = restaurant(cast.asha)
    first = tell(note, cast.asha, cast.bela)
    second = tell(note, cast.asha, number=2, restaurant=place.pk)
    answer = api(cast.asha).get(ALL)
    assert answer.status_code == 200
    shown = {"kind": "note_left", "title": "Maya left a note", "created_at": "2024-12-28T12:00:00Z", "read_at": None}
    assert answer.json() == [
        {"id": second.pk, **shown, "restaurant": place.pk, "version": 1},
        {"id": first.pk, **shown, "restaurant": None, "version": 1},
    ]


@pytest.mark.parametrize("who", ["asha", "maya", "nora", "root"])
def test_it_shows_everybody_their_own(cast: Cast, note: Kind, who: str) -> None:
    mine, other = tell(note, getattr(cast, who)), tell(note, cast.bela)
    caller = api(getattr(cast, who))
    assert ids(caller.get(ALL).json()) == [mine.pk]
    assert caller.get(f"{ALL}{other.pk}/").status_code == 404
    assert caller.post(f"{ALL}{other.pk}/read/").status_code == 404
    other.refresh_from_db()
    assert other.read_at is None


def test_it_shows_the_text_by_my_clock_and_in_my_language(cast: Cast, note: Kind) -> None:
    message = tell(note, cast.asha)
    answer = api(cast.asha).get(f"{ALL}{message.pk}/")
    assert "on 28 December 2024, 12:00 UTC: Call <them> & ask." in answer.json()["text"]
    cast.asha.revise(by=cast.asha, at=NOON, timezone="Asia/Kolkata", language="es")
    anew = api(cast.asha).get(f"{ALL}{message.pk}/", If_None_Match=answer["ETag"])
    assert anew.status_code == 200
    assert anew.json()["text"] == "El 28 de diciembre de 2024, 17:30 IST: Call <them> & ask.\n"
    assert api(cast.asha).get(f"{ALL}{message.pk}/", If_None_Match=anew["ETag"]).status_code == 304


def test_it_shows_a_message_of_a_kind_that_is_gone(cast: Cast, note: Kind) -> None:
    message = tell(note, cast.asha)
    Message.objects.update(kind="of_yesterday")
    answer = api(cast.asha).get(f"{ALL}{message.pk}/")
    assert (answer.status_code, answer.json()["text"], answer.json()["title"]) == (200, "", "Maya left a note")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("read=true", [0]),
        ("read=false", [2, 1]),
        ("kind=note_left", [2, 1, 0]),
        ("kind=other", []),
        ("created_after=2024-12-28T13:00:00Z", [2, 1]),
        ("created_before=2024-12-28T13:00:00Z", [0]),
        ("restaurant=999999", []),
    ],
)
def test_it_filters(cast: Cast, note: Kind, query: str, found: list[int]) -> None:
    made = [tell(note, cast.asha, number=hour, at=NOON + timedelta(hours=hour)) for hour in range(3)]
    made[0].read(at=NOON)
    assert ids(api(cast.asha).get(f"{ALL}?{query}").json()) == [made[number].pk for number in found]


@pytest.mark.parametrize("query", ["read=1", "read=", "kind=", "reed=true", "created_after=today"])
def test_it_names_a_parameter_that_is_wrong(cast: Cast, query: str) -> None:
    answer = api(cast.asha).get(f"{ALL}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [query.partition("=")[0]])


def test_it_walks_the_pages(cast: Cast, note: Kind) -> None:
    made = [tell(note, cast.asha, number=number).pk for number in range(7)]
    found = pages(api(cast.asha), f"{ALL}?page_size=3")
    assert [ids(page) for page in found] == [made[:3:-1], made[3:0:-1], made[:1]]


def test_it_marks_one_read_the_first_time(cast: Cast, note: Kind) -> None:
    message = tell(note, cast.asha)
    for minutes in (0, 1):
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            answer = api(cast.asha).post(f"{ALL}{message.pk}/read/")
        assert answer.status_code == 200
        assert (answer.json()["read_at"], answer.json()["version"]) == ("2024-12-28T12:00:00Z", 2)
        assert "Maya wrote" in answer.json()["text"]
    message.refresh_from_db()
    assert message.read_at == NOON


def test_it_marks_what_was_read_in_its_newest_version(cast: Cast, note: Kind) -> None:
    message = tell(note, cast.asha)
    path, etag = f"{ALL}{message.pk}/", api(cast.asha).get(f"{ALL}{message.pk}/")["ETag"]
    assert api(cast.asha).post(f"{path}read/", If_Match=etag).status_code == 200
    assert api(cast.asha).post(f"{path}read/", If_Match=etag).status_code == 412


def test_it_takes_no_body_to_mark_them_read(cast: Cast, note: Kind) -> None:
    message = tell(note, cast.asha)
    for path in (f"{ALL}{message.pk}/read/", f"{ALL}read_all/"):
        answer = api(cast.asha).post(path, {"read": True})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["read"])
    assert Message.objects.unread().filter(channel="IN_APP").count() == 1


def test_it_counts_what_is_unread_and_marks_all_read(cast: Cast, note: Kind) -> None:
    for number in range(3):
        tell(note, cast.asha, cast.bela, number=number)
    caller = api(cast.asha)
    assert caller.get(f"{ALL}unread_count/").json() == {"unread": 3}
    assert caller.post(f"{ALL}read_all/").json() == {"read": 3}
    assert caller.post(f"{ALL}read_all/").json() == {"read": 0}
    assert caller.get(f"{ALL}unread_count/").json() == {"unread": 0}
    assert api(cast.bela).get(f"{ALL}unread_count/").json() == {"unread": 3}
    assert set(Message.objects.filter(user=cast.asha, channel="EMAIL").values_list("read_at")) == {(None,)}


def test_it_shows_an_index_of_the_module(cast: Cast) -> None:
    root = "http://testserver/notifications/"
    links = {"messages": f"{root}messages/", "preferences": f"{root}preferences/"}
    assert api(cast.nora).get("/notifications/").json() == links
