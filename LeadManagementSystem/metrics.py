"""`/metrics`, for Prometheus: requests by view, and how the jobs and the outbox are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from common.api.health import jobs_at
from common.api.problems import ProblemResponse
from LeadManagementSystem.health import outbox


def metrics(request: HttpRequest) -> HttpResponse:
    """For who has the token: what this process, and those beside it, have counted."""
    from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest  # noqa: PLC0415
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - an optional requirement

    if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}"):
        return ProblemResponse(
            request,
            status=401,
            code="not_authenticated",
            detail="Send METRICS_TOKEN as a bearer token.",
            headers={"WWW-Authenticate": "Bearer"},
        )
    counted, ours = REGISTRY, CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call] # it says no types
    ours.register(State())
    body = generate_latest(counted) + generate_latest(ours)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class State:
    """What `/health/ready` tells, as figures."""

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - as above

        now = timezone.now()
        late = GaugeMetricFamily("kam_job_late", "Whether a run of the job is overdue.", labels=["job"])
        failed = GaugeMetricFamily("kam_job_failed", "Whether the newest run of the job failed.", labels=["job"])
        age = GaugeMetricFamily(
            "kam_job_seconds_since_success", "For how long the job did not succeed.", labels=["job"]
        )
        for name, job in jobs_at(now).items():
            late.add_metric([name], job["late"])
            failed.add_metric([name], job["failed"])
            if job["last_success"] is not None:
                age.add_metric([name], (now - job["last_success"]).total_seconds())
        waiting = GaugeMetricFamily("kam_outbox_waiting_seconds", "For how long the oldest message that is due waits.")
        waiting.add_metric([], outbox(now)["waiting_seconds"])
        yield from (late, failed, age, waiting)
