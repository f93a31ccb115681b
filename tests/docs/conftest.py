"""The service as `make run` serves it, with the demo in a database of its own."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import ROOT
from tests.ports import free_port

PATIENCE = 90  # seconds, for the demo to be written on a busy machine


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the service answers, as `http://127.0.0.1:…`."""
    folder = tmp_path_factory.mktemp("served")
    port = free_port()
    environment = {
        **os.environ,
        "ENVIRONMENT": "development",
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
    }
    log = folder / "log"
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        _await(f"http://127.0.0.1:{port}/health/ready", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _await(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Until it is ready and each job has run once, as it is described."""
    end = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http to this machine
                if not json.load(answer)["degraded"]:
                    return
        except OSError:
            pass
        time.sleep(0.2)
    pytest.fail(f"The service did not get ready:\n{log.read_text()}")
