"""Hours of the week by the wall clock: what is written down, and what can be reckoned with.

Written: `{"mon": [["11:00", "15:00"], ["18:00", "01:00"]], "tue": []}`. An end that is not later than its start is on
the next day, so `["00:00", "00:00"]` is all day. A day that is not named has no hours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# Minutes of one day, from and before.
Span = tuple[int, int]
# Seven days, Monday first; the spans of each in order, apart from each other.
Week = tuple[tuple[Span, ...], ...]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALL_DAY = 24 * 60
MOST_SPANS = 6
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_CLOCK = re.compile(CLOCK.replace("$", r"\Z"))
ALWAYS: Week = (((0, ALL_DAY),),) * 7
NEVER: Week = ((),) * 7


def week(hours: Any) -> Week:
    """The week that was written; a ValueError says which day is wrong, and how it is written."""
    if not isinstance(hours, Mapping):
        raise ValueError('Hours are days with spans, such as {"mon": [["11:00", "23:00"]]}.')  # noqa: TRY004 - a value, sent by people
    days: list[list[Span]] = [[] for _ in DAYS]
    for day, spans in hours.items():
        if day not in DAYS:
            raise ValueError(f"{str(day)[:20]!r} is no day; use {', '.join(DAYS)}.")
        if not isinstance(spans, list) or len(spans) > MOST_SPANS:
            raise ValueError(f'{day}: send a list of {MOST_SPANS} spans at most, such as [["11:00", "23:00"]].')
        for span in spans:
            _lay(days, DAYS.index(day), *_bounds(day, span))
    return tuple(map(joined, days))


def _bounds(day: str, span: Any) -> Span:
    if not isinstance(span, list) or len(span) != 2 or not all(map(_is_clock, span)):  # noqa: PLR2004 - from, until
        raise ValueError(f'{day}: a span is two times such as ["11:00", "23:00"].')
    return _minutes(span[0]), _minutes(span[1])


def _lay(days: list[list[Span]], index: int, start: int, end: int) -> None:
    """Put a span on its day; what passes midnight, on two."""
    if start < end:
        days[index].append((start, end))
        return
    days[index].append((start, ALL_DAY))
    if end:
        days[(index + 1) % len(DAYS)].append((0, end))


def joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same minutes in order, with what overlaps or touches made one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def outside(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The minutes of a day that are in none of these joined spans."""
    edges = [0, *(edge for span in spans for edge in span), ALL_DAY]
    return tuple((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _is_clock(text: Any) -> bool:
    return isinstance(text, str) and _CLOCK.match(text) is not None


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
