"""`manage.py serve`: from an empty folder to answers."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from http import HTTPStatus
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pytest_django import Settings

from common.management.commands import serve
from tests.runner import ROOT


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that serve calls, and the server's command line; none of them runs."""
    calls: list[str] = []
    monkeypatch.setattr(serve, "call_command", lambda name, **_: calls.append(name))
    monkeypatch.setattr(os, "execv", lambda _, words: calls.append(" ".join(words[1:])))
    return calls


def served(port: int) -> str:
    out = StringIO()
    call_command("serve", port=port, stdout=out)
    return out.getvalue()


def status(url: str) -> int:
    """The status of the answer, as soon as there is one; 0 if there is none for half a minute."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http to this machine
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            time.sleep(0.2)
    return 0


def test_it_serves_until_it_is_told_to_stop(port: int, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
        "DJANGO_SUPERUSER_PASSWORD": "correct horse battery",
    }
    manage = [sys.executable, "manage.py"]
    first_person = ["createsuperuser", "--no-input", "--username", "root", "--email", "root@example.com"]
    for command in (["migrate", "--verbosity", "0"], first_person):
        subprocess.run([*manage, *command], cwd=ROOT, env=environment, check=True, capture_output=True)

    server = subprocess.Popen(
        [*manage, "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        answers = [status(f"http://127.0.0.1:{port}{path}") for path in ("/health/live", "/lead/restaurants/")]
    finally:
        server.send_signal(signal.SIGTERM)
        output, _ = server.communicate(timeout=30)

    assert answers == [HTTPStatus.OK, HTTPStatus.UNAUTHORIZED], output
    assert f"Docs   http://127.0.0.1:{port}/api/docs/" in output
    assert server.returncode == 0


@pytest.mark.django_db
def test_it_fills_an_empty_database(calls: list[str], port: int) -> None:
    served(port)

    assert calls[:2] == ["migrate", "demo"]
    assert "gunicorn LeadManagementSystem.wsgi:application" in calls[2]
    assert f"--bind 127.0.0.1:{port}" in calls[2]


@pytest.mark.django_db
def test_it_leaves_a_database_alone_that_knows_somebody(calls: list[str], port: int) -> None:
    get_user_model().objects.create_user("asha", "asha@example.com", "correct horse battery")

    served(port)

    assert "demo" not in calls


@pytest.mark.django_db
def test_it_says_how_to_log_in_without_demo_data(calls: list[str], port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "get_commands", dict[str, Any])

    assert "manage.py createsuperuser" in served(port)
    assert "demo" not in calls


@pytest.mark.django_db
def test_it_collects_the_static_files_that_the_pages_need(calls: list[str], port: int, settings: Settings) -> None:
    settings.WHITENOISE_USE_FINDERS = False

    served(port)

    assert "collectstatic" in calls


def test_it_says_before_any_work_that_the_port_is_taken(calls: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{taken}: .* PORT={taken + 1}"):
            served(taken)

    assert calls == []
