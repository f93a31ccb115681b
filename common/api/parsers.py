"""JSON in: bounded, exact, and nothing that the database could not keep."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser

from common.api.problems import MOST_NAMED, Problem

DEEPEST = 20
TOO_DEEP = "The JSON is nested too deeply."


class StrictJSONParser(BaseParser):
    """Reads numbers with a point as `Decimal`; refuses NaN, deep nesting, NUL, lone surrogates and repeated names."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise Problem(413, "too_large", f"A body holds {limit} bytes at most.")
        objects = Objects()
        try:
            value = json.loads(
                raw.decode(), parse_float=_exact, parse_constant=_refuse_constant, object_pairs_hook=objects.made
            )
        except RecursionError:
            raise ParseError(TOO_DEEP) from None
        except ValueError as wrong:
            raise ParseError(f"This is not JSON: {wrong}") from None
        if raw.count(b"[") + raw.count(b"{") > DEEPEST and _is_deep(value):
            raise ParseError(TOO_DEEP)
        if b"\\u" in raw and (errors := dict(islice(_unstorable(value, ""), MOST_NAMED))):
            raise ValidationError(errors)
        if objects.twice:
            raise ValidationError(dict(islice(objects.named_twice(value, ""), MOST_NAMED)))
        return value


class Objects:
    """The objects of one body. Of a name that is there twice, readers of JSON take the one or the other: not we."""

    def __init__(self) -> None:
        # By the identity of the object, which is kept so that no other has it.
        self.twice: dict[int, tuple[dict[str, Any], list[str]]] = {}

    def made(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            times = Counter(name for name, _ in pairs)
            self.twice[id(made)] = made, [name for name, count in times.items() if count > 1]
        return made

    def named_twice(self, value: Any, path: str) -> Iterator[tuple[str, list[str]]]:
        """Each of them by its path."""
        _, names = self.twice.get(id(value), (value, []))
        yield from ((f"{path}{name}" or "body", ["Send it once."]) for name in names)
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, dict | list):
                yield from self.named_twice(inner, f"{path}{name}.")


def _is_deep(value: Any) -> bool:
    """Whether it is nested so deeply that what walks through it might run out of stack."""
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _parts(outer)]
    return bool(level)


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _exact(number: str) -> Decimal:
    try:
        return Decimal(number)
    except InvalidOperation:
        raise ValueError(f"{number[:40]} is too large or too small a number") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _unstorable(value: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """Each text that holds what no database keeps: a NUL, or half of a surrogate pair."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            yield path or "body", ["Leave out NUL characters and lone surrogates."]
    elif isinstance(value, dict):
        for key, inner in value.items():
            if any(_unstorable(key, "")):
                yield path or "body", ["A key holds a NUL character or a lone surrogate."]
            else:
                yield from _unstorable(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}.{place}")
