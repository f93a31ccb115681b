"""Whether this process lives, and whether it can serve: for balancers, not for people."""

from __future__ import annotations

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.problems import RETRY_AFTER_SECONDS, Problem
from common.api.views import BaseView


class LiveView(BaseView):
    authentication_classes = ()
    permission_classes = ()

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

    @extend_schema(
        summary="Whether the service can serve",
        responses={200: {"type": "object", "properties": {"status": {"const": "ready"}}, "required": ["status"]}},
    )
    def get(self, request: Request) -> Response:
        """Looks at the database, its migrations and the cache; 503 names what is not ready."""
        errors = {name: [wrong] for name, check in CHECKS.items() if (wrong := check())}
        if errors:
            raise Problem(503, "not_ready", "Not ready to serve.", errors=errors, retry_after=RETRY_AFTER_SECONDS)
        return Response({"status": "ready"})


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


def _cache() -> str | None:
    try:
        cache.set("health", "ready", 10)
        kept = cache.get("health")
    except Exception:  # noqa: BLE001 - each cache has errors of its own
        kept = None
    return None if kept == "ready" else "The cache does not keep what it is given."


CHECKS = {"database": _database, "migrations": _migrations, "cache": _cache}
