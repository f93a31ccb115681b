"""`manage.py migrate`, for a service that is being used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connections

ATTEMPTS = 30
PAUSE = 2.0  # seconds
LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    """On PostgreSQL, waits for a table no longer than people can wait behind it, and tries again.

    A change that waits for its table makes everybody else wait who comes after it. A migration is one transaction, so
    that the next attempt begins with the first that is not done; it may take as long as it needs once it has its table.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        for left in reversed(range(ATTEMPTS)):
            try:
                with self.patient(options["database"]):
                    super().handle(*args, **options)
            except OperationalError as busy:
                if getattr(busy.__cause__, "sqlstate", None) != LOCK_NOT_AVAILABLE or not left:
                    raise
                self.stderr.write(f"A table is in use. Tried again in {PAUSE:g} seconds.")
                sleep(PAUSE)
            else:
                return

    @contextmanager
    def patient(self, alias: str) -> Iterator[None]:
        connection = connections[alias]
        before, after = _statements(connection)
        if not before:
            yield
            return
        try:
            with connection.cursor() as cursor:
                for statement in before:
                    cursor.execute(statement)
            yield
        finally:
            # As the connection began, whatever happened: the next to have it from the pool may be a request.
            with suppress(DatabaseError), connection.cursor() as cursor:
                for statement in after:
                    cursor.execute(statement)


def _statements(connection: Any) -> tuple[list[str], list[str]]:
    """What lets statements take as long as they need, and what takes that back."""
    if connection.vendor == "postgresql":
        patience = f"SET lock_timeout = {int(settings.MIGRATE_LOCK_TIMEOUT_MS)}"
        return [patience, "SET statement_timeout = 0"], ["RESET lock_timeout", "RESET statement_timeout"]
    if connection.vendor == "mysql" and connection.mysql_is_mariadb:
        unlimited = "SET @limit_before = @@SESSION.max_statement_time, SESSION max_statement_time = 0"
        return [unlimited], ["SET SESSION max_statement_time = @limit_before"]
    return [], []
