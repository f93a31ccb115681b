"""A server that is told to stop answers what it was asked before."""

import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import sleep

import pytest
from django.db import connection

from tests.resilience.service import BODY, Service


@pytest.mark.skipif(connection.vendor != "sqlite", reason="of the server, not of the database")
def test_it_finishes_a_request_after_it_was_told_to_stop(tmp_path: Path) -> None:
    file = tmp_path / "db.sqlite3"
    service = Service(f"sqlite:///{file}", tmp_path / "log", application="LeadManagementSystem.wsgi")
    headers = {"Authorization": f"Bearer {service.prepare()}"}
    with ThreadPoolExecutor() as pool, closing(sqlite3.connect(file, isolation_level=None)) as other, service.running():
        # Nobody else may write: the request waits in its middle.
        other.execute("BEGIN IMMEDIATE")
        slow = pool.submit(service.ask, "POST", "/lead/restaurants/", {**BODY, "name": "Willow"}, **headers)
        sleep(1)
        service.over.set()
        assert service.process is not None
        service.process.send_signal(signal.SIGTERM)
        sleep(1)
        assert not slow.done()
        other.execute("ROLLBACK")
        status, _, body = slow.result(timeout=30)
        assert service.process.wait(timeout=30) == 0

    assert (status, body.get("name")) == (201, "Willow"), body
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM leads_restaurant").fetchall() == [("Willow",)]
