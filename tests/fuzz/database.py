"""A database of its own: made, filled with the demo, and dropped afterwards."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.core.management import call_command
from django.db import connection

from call_planning.demo.people import PASSWORD
from kams.models import User
from tests.fuzz.rows import GUEST


@contextmanager
def filled(folder: Path) -> Iterator[str]:
    """The URL of a fresh database that holds the demo and a guest."""
    before = connection.settings_dict["NAME"]
    own = str(folder / "fuzz.sqlite3") if connection.vendor == "sqlite" else f"test_{before}_fuzz"
    connection.settings_dict["TEST"]["NAME"] = own
    name = connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        call_command("demo", stdout=sys.stderr)
        User.objects.create_user(GUEST, f"{GUEST}@kams.example", PASSWORD)
        connection.close()
        yield url_of(name)
    finally:
        connection.creation.destroy_test_db(str(before), verbosity=0)


def url_of(name: str) -> str:
    """What DATABASE_URL says, with this name."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
