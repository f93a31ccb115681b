"""Runs jobs, for whoever asks: a loop, cron, or a worker of Celery. The row of a period decides who does it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from common.choices import RunState
from common.jobs import Job
from common.models import JobRun

logger = logging.getLogger(__name__)

# How often a lease is renewed while its job runs: three times before it runs out.
BEAT = timedelta(seconds=15)
# A job is looked at when a period begins, and so often besides: a period may wait for another attempt, or be left
# behind by a process that is gone.
LOOK = timedelta(minutes=1)
# How long the loop rests between two looks at the clock, in seconds.
PAUSE = 0.2


def run_due(job: Job, *, at: datetime) -> JobRun | None:
    """Run the period that this moment lies in, unless somebody did or does; then there is no run."""
    run = JobRun.objects.claim(job.name, period=job.period(at=at), at=at)
    return _carry_out(job, run, at=at) if run else None


def run_now(job: Job, *, at: datetime) -> JobRun | None:
    """Run a job whether it is due or not, as a period that begins now; no run if it is running already."""
    run = JobRun.objects.claim(job.name, period=at, at=at)
    return _carry_out(job, run, at=at) if run else None


def run_until(stop: Callable[[], bool], jobs: Sequence[Job]) -> None:
    """Run what is due, again and again. The job at hand is finished before this ends."""
    looks: dict[str, datetime] = {}
    while not stop():
        close_old_connections()
        for job in jobs:
            at = timezone.now()
            if stop():
                break
            if at < looks.get(job.name, at) <= at + LOOK:  # further away than that: the clock was set back
                continue
            looks[job.name] = min(job.following(at=at), at + LOOK)
            try:
                run_due(job, at=at)
            except DatabaseError as away:
                logger.warning("The database did not let the job %s be done: %s", job.name, away)
        sleep(PAUSE)


def _carry_out(job: Job, run: JobRun, *, at: datetime) -> JobRun:
    with bound_contextvars(job=job.name):  # on each line that is logged meanwhile
        return _done(job, run, at=at)


def _done(job: Job, run: JobRun, *, at: datetime) -> JobRun:
    began = monotonic()

    def now() -> datetime:
        return at + timedelta(seconds=monotonic() - began)

    error, done = "", 0
    with _renewed(run, now):
        try:
            done = job.run(at)
        except Exception as failure:
            logger.exception("The job %s failed.", job.name)
            error = f"{type(failure).__name__}: {failure}"
    kept = run.fail(error, at=now()) if error else run.finish(done=done, at=now())
    if not kept:
        logger.warning("The job %s was taken over by another process meanwhile.", job.name)
    elif run.state == RunState.DONE:
        level = logging.INFO if done else logging.DEBUG
        logger.log(level, "The job %s did %d in %.1f s.", job.name, done, monotonic() - began)
    return run


@contextmanager
def _renewed(run: JobRun, now: Callable[[], datetime]) -> Iterator[None]:
    """Renew the lease of a run from a thread of its own, as long as the work takes."""
    over = Event()

    def renew() -> None:
        while not over.wait(BEAT.total_seconds()):
            try:
                run.renew(at=now())
            except DatabaseError as away:
                logger.warning("The lease of the job %s could not be renewed: %s", run.job, away)
        connections.close_all()

    thread = Thread(target=renew, name=f"lease of {run.job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
