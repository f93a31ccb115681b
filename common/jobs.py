"""What is done by itself, again and again: one table of jobs, whoever runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Job:
    """A plain idempotent function with its schedule.

    `run` takes the moment and answers how many things it did. `every` is how often it is due; `words` says what it
    does, for people.
    """

    name: str
    run: Callable[[datetime], int]
    every: timedelta
    words: str
