"""Where a change comes from: who asks, from which address, by which request.

The door that lets somebody in says it, once, for all that happens behind it; the history asks for it. What no door was
opened for, a job or a command, comes from nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    # The key of the person who asks; none where nobody has said who they are.
    by: int | None = None
    address: str = ""
    request: str = ""


_asking: ContextVar[Callable[[], Origin]] = ContextVar("asking", default=Origin)


def origin() -> Origin:
    """Where what is done now comes from."""
    return _asking.get()()


@contextmanager
def behind(door: Callable[[], Origin]) -> Iterator[None]:
    """Let what is done in here come from what this door says; it is asked when something has changed."""
    before = _asking.set(door)
    try:
        yield
    finally:
        _asking.reset(before)
