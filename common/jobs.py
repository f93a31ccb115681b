"""What is done by itself, again and again: one table of jobs, whoever runs it.

A *period* of a job is named by its start, a moment that the schedule alone decides: whoever looks at the same moment
means the same period, and each period is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.module_loading import import_string

from common.clock import local_date, resolve

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ONE_DAY = timedelta(days=1)
UNITS = {"day": ONE_DAY, "hour": timedelta(hours=1), "minute": timedelta(minutes=1), "second": timedelta(seconds=1)}
# How long after the start of its period a job may be done without being late.
PATIENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class Daily:
    """Once a day, when the clocks of the organisation's zone show this."""

    at: time

    def on(self, moment: datetime, *, days: int = 0) -> datetime:
        """When it is due on the local day of the moment, or so many days later."""
        zone = ZoneInfo(settings.TIME_ZONE)
        return resolve(datetime.combine(local_date(moment, zone) + timedelta(days=days), self.at), zone)

    def __str__(self) -> str:
        return f"daily at {self.at:%H:%M}"


@dataclass(frozen=True)
class Job:
    """A plain idempotent function with its schedule.

    `run` takes the moment and answers how many things it did. `every` is how often it is due; `words` says what it
    does, for people. What a job finds undone it does, however long ago it was due: only the newest period is run.
    """

    name: str
    run: Callable[[datetime], int]
    every: timedelta | Daily
    words: str

    def period(self, *, at: datetime) -> datetime:
        """The start of the period that the moment lies in."""
        if isinstance(self.every, timedelta):
            return at - (at - EPOCH) % self.every
        return max(start for days in (-2, -1, 0, 1) if (start := self.every.on(at, days=days)) <= at)

    def following(self, *, at: datetime) -> datetime:
        """The start of the next period."""
        if isinstance(self.every, timedelta):
            return self.period(at=at) + self.every
        return min(start for days in (0, 1, 2) if (start := self.every.on(at, days=days)) > at)

    def is_late(self, *, done: datetime | None, at: datetime) -> bool:
        """Tell whether a period is overdue, when `done` is the newest that was done."""
        return done is None or self.following(at=done) + PATIENCE <= at

    @property
    def how_often(self) -> str:
        """The schedule in words, such as "every 5 minutes"."""
        if isinstance(self.every, Daily):
            return str(self.every)
        unit, length = next((unit, length) for unit, length in UNITS.items() if not self.every % length)
        number = self.every // length
        return f"every {unit}" if number == 1 else f"every {number} {unit}s"


def table() -> tuple[Job, ...]:
    """Every job of the service: the table that the setting `JOBS` names."""
    jobs: tuple[Job, ...] = import_string(settings.JOBS)
    return jobs


def named(name: str) -> Job | None:
    return next((job for job in table() if job.name == name), None)
