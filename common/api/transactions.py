"""One transaction a request, and again from the start when the database asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, connection, transaction

ATTEMPTS = 3

# PostgreSQL: serialization failure, deadlock, a kept plan that a migration has made wrong. MySQL and MariaDB: deadlock,
# lock wait timeout.
_AGAIN = {"40001", "40P01", "0A000", 1213, 1205}

Answer = TypeVar("Answer")


def in_transaction(work: Callable[[], Answer]) -> Answer:
    """Do the work in one transaction; three times at most if it met others, then the error goes on."""
    for _ in range(ATTEMPTS - 1):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            # Inside somebody else's transaction only they can begin again.
            if connection.in_atomic_block or not _worth_another_try(error):
                raise
    with transaction.atomic():
        return work()


def _worth_another_try(error: OperationalError) -> bool:
    cause = error.__cause__
    return getattr(cause, "sqlstate", None) in _AGAIN or (bool(error.args) and error.args[0] in _AGAIN)
