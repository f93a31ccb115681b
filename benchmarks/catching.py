"""What a dataset says of itself, and the statements that are sent to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection


class NoDataset(Exception):
    """The database was not filled by `benchmarks.dataset`, or not to the end."""


def dataset() -> tuple[int, datetime]:
    """How many restaurants there are, and the moment to which what happened goes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT restaurants, now FROM benchmarks.dataset")
        found: tuple[int, datetime] | None = cursor.fetchone()
    if found is None:
        raise NoDataset("This database holds no whole dataset: `python -m benchmarks.dataset` makes one.")
    return found


class Statements:
    """Catches what is asked of the database."""

    def __init__(self) -> None:
        self.found: list[tuple[str, Any]] = []

    def __call__(self, execute: Any, text: str, parameters: Any, many: Any, context: Any) -> Any:
        self.found.append((text, parameters))
        return execute(text, parameters, many, context)
