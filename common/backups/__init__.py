"""A copy of everything, made while people write, with the proof that it is whole.

A backup is two files: what the database's own tool writes, and beside it a manifest of the same snapshot: how many rows
each table has and their checksum, and the checksum of the file. Restoring reads them all again.
"""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

from django.db import connection
from django.utils import timezone

from common.backups import postgresql, sqlite
from common.backups.manifest import BackupRefused, Manifest, beside, digest
from common.drafts import drafted

__all__ = ["BackupRefused", "Manifest", "back_up", "checked", "restore"]

TOOLS: dict[str, ModuleType] = {"postgresql": postgresql, "sqlite": sqlite}


def back_up(path: Path) -> Manifest:
    """Write the backup and its manifest; nothing is left of one that fails."""
    tool = _tool()
    if path.exists() or beside(path).exists():
        raise BackupRefused(f"{path} is there already. Name another file: a backup overwrites none.")
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}. Make it, for the account that runs this only.")
    at = timezone.now()
    with drafted(path) as draft:
        tables = tool.dump(draft)
        manifest = Manifest(at.isoformat(), connection.vendor, draft.stat().st_size, digest(draft), tables)
        with drafted(beside(path)) as words:
            words.write_bytes(manifest.text())
    return manifest


def checked(path: Path) -> Manifest:
    """The manifest of a backup whose file is as it was written."""
    manifest = Manifest.of(path)
    try:
        whole = (path.stat().st_size, digest(path)) == (manifest.size, manifest.sha256)
    except OSError as wrong:
        raise BackupRefused(f"{path} cannot be read: {wrong.strerror}.") from wrong
    if not whole:
        raise BackupRefused(f"{path} is damaged: it is not what its manifest says. Take another copy of it.")
    return manifest


def restore(path: Path) -> Manifest:
    """Fill the database, which has to be empty; then each table has to be what it was."""
    tool = _tool()
    manifest = checked(path)
    if manifest.vendor != connection.vendor:
        raise BackupRefused(f"{path} is of {manifest.vendor}, and DATABASE_URL names {connection.vendor}.")
    if tables := connection.introspection.table_names():
        raise BackupRefused(
            f"The database has {len(tables)} tables already. A restore fills an empty one: make one, and name it by "
            "DATABASE_URL."
        )
    tool.load(path, manifest)
    return manifest


def _tool() -> ModuleType:
    try:
        return TOOLS[connection.vendor]
    except KeyError:
        raise BackupRefused(
            "MariaDB and MySQL have a tool of their own: mariadb-dump --single-transaction --result-file=FILE DATABASE"
        ) from None
