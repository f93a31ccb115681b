"""What somebody who takes over a restaurant has to know: chapters, which each app writes about what it holds.

An app declares its chapters in `chapters.py`; all of them are loaded at the start. A chapter is read for several
restaurants at once, so that a brief costs one statement a chapter, however many restaurants it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from notifications.kinds import NothingToSay

# A message tells of so many restaurants in full; of the others it gives the names.
MOST_BRIEFED = 10


class Entry(TypedDict):
    """One thing to know: when it was or will be, what it is, and what it says; `id` is the key of its row."""

    id: int
    at: datetime | None
    label: str
    text: str


Read = Callable[[Sequence[int]], Mapping[int, Sequence[Entry]]]
Opener = Callable[[Sequence[int], int], Sequence[int]]


@dataclass(frozen=True)
class Chapter:
    """One part of a brief: `read` gives the entries of each of these restaurants that has any."""

    code: str
    title: str
    rank: int
    read: Read


_chapters: dict[str, Chapter] = {}
_openers: list[Opener] = []


def chapter(code: str, title: str, *, rank: int) -> Callable[[Read], Read]:
    """Let this function write a chapter; briefs show the lower rank first."""

    def add(read: Read) -> Read:
        _chapters[code] = Chapter(code, title, rank, read)
        return read

    return add


def opened_by(opener: Opener) -> Opener:
    """Let this function say which of the restaurants a person still sees."""
    _openers[:] = [opener]
    return opener


def chapters() -> list[Chapter]:
    return sorted(_chapters.values(), key=lambda one: one.rank)


def briefs_of(restaurants: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    """The brief of each restaurant, chapter by chapter, empty ones included. One statement or two a chapter."""
    found: dict[int, list[dict[str, Any]]] = {key: [] for key in restaurants}
    for one in chapters():
        entries = one.read(restaurants)
        for key, brief in found.items():
            brief.append({"code": one.code, "title": one.title, "entries": list(entries.get(key, ()))})
    return found


def in_words(facts: dict[str, Any]) -> dict[str, Any]:
    """The words of a message about restaurants that somebody took over: with `briefed`, the briefs of the first ones.

    What the recipient does not see any more, because it was handed on or archived meanwhile, is left out of them;
    where nothing is left of all that is named, there is nothing to say.
    """
    named = {row["id"]: row for row in facts["restaurants"]}
    seen = list(named)
    for opener in _openers:
        seen = list(opener(seen, facts["reader"]))
    if not seen:
        raise NothingToSay
    briefed = briefs_of(seen[:MOST_BRIEFED])
    return {
        **facts,
        "briefed": [{**named[key], "chapters": chapters} for key, chapters in briefed.items()],
        "others": [named[key] for key in seen[MOST_BRIEFED:]],
    }
