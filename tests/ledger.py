"""What the database holds, as one mark for each table: equal marks, equal rows."""

from __future__ import annotations

from functools import cache
from hashlib import blake2b

from django.apps import apps
from django.db import connection


@cache
def tables() -> tuple[str, ...]:
    """The tables of our own apps, those between two of our models included."""
    ours = [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]
    return tuple(
        sorted(model._meta.db_table for model in ours if not model.__module__.startswith(("django.", "axes.")))
    )


def marks() -> dict[str, str]:
    """Each table with its number of rows and a digest of them."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a name of our own
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = f"{len(rows)}:{blake2b(''.join(rows).encode(), digest_size=8).hexdigest()}"
    return found
