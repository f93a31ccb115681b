"""The jobs of the kernel: the history is sealed, and what nobody looks up any more is removed, some rows at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session as BrowserSession
from django.db import models

from common.audit import seal
from common.models import IdempotencyRecord, JobRun

BATCH = 500


def seal_audit(at: datetime) -> int:
    """Seal what was written to the history since the last time; the number of rows."""
    return seal(at=at)


def forget_answers(at: datetime) -> int:
    """Remove the answers that no retry gets any more."""
    return remove(IdempotencyRecord.objects.run_out(at=at))


def forget_runs(at: datetime) -> int:
    """Remove the runs of jobs that are old; those that found nothing to do after a day."""
    idle, other = at - timedelta(days=1), at - timedelta(days=settings.KEEP_DAYS)
    return remove(JobRun.objects.out_of_date(idle_before=max(idle, other), before=other))


def forget_browsers(at: datetime) -> int:
    """Remove the sessions of staff pages that are over."""
    return remove(BrowserSession.objects.filter(expire_date__lte=at))


def remove(rows: models.QuerySet[Any]) -> int:
    """Delete rows in batches, so that no transaction holds many locks for long; how many they were."""
    removed = 0
    while keys := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        removed += rows.filter(pk__in=keys).delete()[1].get(rows.model._meta.label, 0)
    return removed
