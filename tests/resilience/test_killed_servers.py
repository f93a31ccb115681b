"""What was acknowledged is there, once, although processes are killed in the middle of it.

`make test-resilience WRITES=5000` runs it at the size of a bad day.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest
from django.db import connection

from tests.ports import free_port
from tests.resilience.service import PATIENCE, Service, Writes

WRITES = int(os.environ.get("RESILIENCE_WRITES", "200"))
LARGE = WRITES >= 5000
SERVER_KILLS = 12 if LARGE else 3
DATABASE_KILLS = 4 if LARGE else 1
OUTAGE = 20 if LARGE else 3  # seconds at least
READY_WITHIN = 10  # seconds
TOOLS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))

pytestmark = pytest.mark.timeout(600 + WRITES)


# --- SQLite -----------------------------------------------------------------------------------------
@pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")
def test_it_keeps_each_write_once_on_sqlite(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    service = Service(f"sqlite:///{file}", tmp_path / "log")
    writes = Writes(service, service.prepare(), WRITES)
    with service.running():
        writes.start()
        kill_servers(service, writes)
        writes.finish()

    tell(service, writes)
    assert set(writes.answers) <= {201, 409}, writes.answers
    assert service.killed == SERVER_KILLS
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = database.execute(ROWS).fetchall()
        each_once(writes, rows, database.execute(SPELLS).fetchall())


ROWS = "SELECT name, id FROM leads_restaurant"
SPELLS = "SELECT restaurant_id FROM leads_allocation"


def kill_servers(service: Service, writes: Writes) -> None:
    chance = random.Random(WRITES)  # noqa: S311 - which process, not a secret
    for number in range(SERVER_KILLS):
        writes.wait_for((number + 1) * WRITES // (SERVER_KILLS + 2))
        service.kill(chance)
        sleep(0.5)
        service.wait_until_ready()


def each_once(writes: Writes, rows: list[tuple[str, int]], spells: list[tuple[int]]) -> None:
    """All that was acknowledged, with the ids that were named, and with what belongs to it."""
    assert len(rows) == writes.number
    assert dict(rows) == writes.acknowledged
    assert sorted(spells) == sorted((key,) for _, key in rows)


def tell(service: Service, writes: Writes, waited: list[float] | None = None) -> None:
    """For who measures."""
    print(f"{service.killed} servers killed: answered {dict(writes.answers)}, not at all {writes.unanswered}")  # noqa: T201
    if waited is not None:
        print("Ready again after", ", ".join(f"{seconds:.1f} s" for seconds in waited))  # noqa: T201


# --- PostgreSQL -------------------------------------------------------------------------------------
class Cluster:
    """A PostgreSQL of the test's own, as durable as any, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data, self.port = folder, folder / "data", free_port()
        self.run("initdb", "--auth=trust", "--username=kam", "--encoding=UTF8", "--locale=C", f"--pgdata={self.data}")

    @property
    def url(self) -> str:
        return f"postgres://kam@127.0.0.1:{self.port}/postgres"

    def run(self, tool: str, *words: str) -> int:
        # PostgreSQL refuses to be root.
        command = [*(["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []), str(TOOLS[-1].with_name(tool))]
        return subprocess.run([*command, *words], cwd=self.folder, stdout=subprocess.DEVNULL, check=False).returncode

    def start(self) -> None:
        """Until it answers; what is left of one that was killed may still be going."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        words = ("start", "--wait", f"--pgdata={self.data}", f"--log={self.folder / 'log'}", f"--options={options}")
        end = monotonic() + PATIENCE
        while self.run("pg_ctl", *words):
            assert monotonic() < end, (self.folder / "log").read_text()[-3000:]
            sleep(0.2)

    def kill(self) -> None:
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self.data}")


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    if not TOOLS:
        pytest.skip("There is no initdb on this machine.")
    folder = Path(tempfile.mkdtemp(prefix="kam-"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    cluster = Cluster(folder)
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(folder)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="once is enough")
def test_it_keeps_each_write_once_though_postgresql_is_killed(cluster: Cluster, tmp_path: Path) -> None:
    service = Service(cluster.url, tmp_path / "log")
    writes = Writes(service, service.prepare(), 2 * WRITES)
    waited = []
    with service.running():
        writes.start()
        kill_servers(service, writes)
        unanswered = writes.unanswered
        for number in range(DATABASE_KILLS):
            writes.wait_for(WRITES + number * WRITES // (DATABASE_KILLS + 1))
            cluster.kill()
            sleep(OUTAGE)
            assert service.ask("GET", "/health/live")[0] == 200
            status, headers, problem = service.ask("GET", "/health/ready")
            assert (status, problem["code"], "database" in problem["errors"]) == (503, "not_ready", True)
            assert int(headers["Retry-After"]) > 0
            cluster.start()
            waited.append(service.wait_until_ready())
        writes.finish()

    tell(service, writes, waited)
    assert writes.answers[503] > 0
    assert set(writes.answers) <= {201, 409, 503}, writes.answers
    assert writes.unanswered == unanswered, "while only the database was away, each request was answered"
    assert max(waited) < READY_WITHIN
    with psycopg.connect(cluster.url) as database:
        each_once(writes, database.execute(ROWS).fetchall(), database.execute(SPELLS).fetchall())
