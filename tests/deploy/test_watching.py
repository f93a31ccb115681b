"""Metrics and reports of crashes: off, and honest when they are asked for."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection

from tests.cast import Cast, api
from tests.docs.pages import page, plain
from tests.resilience.service import BODY, Service
from tests.runner import ROOT

TOKEN = "a-token-for-prometheus-of-forty-two-bytes-"
pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="once is enough")


# --- Metrics ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_has_no_metrics_unless_they_are_asked_for(cast: Cast) -> None:
    assert api(cast.root).get("/metrics").status_code == 404


def test_it_tells_who_has_the_token_what_all_processes_counted(tmp_path: Path) -> None:
    variables = {"METRICS_TOKEN": TOKEN, "STATE_DIR": str(tmp_path)}
    service = Service(f"sqlite:///{tmp_path / 'db'}", tmp_path / "log", **variables)
    headers = {"Authorization": f"Bearer {service.prepare()}"}
    with service.running():
        for number in range(20):
            assert service.ask("POST", "/lead/restaurants/", {**BODY, "name": str(number)}, **headers)[0] == 201
        refused = [service.ask("GET", "/metrics", **wrong) for wrong in ({}, headers, {"Authorization": "Bearer "})]
        status, said, text = service.ask("GET", "/metrics", Authorization=f"Bearer {TOKEN}")

    assert [(one[0], one[2]["code"]) for one in refused] == [(401, "not_authenticated")] * 3
    assert (status, said["Cache-Control"]) == (200, "no-store")
    assert said["Content-Type"].startswith("text/plain")
    counted = [
        line for line in text.splitlines() if line.startswith("django_http_responses_total_by_status_view_method")
    ]
    (posts,) = [line for line in counted if 'method="POST"' in line and 'status="201"' in line]
    assert posts.endswith(" 20.0")
    for row in page("docs/operating.md").table("metric"):
        assert f"# TYPE {plain(row['metric'])} gauge" in text
    assert 'kam_job_late{job="forget-runs"} 1.0' in text
    assert "kam_outbox_waiting_seconds 0.0" in text


def started(**variables: str) -> str:
    """What a start says that is refused."""
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    return done.stderr.splitlines()[-1]


def test_it_refuses_a_token_that_is_soon_guessed() -> None:
    assert "METRICS_TOKEN must have at least 32 random bytes" in started(METRICS_TOKEN="short")


@pytest.mark.parametrize(
    ("package", "variable", "value"),
    [
        ("django_prometheus", "METRICS_TOKEN", TOKEN),
        ("sentry_sdk", "SENTRY_DSN", "http://key@127.0.0.1:9/1"),
    ],
)
def test_it_names_the_package_that_is_missing(package: str, variable: str, value: str, tmp_path: Path) -> None:
    hidden = f"import sys; sys.modules[{package!r}] = None\nimport importlib.util as u\nfound = u.find_spec\n"
    (tmp_path / "sitecustomize.py").write_text(
        f"{hidden}u.find_spec = lambda name, *more: None if name == {package!r} else found(name, *more)\n"
    )
    said = started(**{variable: value, "PYTHONPATH": str(tmp_path)})
    assert f"{variable} needs {package}: pip install --require-hashes -r requirements-optional.txt" in said


# --- Crashes ----------------------------------------------------------------------------------------
CRASH = """
import django
django.setup()
import sentry_sdk
from unittest.mock import patch
from django.test import Client
from kams.views.tokens import LogInView
with patch.object(LogInView, "post", side_effect=ValueError("It said 'correct horse battery'")):
    answer = Client(raise_request_exception=False).post(
        "/api/token/", {"username": "asha-menon", "password": "correct horse battery"},
        content_type="application/json", headers={"Authorization": "Bearer secret-token", "X-Request-ID": "r-77"},
    )
assert answer.status_code == 500, answer.content
sentry_sdk.flush(20)
"""


@pytest.fixture
def sentry() -> Iterator[tuple[str, list[str]]]:
    """The address of a Sentry on this machine, and what it has heard."""
    heard: list[str] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((gzip.decompress(raw) if self.headers["Content-Encoding"] == "gzip" else raw).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", heard
        server.shutdown()
        thread.join()


def test_it_reports_a_crash_and_nothing_that_people_sent(sentry: tuple[str, list[str]], tmp_path: Path) -> None:
    dsn, heard = sentry
    variables = {
        "SENTRY_DSN": dsn,
        "DJANGO_SETTINGS_MODULE": "LeadManagementSystem.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db'}",
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", CRASH],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

    events = [json.loads(line) for one in heard for line in one.splitlines() if '"exception"' in line]
    (event,) = events
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert (event["tags"]["request_id"], event["transaction"]) == ("r-77", "/api/token/")
    assert event["release"].startswith("kam@")
    for secret in ("correct", "asha-menon", "secret-token"):
        assert secret not in "".join(heard)
    assert "It said" in done.stderr, "our own log has the words"
