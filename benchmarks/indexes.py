"""Indexes are put away while rows come in, and built anew from all of them at once, which takes a fraction of the time.

What was put away is kept in the database, so that an interrupted run loses none. Primary keys stay: the rows come in
their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import psycopg

from benchmarks.workers import Statement

_FOUND = """
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid), c.conname,
       pg_relation_size(i.indrelid)
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'x')
WHERE i.indrelid = ANY(%(tables)s::regclass[]) AND NOT i.indisprimary
"""


def put_away(connection: psycopg.Connection, tables: Sequence[str]) -> None:
    """Drop them, and keep how they are made. In one transaction."""
    with connection.transaction():
        connection.execute(
            "CREATE TABLE IF NOT EXISTS benchmarks.index (name text PRIMARY KEY, source text, made text, promise text)"
        )
        for name, table, made, promise, _ in connection.execute(_FOUND, {"tables": list(tables)}).fetchall():
            connection.execute(
                "INSERT INTO benchmarks.index VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                (name, table, made, promise),
            )
            gone = f'ALTER TABLE {table} DROP CONSTRAINT "{promise}"' if promise else f"DROP INDEX {name}"
            connection.execute(gone)


def building(connection: psycopg.Connection) -> Iterator[Statement]:
    """The statements that make them again, those of the largest tables first."""
    rows = connection.execute("SELECT made FROM benchmarks.index ORDER BY pg_relation_size(source) DESC, name")
    for (made,) in rows.fetchall():
        yield made.replace(" INDEX ", " INDEX IF NOT EXISTS ", 1), {}


def promising(connection: psycopg.Connection) -> Iterator[Statement]:
    """The statements that make constraints of the unique indexes again."""
    rows = connection.execute("SELECT name, source, promise FROM benchmarks.index WHERE promise IS NOT NULL")
    for name, source, promise in rows.fetchall():
        yield f'ALTER TABLE {source} ADD CONSTRAINT "{promise}" UNIQUE USING INDEX {name}', {}
