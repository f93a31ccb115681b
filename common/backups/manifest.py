"""What a backup says of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import orjson
from tqdm import tqdm

CHUNK = 1 << 20


class BackupRefused(Exception):
    """A backup or a restore that cannot be done, with the remedy."""


@dataclass(frozen=True)
class Table:
    rows: int
    sha256: str

    @classmethod
    def of(cls, rows: Iterable[bytes]) -> Self:
        """What is told of these rows, in this order."""
        count, checksum = 0, hashlib.sha256()
        for row in rows:
            count += 1
            checksum.update(row)
        return cls(count, checksum.hexdigest())


@dataclass(frozen=True)
class Manifest:
    made_at: str
    vendor: str
    size: int  # of the file, in bytes
    sha256: str
    tables: dict[str, Table]

    @classmethod
    def of(cls, path: Path) -> Self:
        try:
            said = orjson.loads(beside(path).read_bytes())
            return cls(**{**said, "tables": {name: Table(**table) for name, table in said["tables"].items()}})
        except OSError as wrong:
            raise BackupRefused(
                f"{beside(path)} cannot be read: {wrong.strerror}. It belongs beside {path}."
            ) from wrong
        except (AttributeError, LookupError, TypeError, ValueError) as wrong:
            raise BackupRefused(f"{beside(path)} is no manifest. Take another copy of it.") from wrong

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables.values())

    def text(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def compare(self, tables: dict[str, Table]) -> None:
        """Raise where a table is another than it was, or there is one more or less."""
        if wrong := sorted(
            name for name in self.tables.keys() | tables.keys() if self.tables.get(name) != tables.get(name)
        ):
            raise BackupRefused(f"What was restored differs from the backup in {', '.join(wrong)}. Do not use it.")


def beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.manifest.json")


def sums(database: Any, tables: str, rows: Callable[[Any, str], Iterable[bytes]]) -> dict[str, Table]:
    """How many rows each table has, and their checksum in the order of their keys; `tables` asks for their names."""
    names = [name for (name,) in database.execute(tables)]
    return {name: Table.of(rows(database, name)) for name in tqdm(names, desc="Tables", disable=None)}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
