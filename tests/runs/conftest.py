"""Real processes that run jobs, on the database of the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.architecture import ROOT
from tests.races import database_url, shared_database

PATIENCE = 60  # seconds, for processes on a busy machine


def until(true: Callable[[], object], *, why: Callable[[], object] = str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, why()
        time.sleep(0.05)


@dataclass
class Processes:
    """Starts programs of the service with a table of `tests/runs/table.py`, and ends what is left of them."""

    folder: Path
    table: str = "TICKING"
    broker: str = ""
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.runs.settings",
            "DATABASE_URL": database_url(),
            "JOBS_TABLE": self.table,
            "JOBS_FOLDER": str(self.folder),
            "CELERY_BROKER_URL": self.broker,
        }
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(process)
        return process

    def run_jobs(self, *words: str) -> subprocess.Popen[bytes]:
        return self.start("manage.py", "run_jobs", *words)

    def celery(self, *words: str) -> subprocess.Popen[bytes]:
        return self.start("-m", "celery", "-A", "LeadManagementSystem", *words)

    def notes(self, name: str) -> list[int]:
        """Which processes wrote this down."""
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def noted(self, name: str, times: int = 1) -> None:
        """Wait until this was written down so often."""
        until(lambda: len(self.notes(name)) >= times, why=lambda: f"{name}: {self.log}")

    def go_on(self) -> None:
        (self.folder / "go on").touch()

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def processes(transactional_db: None, tmp_path: Path) -> Iterator[Processes]:  # noqa: ARG001 - its database is used
    with shared_database():
        begun = Processes(tmp_path)
        try:
            yield begun
        finally:
            begun.end()
