"""PostgreSQL: `pg_dump` and the checksums look at one snapshot, `pg_restore` fills all or nothing."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo

from common.backups.manifest import BackupRefused, Manifest, Table, sums

# What Django adds for itself; and what is not for everybody's eyes in the list of processes.
OURS = {"client_encoding", "context", "cursor_factory", "options", "pool", "prepare_threshold"}
HIDDEN = "password"
# The same text for the same row on every server, however long it takes.
OPTIONS = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "postgres",
    "extra_float_digits": 1,
    "bytea_output": "hex",
    "statement_timeout": 0,
}


def dump(draft: Path) -> dict[str, Table]:
    with _opened() as database:
        (snapshot,) = database.execute("SELECT pg_export_snapshot()").fetchone() or ("",)
        options = ["--format=custom", "--no-owner", "--no-privileges", "--no-comments", f"--snapshot={snapshot}"]
        with _running("pg_dump", *options, f"--file={draft}", f"--dbname={_conninfo()}"):
            return sums(database, _TABLES, _rows)


def load(path: Path, manifest: Manifest) -> None:
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    with _running("pg_restore", *options, f"--dbname={_conninfo()}", str(path)):
        pass
    with _opened() as database:
        manifest.compare(sums(database, _TABLES, _rows))


_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
_COLUMNS = """
SELECT attname, attcollation > 0, coalesce(array_position(indkey::smallint[], attnum), 0)
FROM pg_attribute LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname
"""


def _rows(database: psycopg.Connection[Any], name: str) -> Iterator[bytes]:
    """Each row of a table as the server sends it."""
    table = sql.Identifier(name)
    columns = database.execute(_COLUMNS, [table.as_string(database)]).fetchall()
    keys = [(place, column, is_text) for column, is_text, place in columns if place] or [
        (place, column, is_text) for place, (column, is_text, _) in enumerate(columns)
    ]
    # Servers sort words in ways of their own, and bytes in one.
    order = [
        sql.SQL('{} COLLATE "C"' if is_text else "{}").format(sql.Identifier(one)) for _, one, is_text in sorted(keys)
    ]
    query = sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        sql.SQL(", ").join(sql.Identifier(column) for column, _, _ in columns), table, sql.SQL(", ").join(order)
    )
    with database.cursor() as cursor, cursor.copy(query) as copied:
        yield from map(bytes, copied)


@contextmanager
def _opened() -> Iterator[psycopg.Connection[Any]]:
    """One moment, looked at from a connection of its own."""
    options = " ".join(f"-c {name}={value}" for name, value in OPTIONS.items())
    with psycopg.connect(_conninfo(), password=_settings().get(HIDDEN), options=options) as database:
        database.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield database


@contextmanager
def _running(tool: str, *words: str) -> Iterator[None]:
    """One of the database's own tools, while the body runs; its failure is ours."""
    environment = {**os.environ, "PGPASSWORD": str(_settings().get(HIDDEN) or "")}
    try:
        process = subprocess.Popen([tool, *words], env=environment, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
    except FileNotFoundError:
        raise BackupRefused(f"There is no {tool} on this machine. On Debian: apt install postgresql-client") from None
    try:
        yield
        _, said = process.communicate()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode:
        raise BackupRefused(f"{tool} failed: {said.strip()}")


def _settings() -> dict[str, Any]:
    return dict(connection.get_connection_params())


def _conninfo() -> str:
    return make_conninfo(**{name: value for name, value in _settings().items() if name not in {*OURS, HIDDEN}})
