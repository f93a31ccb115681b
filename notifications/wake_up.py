"""A hint that there is something to deliver: it saves the wait for the next look, and is never relied upon."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

# What is rung; whoever runs jobs by a queue sets it. Without one, the next look finds the message.
_bells: list[Callable[[], object]] = []


def hang(bell: Callable[[], object]) -> None:
    """Ring this when messages were written. One bell: a new one takes the place of the old one."""
    _bells[:] = [bell]


def ring_on_commit() -> None:
    """Ring once the messages are kept. A bell that fails is logged, and fails nobody's request."""
    for bell in _bells:
        transaction.on_commit(bell, robust=True)
