"""Files that are written whole or not at all, and are on the disk once they have their name."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Write into what is given; it takes the place of `path` when all went well, and leaves nothing when not.

    Only the account that runs the service reads it.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".draft")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        _sync(draft)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(path.parent)  # the name, too


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
