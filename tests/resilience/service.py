"""A service of real processes that a test may kill, and callers that repeat a write until it is acknowledged."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import Any

from tests.ports import free_port
from tests.runner import ROOT

PATIENCE = 90  # seconds, for a process to start on a busy machine
CALLERS = 4
CONFIG = ROOT / "deploy" / "gunicorn.conf.py"
PREPARE = """
from django.utils import timezone
from kams.models import User
from rest_framework_simplejwt.tokens import AccessToken
token = AccessToken.for_user(person := User.objects.create_user("writer", "writer@kams.example", None))
token["generation"] = person.token_generation
print(token)
"""
BODY = {
    "city": "Pune",
    "state": "Maharashtra",
    "pincode": "411001",
    "contact_person": "Meera",
    "phone": "020 5550 0199",
    "email": "meera@example.com",
}


class Service:
    """gunicorn on a database of its own; it is started again whenever it ends."""

    workers = 2

    def __init__(
        self, url: str, log: Path, *, application: str = "tests.resilience.server:application", **variables: str
    ) -> None:
        self.port, self.log, self.application = free_port(), log, application
        self.environment = {**os.environ, "DATABASE_URL": url, "LOG_LEVEL": "WARNING", "PYTHONPATH": str(ROOT)}
        self.environment |= variables
        self.process: subprocess.Popen[bytes] | None = None
        self.over = Event()
        self.killed = 0

    def manage(self, *words: str) -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def prepare(self) -> str:
        """The tables, and a person's token."""
        self.manage("migrate", "--no-input", "--verbosity", "0")
        return self.manage("shell", "--no-imports", "--command", PREPARE).strip()

    @contextmanager
    def running(self) -> Iterator[None]:
        keeper = Thread(target=self._keep_running)
        keeper.start()
        try:
            self.wait_until_ready()
            yield
        finally:
            self.over.set()
            if self.process is not None:
                self.process.terminate()
            keeper.join()

    def _keep_running(self) -> None:
        """As systemd and compose do: start it again, whyever it ended."""
        with self.log.open("a") as out:
            while not self.over.is_set():
                self.process = self.start(out)
                self.process.wait()
                sleep(0.2)

    def start(self, out: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG), self.application]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", str(self.workers)]
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=out, stderr=out)

    def kill(self, chance: random.Random) -> None:
        """End one of its processes as a lack of memory does."""
        master = self.process.pid if self.process else 0
        workers = [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        os.kill(chance.choice([master, *workers]), signal.SIGKILL)
        self.killed += 1

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, dict[str, str], Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            sent["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), sent)
            answer = connection.getresponse()
            raw = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, dict(answer.headers), json.loads(raw) if is_json else raw.decode()
        finally:
            connection.close()

    def wait_until_ready(self) -> float:
        """For how many seconds it was not ready."""
        began = monotonic()
        while monotonic() < began + PATIENCE:
            try:
                if self.ask("GET", "/health/ready")[0] == 200:
                    return monotonic() - began
            except (OSError, http.client.HTTPException):
                pass
            sleep(0.05)
        raise AssertionError(f"It does not get ready:\n{self.log.read_text()[-5000:]}")


class Writes:
    """So many restaurants, each written under a key of its own until its write is acknowledged."""

    def __init__(self, service: Service, token: str, number: int) -> None:
        self.service, self.token, self.number = service, token, number
        self.lock = Lock()
        self.left = iter(range(number))
        self.acknowledged: dict[str, int] = {}  # name to id
        self.answers: Counter[int] = Counter()
        self.unanswered = 0
        self.wrong: list[Any] = []
        self.threads = [Thread(target=self._write) for _ in range(CALLERS)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def wait_for(self, number: int) -> None:
        end = monotonic() + PATIENCE + number
        while len(self.acknowledged) < number:
            assert monotonic() < end, f"It does not get on: {self.answers}, {self.wrong}"
            assert not self.wrong, self.wrong
            sleep(0.02)

    def finish(self) -> None:
        self.wait_for(self.number)
        for thread in self.threads:
            thread.join()

    def _write(self) -> None:
        while (number := self._next()) is not None and not self.wrong:
            name = f"Restaurant {number}"
            while not self.wrong and not self._acknowledged(name):
                sleep(0.1)

    def _next(self) -> int | None:
        with self.lock:
            return next(self.left, None)

    def _acknowledged(self, name: str) -> bool:
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency_Key": name}
        try:
            status, said, body = self.service.ask("POST", "/lead/restaurants/", {**BODY, "name": name}, **headers)
        except (OSError, http.client.HTTPException):
            with self.lock:
                self.unanswered += 1
            return False
        with self.lock:
            self.answers[status] += 1
            if status == 201:
                self.acknowledged[name] = body["id"]
            elif not (
                status in {409, 503}
                and int(said.get("Retry-After", 0)) > 0
                and said["Content-Type"] == "application/problem+json"
            ):
                self.wrong.append((status, said, body))
        return status == 201
