"""Archive files: rows as compressed JSON Lines under a seal, written whole or not at all.

The last line is the seal: how many rows there are, and the SHA-256 of their lines. A file is named for what it holds,
so that the same rows written again are the same file.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from common.drafts import drafted

Record = dict[str, Any]
SUFFIX = ".jsonl.gz"


class DamagedArchive(Exception):
    """What the file holds is not what was written."""


def write(folder: Path, name: str, records: Iterable[Record]) -> Path:
    """Keep the records in `<name>-<digest>.jsonl.gz`. When this returns, the file is on the disk, whole.

    Only the account that runs the service reads it: it holds what was said with people.
    """
    lines = [orjson.dumps(record) + b"\n" for record in records]
    body = b"".join(lines)
    digest = hashlib.sha256(body).hexdigest()
    seal = orjson.dumps({"rows": len(lines), "sha256": digest}) + b"\n"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{digest[:16]}{SUFFIX}"
    with drafted(path) as draft:
        draft.write_bytes(gzip.compress(body + seal, mtime=0))
    return path


def read(path: Path) -> list[Record]:
    """The records of a file. Raises `DamagedArchive` where a byte is missing or another one."""
    try:
        *lines, last = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        seal = orjson.loads(last)
        good = seal == {"rows": len(lines), "sha256": hashlib.sha256(b"".join(lines)).hexdigest()}
    except (EOFError, OSError, ValueError, zlib.error) as wrong:
        raise DamagedArchive(f"{path} cannot be read: {wrong}") from wrong
    if not good:
        raise DamagedArchive(f"{path} is damaged: its checksum is not that of its lines. Restore another copy of it.")
    return [orjson.loads(line) for line in lines]
