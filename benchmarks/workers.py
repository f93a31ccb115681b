"""Several connections that work side by side, and stop together."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from queue import SimpleQueue
from time import monotonic
from typing import Any, Self

import psycopg
from tqdm import tqdm

logger = logging.getLogger(__name__)

# A statement with its parameters, which the client writes into the text: in a SELECT, each has the type it says.
Statement = tuple[str, dict[str, Any]]

# Foreign keys hold by the way the rows are made, and a test looks; checking each would double the time.
_SETTINGS = """
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '768MB';
SET work_mem = '256MB';
SET max_parallel_maintenance_workers = 1;
SET jit = off;
"""


class Workers:
    def __init__(self, url: str, number: int, *, bar: tqdm[Any]) -> None:
        self.url, self.number, self.bar = url, number, bar

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._idle: SimpleQueue[psycopg.Connection] = SimpleQueue()
        self._all = [self._stack.enter_context(connected(self.url)) for _ in range(self.number)]
        for connection in self._all:
            connection.execute(_SETTINGS)
            self._idle.put(connection)
        self._pool = self._stack.enter_context(ThreadPoolExecutor(self.number))
        return self

    def __exit__(self, *why: object) -> None:
        self._stack.close()

    def step(self, name: str, statements: Iterable[Statement]) -> None:
        """Run these side by side, in any order; the next step begins when all are done."""
        began, rows = monotonic(), 0
        self.bar.set_description(name)
        futures = [self._pool.submit(self._run, *statement) for statement in statements]
        self.bar.total = (self.bar.total or 0) + len(futures)
        try:
            for future in _as_done(futures):
                rows += future.result()
                self.bar.update()
        except BaseException:
            self._stop(futures)
            raise
        logger.info("%s: %s rows in %.1f s.", name, f"{rows:,}", monotonic() - began)

    def _stop(self, futures: list[Any]) -> None:
        for future in futures:
            future.cancel()
        for connection in self._all:
            connection.cancel()
        wait(futures)

    def _run(self, text: str, parameters: dict[str, Any]) -> int:
        connection = self._idle.get()
        try:
            cursor = psycopg.ClientCursor(connection)
            cursor.execute(text, parameters or None)
            return max(0, cursor.rowcount) if text.lstrip().startswith("INSERT") else 0
        finally:
            self._idle.put(connection)


def _as_done(futures: list[Any]) -> Iterator[Any]:
    """Each as it is done; of those that failed, the first."""
    left = set(futures)
    while left:
        done, left = wait(left, return_when=FIRST_EXCEPTION, timeout=0.5)
        yield from done


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        yield connection
