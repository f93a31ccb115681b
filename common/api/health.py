"""Whether this process lives, and whether it can serve: for balancers, not for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.problems import RETRY_AFTER_SECONDS, Problem
from common.api.views import BaseView
from common.choices import RunState
from common.jobs import table
from common.models import JobRun

# What a part says of itself: at least whether it is `late`.
Report = Callable[[datetime], dict[str, Any]]


def _object(*, optional: Mapping[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {**properties, **(optional or {})}, "required": list(properties)}


REPLICAS = _object(
    late={"type": "boolean", "description": "Whether one of them is away or far behind."},
    each={
        "type": "object",
        "description": "Each replica by its name.",
        "additionalProperties": _object(
            away={"type": "boolean"},
            lag_seconds={"type": ["number", "null"], "description": "How far it is behind, where it can be told."},
            late={"type": "boolean", "description": "Whether it is not read from."},
        ),
    },
)

READY = OpenApiResponse(
    _object(
        status={"const": "ready"},
        degraded={"type": "array", "items": {"type": "string"}, "description": "What is late or fails."},
        jobs={
            "type": "object",
            "description": "Each job by its name.",
            "additionalProperties": _object(
                last_success={"type": ["string", "null"], "format": "date-time"},
                late={"type": "boolean", "description": "Whether a run is overdue."},
                failed={"type": "boolean", "description": "Whether the newest run failed."},
            ),
        },
        outbox=_object(
            waiting_seconds={"type": "integer", "description": "For how long the oldest message that is due waits."},
            late={"type": "boolean", "description": "Whether that is too long."},
        ),
        optional={"replicas": {**REPLICAS, "description": "Where there are replicas of the database."}},
    ),
    examples=[
        OpenApiExample(
            "Answered",
            value={
                "status": "ready",
                "degraded": ["jobs"],
                "jobs": {"forget-runs": {"last_success": "2024-12-28T10:00:00Z", "late": True, "failed": False}},
                "outbox": {"waiting_seconds": 3, "late": False},
            },
        )
    ],
)


class LiveView(BaseView):
    authentication_classes = ()
    permission_classes = ()
    limited = False

    @extend_schema(
        summary="Whether the process lives",
        responses={200: {"type": "object", "properties": {"status": {"const": "live"}}, "required": ["status"]}},
    )
    def get(self, request: Request) -> Response:
        """Answers without a look at anything else: if this fails, start the process anew."""
        return Response({"status": "live"})


class ReadyView(BaseView):
    authentication_classes = ()
    permission_classes = ()
    limited = False
    # What else is told beside the jobs: each takes the moment.
    reports: Mapping[str, Report] = {}

    @extend_schema(summary="Whether the service can serve", responses={200: READY})
    def get(self, request: Request) -> Response:
        """Looks at the database and its migrations; 503 names what is not ready.

        A job that is late or fails, a cache and a replica that are away take no server out of service, because it
        serves as well without: `degraded` names what somebody has to look at.
        """
        errors = {name: [wrong] for name, check in CHECKS.items() if (wrong := check())}
        if errors:
            raise Problem(503, "not_ready", "Not ready to serve.", errors=errors, retry_after=RETRY_AFTER_SECONDS)
        now = timezone.now()
        jobs = jobs_at(now)
        told = {name: report(now) for name, report in self.reports.items()}
        behind = {
            "cache": not _keeps_in_the_cache(),
            "jobs": any(job["late"] or job["failed"] for job in jobs.values()),
        }
        behind |= {name: report["late"] for name, report in told.items()}
        degraded = sorted(name for name, is_behind in behind.items() if is_behind)
        return Response({"status": "ready", "degraded": degraded, "jobs": jobs, **told})


def jobs_at(now: datetime) -> dict[str, dict[str, Any]]:
    """How each job went last, by its name."""
    jobs = {job.name: job for job in table()}
    runs = list(JobRun.objects.newest(jobs, RunState.DONE, RunState.FAILED))
    last = {run.job: run.state for run in runs}
    done = {run.job: run for run in runs if run.state == RunState.DONE}
    return {
        name: {
            "last_success": done[name].finished_at if name in done else None,
            "late": job.is_late(done=done[name].period if name in done else None, at=now),
            "failed": last.get(name) == RunState.FAILED,
        }
        for name, job in jobs.items()
    }


def _database() -> str | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer."
    return None


def _migrations() -> str | None:
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    return f"{len(missing)} migrations are missing. Run manage.py migrate." if missing else None


def _keeps_in_the_cache() -> bool:
    try:
        cache.set("health", "ready", 10)
        return bool(cache.get("health") == "ready")
    except Exception:  # noqa: BLE001 - each cache has errors of its own
        return False


CHECKS = {"database": _database, "migrations": _migrations}
