"""Calls as an iCalendar (RFC 5545): what calendar programs subscribe to.

Texts go through `icalendar`, which escapes and folds them, so that no name or note can begin a line of its own.
Nothing here reads the clock: the same events are the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

LENGTH = timedelta(minutes=15)
ASK_AGAIN = timedelta(hours=1)  # how often calendar programs should
_NOT_OF_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Entry:
    """A call to be made: at a moment, or at any time of a day."""

    uid: str
    summary: str
    description: str
    location: str
    when: datetime | date
    changed_at: datetime
    changes: int
    is_planned: bool


def calendar(name: str, entries: Iterable[Entry], *, zone: str, about: str) -> bytes:
    """The calendar of this name."""
    from icalendar import Calendar  # noqa: PLC0415 - 2 MB of each worker, which only those that write one need

    found = Calendar()
    found.add("prodid", "-//KAM Lead Management//Calls//EN")
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", _text(name))
    found.add("x-wr-caldesc", about)
    found.add("x-wr-timezone", zone)
    found.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    found.add("x-published-ttl", "PT1H")
    for entry in entries:
        found.add_component(_event(entry))
    written: bytes = found.to_ical()
    return written


def _event(entry: Entry) -> Event:
    from icalendar import Event  # noqa: PLC0415 - likewise

    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at)
    event.add("sequence", entry.changes)
    event.add("dtstart", entry.when)
    if isinstance(entry.when, datetime):
        event.add("dtend", entry.when + LENGTH)
    else:
        event.add("transp", "TRANSPARENT")  # it takes no time of the day
    event.add("status", "CONFIRMED" if entry.is_planned else "TENTATIVE")
    event.add("summary", _text(entry.summary))
    for name in ("description", "location"):
        if text := _text(getattr(entry, name)):
            event.add(name, text)
    return event


def _text(text: str) -> str:
    """The text without the control characters that a calendar must not hold."""
    return _NOT_OF_TEXT.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
