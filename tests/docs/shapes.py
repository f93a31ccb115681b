"""Compares an answer with the one that a page shows.

In what is shown, `"…": "…"` stands for further keys, a last `"…"` in a list for further items, and `…` within a
text for any characters. Numbers are as good as each other, and so is null beside any value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

MORE = "…"
_NUMBER = re.compile(r"\d+")


def differences(shown: Any, answered: Any, *, place: str = "the answer", words: bool = False) -> Iterator[str]:
    """Sentences on what differs in shape, and with `words` in the texts as well."""
    if shown is None or answered is None:
        return
    if _kind(shown) != _kind(answered):
        yield f"{place} is {answered!r}, of another kind than {shown!r}."
    elif isinstance(shown, dict):
        yield from _keys(shown, answered, place=place)
        for key in shown.keys() & answered.keys():
            yield from differences(shown[key], answered[key], place=f"{place}.{key}", words=words)
    elif isinstance(shown, list):
        yield from _items(shown, answered, place=place, words=words)
    elif words and isinstance(shown, str) and not matches(shown, answered):
        yield f"{place} says {answered!r} rather than {shown!r}."


def _keys(shown: dict[str, Any], answered: dict[str, Any], *, place: str) -> Iterator[str]:
    for key in sorted(shown.keys() - answered.keys() - {MORE}):
        yield f"{place} has no {key}."
    if MORE not in shown:
        for key in sorted(answered.keys() - shown.keys()):
            yield f"{place} has {key}, which is not shown."


def _items(shown: list[Any], answered: list[Any], *, place: str, words: bool) -> Iterator[str]:
    wanted = [item for item in shown if item != MORE]
    if len(answered) < len(wanted) or (len(answered) > len(wanted) and wanted == shown):
        yield f"{place} has {len(answered)} items rather than {len(wanted)}."
    for number, (one, other) in enumerate(zip(wanted, answered, strict=False)):
        yield from differences(one, other, place=f"{place}[{number}]", words=words)


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def matches(shown: str, answered: str) -> bool:
    """Whether they say the same, whatever the numbers."""
    pattern = "".join(
        ".+" if part == MORE else r"\d+" if _NUMBER.fullmatch(part) else re.escape(part)
        for part in re.split(rf"({MORE}|\d+)", shown)
    )
    return re.fullmatch(pattern, answered) is not None


def http_differences(shown: str, answered: str) -> Iterator[str]:
    """As `differences`, for an answer with its status and headers, of which a few are shown."""
    (status, headers, body), (status_answered, headers_answered, body_answered) = _parsed(shown), _parsed(answered)
    if status != status_answered:
        yield f"The status is {status_answered} rather than {status}."
    for name, value in headers.items():
        if not matches(value, headers_answered.get(name, "")):
            yield f"The header {name} is {headers_answered.get(name)!r} rather than {value!r}."
    if body != MORE:
        yield from differences(_json(body), _json(body_answered), words=True)


def _json(body: str) -> Any:
    return json.loads(body) if body else ""


def _parsed(message: str) -> tuple[str, dict[str, str], str]:
    head, _, body = message.replace("\r\n", "\n").partition("\n\n")
    status, *lines = head.splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return status, {name.lower(): value for name, value in headers.items()}, body.strip()
