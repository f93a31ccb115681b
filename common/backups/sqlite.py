"""SQLite: a copy of the pages as one transaction sees them, while others write."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection
from tqdm import tqdm

from common.backups.manifest import BackupRefused, Manifest, Table, sums
from common.drafts import drafted

PAGES = 10_000  # copied at once


def dump(draft: Path) -> dict[str, Table]:
    with _opened(_file()) as source:
        source.execute("BEGIN")  # what is read from now on is of one moment: WAL keeps it while others write
        tables = sums(source, _TABLES, _rows)
        with _opened(draft) as copy, tqdm(desc="Pages", disable=None) as bar:
            source.backup(copy, pages=PAGES, progress=lambda _, left, all_: bar.update(all_ - left - bar.n))
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without others beside it
    return tables


def load(path: Path, manifest: Manifest) -> None:
    target = _file()
    connection.close()  # it has made an empty file
    with drafted(target) as draft:
        shutil.copyfile(path, draft)
        with _opened(draft) as copy:
            if (words := copy.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
                raise BackupRefused(f"{path} is damaged: {words}. Take another copy of it.")
            manifest.compare(sums(copy, _TABLES, _rows))


_TABLES = r"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name"


def _rows(database: sqlite3.Connection, name: str) -> Iterator[bytes]:
    columns = database.execute("SELECT name, pk FROM pragma_table_xinfo(?) ORDER BY name", [name]).fetchall()
    shown = ", ".join(f'"{column}"' for column, _ in columns)
    order = ", ".join(f'"{column}"' for column, key in sorted(columns, key=lambda one: one[1]) if key) or shown
    for row in database.execute(f'SELECT {shown} FROM "{name}" ORDER BY {order}'):  # noqa: S608 - names of our tables
        yield repr(row).encode("utf-8", "surrogatepass")


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
        yield database


def _file() -> Path:
    name = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():  # type: ignore[attr-defined] # of SQLite
        raise BackupRefused("A database in memory is gone with its process: there is nothing to back up or restore.")
    return Path(name)
