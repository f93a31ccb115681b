"""A copy that was made while people wrote, and restored, keeps the published contract: its suite runs on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.races import database_url
from tests.resilience.service import Service, Writes
from tests.runner import ROOT

WRITES = int(os.environ.get("RESILIENCE_WRITES", "200")) // 4
SERVED, RESTORED = "kam_served", "kam_restored_contract"
SUITE = ("tests/test_contract.py", "tests/test_contract_rules.py")
OPTIONS = ("-q", "-n", "0", "-p", "no:randomly", "-p", "no:cacheprovider")

pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(connection.vendor == "mysql", reason="it has a backup of its own"),
]


@contextmanager
def databases(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Two without a table: the URLs of both, and what the second is called."""
    if connection.vendor == "sqlite":
        file = folder / "restored.sqlite3"
        yield f"sqlite:///{folder / 'served.sqlite3'}", f"sqlite:///{file}", str(file)
        return
    own = str(connection.settings_dict["NAME"]).removeprefix("test_")
    server = database_url().rpartition("/")[0]
    names = [f"{own}_{name}" for name in (SERVED, RESTORED)]
    with closing(psycopg.connect(f"{server}/postgres", autocommit=True)) as anywhere:

        def drop() -> None:
            for name in names:
                anywhere.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

        drop()
        for name in names:
            anywhere.execute(f'CREATE DATABASE "{name}"')
        try:
            yield f"{server}/{names[0]}", f"{server}/{names[1]}", names[1]
        finally:
            drop()


def contract(url: str, name: str) -> str:
    """What pytest says of the suite on this database, which it neither makes nor empties."""
    command = [sys.executable, "-m", "pytest", *OPTIONS, "--reuse-db", "--ds=tests.resilience.restored", *SUITE]
    environment: dict[str, Any] = {**os.environ, "DATABASE_URL": url, "RESTORED": name, "PYTEST_ADDOPTS": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
    return done.stdout


def test_it_keeps_the_contract(tmp_path: Path) -> None:
    with databases(tmp_path) as (url, copy, name):
        service, file = Service(url, tmp_path / "log"), tmp_path / "kam.backup"
        writes = Writes(service, service.prepare(), WRITES)
        with service.running():
            writes.start()
            writes.wait_for(WRITES // 4)
            service.manage("backup", str(file))
            writes.finish()
        restored = Service(copy, tmp_path / "log")
        assert "every table is what it was" in restored.manage("restore", str(file))
        held = "from leads.models import Restaurant; print(Restaurant.objects.count())"
        count = int(restored.manage("shell", "--no-imports", "--command", held))
        assert WRITES // 4 <= count <= WRITES
        said = contract(copy, name)
        passed = re.search(r"(\d+) passed", said)
        assert passed
        assert int(passed[1]) >= 80
        assert "failed" not in said
        # Each test took its own rows back, and nothing else.
        assert int(restored.manage("shell", "--no-imports", "--command", held)) == count
