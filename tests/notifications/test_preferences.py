"""`/notifications/preferences/`: which kinds of messages come to me, and by which way."""

from itertools import product
from typing import Any

import pytest

from notifications.choices import Channel
from notifications.kinds import KINDS, Kind
from notifications.models import Message, Preference
from tests.cast import NOON, Cast, api
from tests.notifications.conftest import FACTS

PATH = "/notifications/preferences/"

pytestmark = pytest.mark.usefixtures("note")


def of_note(answer: Any) -> dict[str, tuple[bool, bool]]:
    rows = [row for row in answer.json() if row["kind"] == "note_left"]
    assert {row["label"] for row in rows} == {"Somebody left me a note"}
    return {row["channel"]: (row["default"], row["enabled"]) for row in rows}


def test_it_shows_every_kind_that_can_be_switched_on_each_channel(cast: Cast) -> None:
    answer = api(cast.nora).get(PATH)
    assert answer.status_code == 200
    kinds = sorted(code for code, kind in KINDS.items() if kind.optional)
    assert [(row["kind"], row["channel"]) for row in answer.json()] == list(product(kinds, Channel.values))
    assert "password_reset" not in kinds
    assert of_note(answer) == {"IN_APP": (True, True), "EMAIL": (True, True)}


def test_it_switches_a_kind_off_and_on_again(cast: Cast, note: Kind) -> None:
    caller = api(cast.nora)
    for enabled in (False, True, False):
        answer = caller.patch(PATH, {"note_left": {"EMAIL": enabled}})
        assert answer.status_code == 200
        assert of_note(answer) == of_note(caller.get(PATH)) == {"IN_APP": (True, True), "EMAIL": (True, enabled)}
    assert Preference.objects.count() == 1
    assert of_note(api(cast.asha).get(PATH))["EMAIL"] == (True, True)
    Message.objects.tell(note, [cast.nora, cast.asha], key="note:1", at=NOON, facts=FACTS)
    assert not Message.objects.filter(user=cast.nora, channel="EMAIL").exists()
    assert Message.objects.count() == 3


def test_it_switches_on_what_does_not_come_by_itself(cast: Cast) -> None:
    del KINDS["note_left"]
    quiet = Kind("note_left", "Somebody left me a note", channels=())
    caller = api(cast.asha)
    assert of_note(caller.get(PATH)) == {"IN_APP": (False, False), "EMAIL": (False, False)}
    assert of_note(caller.patch(PATH, {"note_left": {"IN_APP": True}}))["IN_APP"] == (False, True)
    Message.objects.tell(quiet, [cast.asha, cast.bela], key="note:1", at=NOON, facts=FACTS)
    assert Message.objects.get().user == cast.asha


@pytest.mark.parametrize("body", [{}, {"note_left": {}}])
def test_it_leaves_what_is_not_named(cast: Cast, body: Any) -> None:
    assert api(cast.asha).patch(PATH, body).status_code == 200
    assert not Preference.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"note": {"EMAIL": False}}, "note"),
        ({"password_reset": {"EMAIL": False}}, "password_reset"),
        ({"note_left": {"SMS": False}}, "note_left.SMS"),
        ({"note_left": {"EMAIL": "no"}}, "note_left.EMAIL"),
        ({"note_left": {"EMAIL": 0}}, "note_left.EMAIL"),
        ({"note_left": {"EMAIL": None}}, "note_left.EMAIL"),
        ({"note_left": None}, "note_left"),
        ({"note_left": False}, "note_left"),
        ([], "body"),
    ],
)
def test_it_names_what_is_wrong_and_changes_nothing(cast: Cast, body: Any, field: str) -> None:
    answer = api(cast.asha).patch(PATH, body)
    assert answer.status_code == 400
    assert [name for name in answer.json()["errors"] if name.startswith(field)], answer.json()
    assert not Preference.objects.exists()
