"""A kind of message that only the tests have, with its templates, and the rows that are told of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine

from notifications.kinds import KINDS, Kind
from tests.cast import NOON
from tests.smtp import Mailroom, smtp_server, use

TEMPLATES = {
    "note_left.txt": "{% load mail %}{{ author }} left a note\n\nHello {{ person.username }}{{ contact.name }},\n\n"
    "{{ author }} wrote on {{ due_at|moment }}: {{ note }}\n",
    "note_left.html": '{% extends "mail/layout.html" %}{% load mail %}{% block body %}'
    "<p>{{ author }} wrote on {{ due_at|day }} at {{ due_at|clock }}: {{ note }}</p>{% endblock %}",
    "es/note_left.txt": "{% load mail %}{{ author }} dejó una nota\n\nEl {{ due_at|moment }}: {{ note }}\n",
    "es/note_left.html": '{% extends "mail/layout.html" %}{% load mail %}{% block body %}'
    "<p>{{ author }}, {{ due_at|day }}: {{ note }}</p>{% endblock %}",
}
FACTS = {"author": "Maya", "due_at": "2024-12-28T12:00:00Z", "note": "Call <them> & ask."}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon, until the test moves it."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def note(tmp_path: Path, settings: Any) -> Iterator[Kind]:
    for name, text in TEMPLATES.items():
        path = tmp_path / "mail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    yield Kind("note_left", "Somebody left me a note")
    del KINDS["note_left"]


@pytest.fixture
def mailroom(settings: Any) -> Iterator[Mailroom]:
    """A real mail server, and Django sending to it."""
    room = Mailroom()
    with smtp_server(room) as port:
        use(settings, port)
        yield room
