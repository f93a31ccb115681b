"""Copies of the database that answer what is only read, so that the primary has time for what is written.

`reading()` says that what is read in it may come from a replica, and for whom; the router asks. What is read in a
transaction, what is written, and whatever else is read come from the primary. Without a replica nothing of this runs.

Who has written sees it: they read from the primary for `REPLICA_LAG_SECONDS`. A replica that is further behind than
half of that, or away, is not read from; each process looks at each of them every two seconds.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds
TOO_LONG = "57014"  # what PostgreSQL calls its statement timeout: the primary would not be faster

_from: ContextVar[str] = ContextVar("reading from", default=DEFAULT_DB_ALIAS)
_turn = count()

Answer = TypeVar("Answer")


class Router:
    """Where Django's sets read and write."""

    def db_for_read(self, _model: Any, **_hints: Any) -> str:
        chosen = _from.get()
        # What a transaction reads is what it has locked, or written itself.
        return DEFAULT_DB_ALIAS if connections[DEFAULT_DB_ALIAS].in_atomic_block else chosen

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        return DEFAULT_DB_ALIAS

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        return True  # the same rows, wherever they were read

    def allow_migrate(self, db: str, _app: str, **_hints: Any) -> bool:
        return db == DEFAULT_DB_ALIAS


@dataclass
class Replica:
    """What this process knows of one."""

    alias: str
    looked_at: float = float("-inf")  # by the monotonic clock
    is_away: bool = False
    lag: float | None = None  # seconds; None where the database does not say
    # Where the primary's log was, and when, newest first: the replica is as old as the newest that it has reached.
    marks: deque[tuple[float, str]] = field(default_factory=lambda: deque(maxlen=64))

    @property
    def is_good(self) -> bool:
        return not self.is_away and (self.lag is None or self.lag <= settings.REPLICA_LAG_SECONDS / 2)

    def look(self, *, at: float) -> None:
        if at - self.looked_at < LOOK_EVERY:
            return
        before, self.looked_at = self.is_good, at
        try:
            self.lag = self._lag(at)
            self.is_away = False
        except DatabaseError:
            self.is_away = True
        if before != self.is_good:
            logger.warning("The replica %s is %s.", self.alias, "back" if self.is_good else "away or far behind")

    def _lag(self, at: float) -> float | None:
        """For how long it has not reached what the primary had written by then. PostgreSQL's standbys say it."""
        with connections[self.alias].cursor() as cursor:
            if connections[self.alias].vendor != "postgresql":
                cursor.execute("SELECT 1")
                return None
            cursor.execute("SELECT pg_last_wal_replay_lsn()::text WHERE pg_is_in_recovery()")
            reached = cursor.fetchone()
            if reached is None:
                return None  # a copy of another kind
            with connections[DEFAULT_DB_ALIAS].cursor() as primary:
                primary.execute("SELECT pg_current_wal_lsn()::text")
                self.marks.appendleft((at, str((primary.fetchone() or ("",))[0])))
        return behind(self.marks, reached=str(reached[0]), at=at)


def behind(marks: Sequence[tuple[float, str]], *, reached: str, at: float) -> float:
    """How old a replica is that has come so far, by the marks of the primary, each with its moment, newest first."""
    passed = (then for then, mark in marks if _place(mark) <= _place(reached))
    return at - next(passed, float("-inf"))


def _place(mark: str) -> int:
    """A place in the log of PostgreSQL, such as 16/B374D848, as a number."""
    high, _, low = mark.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


_known: dict[str, Replica] = {}


def replicas() -> list[Replica]:
    """Those there are, each as it was at the last look."""
    for alias in connections:
        if alias != DEFAULT_DB_ALIAS and alias not in _known:
            _known[alias] = Replica(alias)
    return list(_known.values())


@contextmanager
def reading(person: Any) -> Iterator[str]:
    """Let what this person reads in here come from a replica, if there is a good one; tells which."""
    now = monotonic()
    good = []
    for replica in replicas():
        replica.look(at=now)
        if replica.is_good:
            good.append(replica.alias)
    chosen = good[next(_turn) % len(good)] if good and not _has_just_written(person) else DEFAULT_DB_ALIAS
    before = _from.set(chosen)
    try:
        yield chosen
    finally:
        _from.reset(before)


def read(person: Any, work: Callable[[], Answer]) -> Answer:
    """The work, reading from a replica; anew from the primary if the replica breaks off."""
    with reading(person) as alias:
        if alias == DEFAULT_DB_ALIAS:
            return work()
        try:
            return work()
        except DatabaseError as broken:
            if getattr(broken.__cause__, "sqlstate", None) == TOO_LONG:
                raise
            logger.warning("The replica %s broke off: %s", alias, type(broken).__name__)
            _known[alias].is_away = True
    return work()


def wrote(person: Any) -> None:
    """Let this person read from the primary for a while, where there is another."""
    if person is None or not settings.DATABASE_ROUTERS:
        return
    try:
        cache.set(_name(person), 1, settings.REPLICA_LAG_SECONDS)
    except Exception as away:  # noqa: BLE001 - each cache has errors of its own
        logger.error("The cache is away, and cannot say who has written: %s", away)  # noqa: TRY400 - no crash of ours


def _has_just_written(person: Any) -> bool:
    """Without the cache nobody knows, so that everybody reads from the primary."""
    try:
        return cache.get(_name(person)) is not None
    except Exception:  # noqa: BLE001 - each cache has errors of its own
        return True


def _name(person: Any) -> str:
    return f"wrote:{person.pk}"
