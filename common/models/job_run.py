from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import product
from typing import Any, ClassVar, Self

from django.db import IntegrityError, models, transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, When

from common.choices import RunState
from common.models.rows import RowSet

# Whoever runs a job says again and again that it lives; where nothing was said for so long, another takes over.
LEASE = timedelta(seconds=60)
# How long after each failure the same period is tried again. After the last it is given up, until the next period.
BACK_OFF = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15))
ATTEMPTS = len(BACK_OFF) + 1
LONGEST_ERROR = 2_000
# What is told apart by its name in a table of many thousand runs that found nothing to do.
IDLE = Q(state=RunState.DONE, done=0)


class JobRunSet(RowSet):
    def claim(self, job: str, *, period: datetime, at: datetime) -> JobRun | None:
        """Take this period of a job. Of any number at once exactly one gets the run, the others nothing.

        Nothing is got either where the period is over, where an earlier one still runs, and where a failed one waits
        for its next attempt.
        """
        known = self.filter(job=job, period=period).only("free_from").first()
        if known is not None and (known.free_from is None or known.free_from > at):
            return None
        run = self._take(job, period=period, at=at)
        if run is None and self._bury(job, at=at, but=period):
            run = self._take(job, period=period, at=at)
        return run

    def _take(self, job: str, *, period: datetime, at: datetime) -> JobRun | None:
        """Begin the period, or take up what is free of it."""
        ours = {
            "state": RunState.RUNNING,
            "lease": uuid.uuid4(),
            "free_from": at + LEASE,
            "started_at": at,
            "finished_at": None,
            "host": socket.gethostname()[:100],
            "pid": os.getpid(),
        }
        self.bulk_create([self.model(job=job, period=period, attempts=1, **ours)], ignore_conflicts=True)
        run: JobRun | None = self.filter(lease=ours["lease"]).first()
        if run is None:
            free = self.filter(job=job, period=period, free_from__lte=at, attempts__lt=ATTEMPTS)
            try:
                with transaction.atomic():
                    free.update(attempts=F("attempts") + 1, **ours)
            except IntegrityError:  # an earlier period runs
                return None
            run = self.filter(lease=ours["lease"]).first()
        return run

    def _bury(self, job: str, *, at: datetime, but: datetime) -> int:
        """Write off the runs of a job whose process is gone, but for the one that may still be taken up."""
        gone = self.filter(job=job, state=RunState.RUNNING, free_from__lte=at)
        hopeless = gone.filter(~Q(period=but) | Q(attempts__gte=ATTEMPTS))
        return hopeless.update(
            finished_at=F("free_from"),  # before the next line: MariaDB takes what an earlier one has set
            free_from=None,
            state=RunState.FAILED,
            error="The process that ran it is gone.",
        )

    def newest(self, jobs: Iterable[str], *states: str) -> Self:
        """Of each of these jobs its newest run in each of these states, the newest last."""
        newest = Q(pk__in=[])
        for job, state in product(jobs, states):
            runs = self.filter(job=job, state=state).order_by("-period")
            newest |= Q(pk=Subquery(runs.values("pk")[:1]))
        return self.filter(newest).order_by("period")

    def out_of_date(self, *, idle_before: datetime, before: datetime) -> Self:
        """The runs that nobody looks up any more; the newest success of a job is never among them."""
        newer = self.filter(job=OuterRef("job"), state=RunState.DONE).order_by("-period")
        old = self.filter(Q(period__lt=before) | IDLE, period__lt=idle_before).exclude(state=RunState.RUNNING)
        return old.exclude(pk=Subquery(newer.values("pk")[:1]))


class JobRun(models.Model):
    """One period of a job: that it is done, by whom, and what came of it.

    The row is the claim. It holds a lease, which its process renews while it lives; one that dies leaves a lease that
    runs out.
    """

    job = models.CharField(max_length=50)
    period = models.DateTimeField(help_text="When the period begins that was due.")
    state = models.CharField(max_length=10, choices=RunState.choices)
    attempts = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0, help_text="How many things it did.")
    error = models.TextField(blank=True)
    lease = models.UUIDField(unique=True)
    # From when on another may take the period: the end of the lease while it runs, then the next attempt after a
    # failure; null once the period is over.
    free_from = models.DateTimeField(null=True)
    host = models.CharField(max_length=100)
    pid = models.PositiveIntegerField()
    # A job does not run beside itself, whatever the period.
    running_for = models.GeneratedField(
        expression=Case(When(state=RunState.RUNNING, then=F("job")), default=None),
        output_field=models.CharField(max_length=50, null=True),
        db_persist=True,
        unique=True,
    )

    objects: ClassVar[Any] = JobRunSet.as_manager()

    class Meta:
        ordering = ("-started_at", "-id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "period"], name="one_run_of_a_period"),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="run_state_is_known"),
        ]
        indexes: ClassVar = [
            # The newest success of each job.
            models.Index(fields=["job", "state", "period"], name="run_by_job_and_state"),
            # The clean-up.
            models.Index(fields=["period"], name="run_by_period"),
            # The list of the admin.
            models.Index(fields=["started_at", "id"], name="run_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.job} of {self.period:%Y-%m-%d %H:%M:%S}"

    @property
    def took(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None

    def renew(self, *, at: datetime) -> bool:
        """Say that the process lives; false if another has taken over."""
        return self._keep(free_from=at + LEASE)

    def finish(self, *, done: int, at: datetime) -> bool:
        """It is done; false if another has taken over meanwhile, whose word counts then."""
        return self._keep(state=RunState.DONE, done=done, finished_at=at, free_from=None, error="")

    def fail(self, error: str, *, at: datetime) -> bool:
        """It failed: it waits for its next attempt, or is given up; false if another has taken over meanwhile."""
        again = at + BACK_OFF[self.attempts - 1] if self.attempts < ATTEMPTS else None
        return self._keep(state=RunState.FAILED, error=error[-LONGEST_ERROR:], finished_at=at, free_from=again)

    def _keep(self, **values: Any) -> bool:
        """Write these if the lease is still ours."""
        for name, value in values.items():
            setattr(self, name, value)
        return bool(JobRun.objects.filter(pk=self.pk, lease=self.lease, state=RunState.RUNNING).update(**values))
