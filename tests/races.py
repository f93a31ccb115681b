"""Requests that run at the same moment, against a database that several connections share."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from typing import TypeVar
from urllib.parse import quote

from django.db import connection, connections

Answer = TypeVar("Answer")


def at_once(*works: Callable[[], Answer]) -> list[Answer]:
    """Do all of it at the same moment, each on a connection of its own; the answers in the same order."""
    start = Barrier(len(works))

    def run(work: Callable[[], Answer]) -> Answer:
        try:
            start.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


@contextmanager
def shared_database() -> Iterator[None]:
    """On SQLite: a file, as in production. The database in memory that tests have locks by other rules."""
    memory, name = connection.connection, str(connection.settings_dict["NAME"])
    if "mode=memory" not in name:
        yield
        return
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "db.sqlite3")
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [file])
        connection.connection, connection.settings_dict["NAME"] = None, file
        connection.ensure_connection()  # which makes its journal a WAL, as migrating does: two at once cannot
        try:
            yield
        finally:
            connection.close()
            connection.connection, connection.settings_dict["NAME"] = memory, name


def database_url() -> str:
    """The database that the test uses, as another process names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    scheme = {"postgresql": "postgres", "mysql": "mysql"}[connection.vendor]
    who = quote(given["USER"]) + (f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else "")
    return f"{scheme}://{who}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
