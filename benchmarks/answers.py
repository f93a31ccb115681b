"""Asks a server, and compares what servers answer."""

from __future__ import annotations

import http.client
import secrets
from collections.abc import Iterable
from itertools import cycle
from typing import Any

import orjson

# By it the log-ins are known that this run made.
USER_AGENT = f"kam-bench {secrets.token_hex(8)}"


# Seconds: the first answer waits until a worker has started, on a machine that may have much else to do.
PATIENCE = 300


class Failed(Exception):
    """A server did not answer with what was asked for."""


class Differs(Exception):
    """Two servers answer otherwise."""


class Caller:
    """One person's connections to one server, used in turn, so that more than one worker is asked."""

    def __init__(self, port: int, token: str | None, *, connections: int = 4) -> None:
        self._all = [http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE) for _ in range(connections)]
        self._next = cycle(self._all)
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": USER_AGENT}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: Any = None) -> bytes:
        """The answer's body. Raises `Failed` where it is no success."""
        connection = next(self._next)
        sent = None if body is None else orjson.dumps(body)
        try:
            connection.request(method, path, sent, self._headers)
            answer = connection.getresponse()
        except ConnectionError:  # it was idle for so long that the server closed it, without reading this
            connection.close()
            connection.request(method, path, sent, self._headers)
            answer = connection.getresponse()
        found = answer.read()
        if not 200 <= answer.status < 300:
            raise Failed(f"{method} {path}: {answer.status} {found[:500].decode(errors='replace')}")
        return found

    def close(self) -> None:
        for connection in self._all:
            connection.close()


def canonical(answer: Any, *, left_out: Iterable[str] = ()) -> bytes:
    """The rows of an answer with sorted keys, as bytes, without the envelope that stock DRF puts around a page."""
    rows = answer["results"] if isinstance(answer, dict) and "results" in answer else answer
    dropped = frozenset(left_out)
    kept = [_without(row, dropped) for row in rows] if isinstance(rows, list) else _without(rows, dropped)
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS)


def check_same(first: str, one: bytes, second: str, other: bytes) -> None:
    if one == other:
        return
    place = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    around = slice(max(0, place - 60), place + 60)
    raise Differs(f"{first}: …{one[around].decode()}…\n{second}: …{other[around].decode()}…")


def _without(row: Any, dropped: frozenset[str]) -> Any:
    return {key: value for key, value in row.items() if key not in dropped} if isinstance(row, dict) else row
