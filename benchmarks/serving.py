"""Starts each server on loopback as it would run in production, and knows which processes it is."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.processors import resident_mb, tree

ROOT = Path(__file__).resolve().parents[1]
WORKERS, THREADS = 2, 4
PATIENCE = 180  # seconds
# What our settings tell PostgreSQL, told by every peer: it tunes the database, and is no merit of a framework.
DATABASE_OPTIONS = "-c random_page_cost=1.1 -c max_parallel_workers_per_gather=0 -c statement_timeout=600000"


def _gunicorn(app: str, *more: str) -> Callable[[int], list[str]]:
    def command(port: int) -> list[str]:
        said = [*("--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "75"), *more]
        # Heartbeats are files, which must not wait for a disk; as in our own configuration.
        said += ["--no-control-socket", "--worker-tmp-dir", "/dev/shm"]  # noqa: S108
        return [*("gunicorn", app), *said, *_where(port)]

    return command


def _deployed(*more: str) -> Callable[[int], list[str]]:
    def command(port: int) -> list[str]:
        said = ["--config", "deploy/gunicorn.conf.py", *more]
        return [*("gunicorn", "LeadManagementSystem.wsgi:application"), *said, *_where(port)]

    return command


def _where(port: int) -> tuple[str, ...]:
    # Nor is a worker that starts slowly to be killed for it.
    return "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--timeout", "300"


def _granian(port: int) -> list[str]:
    said = ["--interface", "wsgi", "--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--no-access-log"]
    return ["granian", *said, "--host", "127.0.0.1", "--port", str(port), "LeadManagementSystem.wsgi:application"]


def _uvicorn(port: int) -> list[str]:
    app = "benchmarks.peers.fastapi_sqlalchemy:app"
    said = ["--workers", str(WORKERS), "--no-access-log", "--timeout-keep-alive", "75"]
    # A machine with much to do takes longer to start a worker than the five seconds after which it is killed.
    said += ["--timeout-worker-healthcheck", "120"]
    return ["uvicorn", app, *said, "--host", "127.0.0.1", "--port", str(port)]


@dataclass(frozen=True)
class Kind:
    """A way to serve: what it is, how it starts, and what is said in its environment."""

    what: str
    command: Callable[[int], list[str]]
    said: dict[str, str] = field(default_factory=dict)


_DJANGO = "django.core.wsgi:get_wsgi_application()"
KINDS = {
    "ours": Kind("the service as deployed, limits on requests off", _deployed()),
    "ours-limits": Kind("the service as deployed", _deployed(), {"PERSON_REQUESTS_A_MINUTE": "1000000"}),
    "ours-sync": Kind("the service, gunicorn's sync workers", _deployed("--worker-class", "sync", "--threads", "1")),
    "ours-granian": Kind("the service, granian", _granian),
    "floor": Kind("a bare WSGI function, psycopg's pool, orjson", _gunicorn("benchmarks.peers.floor:application")),
    "fastapi": Kind("FastAPI, SQLAlchemy 2 core, asyncpg, pydantic; uvicorn", _uvicorn),
    "ninja": Kind(
        "django-ninja, persistent connections",
        _gunicorn(_DJANGO),
        {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.ninja_settings"},
    ),
    "stock": Kind(
        "stock DRF, page numbers, persistent connections",
        _gunicorn(_DJANGO),
        {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.stock_settings"},
    ),
}


class DidNotStart(Exception):
    """The server ended, or does not listen."""


@dataclass
class Server:
    name: str
    port: int
    process: subprocess.Popen[bytes]
    application: str

    @property
    def processes(self) -> list[int]:
        return tree(self.process.pid)

    @property
    def worker_mb(self) -> float:
        """The memory of the largest of its processes, which is a worker."""
        return max(resident_mb(one) for one in self.processes)


def production(*, database_url: str, cache_url: str, state: str) -> dict[str, str]:
    """The settings of production, with keys that are made up for one run."""
    keys = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "JWT_SIGNING_KEY", "AUDIT_KEY")}
    return {
        **keys,
        "ENVIRONMENT": "production",
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SECURE_SSL_REDIRECT": "false",
        "DATABASE_URL": database_url,
        "CACHE_URL": cache_url,
        "STATE_DIR": state,
        "TIME_ZONE": "UTC",
        # The peers count nobody, so neither do we; `ours-limits` does.
        "PERSON_REQUESTS_A_MINUTE": "0",
        "ADDRESS_REQUESTS_A_MINUTE": "0",
        "DJANGO_SETTINGS_MODULE": "LeadManagementSystem.settings",
        "BENCH_DATABASE_OPTIONS": DATABASE_OPTIONS,
        "PYTHONPATH": str(ROOT),
    }


@contextmanager
def served(names: list[str], environment: dict[str, str]) -> Iterator[list[Server]]:
    """All of these at once, each on a port of its own, until the block ends."""
    servers: list[Server] = []
    with TemporaryDirectory() as logs:
        try:
            servers.extend(_start(name, environment, Path(logs) / name) for name in names)
            for server in servers:
                _wait_for(server, Path(logs) / server.name)
            yield servers
        finally:
            for server in servers:
                server.process.send_signal(signal.SIGTERM)
            for server in servers:
                _end(server.process)


def _start(name: str, environment: dict[str, str], log: Path) -> Server:
    kind, port, application = KINDS[name], free_port(), f"kam-bench-{name}"
    said = {"PGAPPNAME": application, "BENCH_APPLICATION": application, **kind.said}
    program, *arguments = kind.command(port)
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 - our own commands
            [str(Path(sys.executable).with_name(program)), *arguments],
            cwd=ROOT,
            env={**os.environ, **environment, **said},
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Server(name, port, process, application)


def _wait_for(server: Server, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.1)
    raise DidNotStart(f"{server.name} does not listen:\n{log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
