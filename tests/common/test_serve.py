"""`manage.py serve`: from an empty folder to answers."""

import json
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

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from pytest_django import Settings

from call_planning.demo.people import ADMIN, PASSWORD, e_mail
from tests.ports import free_port
from tests.runner import ROOT


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines of the servers that took over; none of them runs."""
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, words: started.append(words[1:]))
    monkeypatch.setattr(subprocess, "Popen", lambda words: started.append(words[2:]))
    return started


def served(port: int) -> str:
    out = StringIO()
    call_command("serve", port=port, stdout=out)
    return out.getvalue()


def status(url: str | urllib.request.Request) -> int:
    """The status of the answer, as soon as there is one; 0 if there is none for a minute."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http to this machine
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            time.sleep(0.2)
    return 0


def log_in(port: int) -> int:
    credentials = json.dumps({"username": ADMIN, "password": PASSWORD}).encode()
    return status(
        urllib.request.Request(f"http://127.0.0.1:{port}/api/token/", credentials, {"Content-Type": "application/json"})
    )


def test_it_serves_an_empty_folder_until_it_is_told_to_stop(port: int, tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
            "EMAIL_URL": f"filemail:///{tmp_path / 'mail'}",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        answers = [status(f"http://127.0.0.1:{port}/health/live"), log_in(port)]
        sent = mail_about_a_password(port, tmp_path / "mail")
    finally:
        server.send_signal(signal.SIGTERM)
        output, _ = server.communicate(timeout=30)

    assert answers == [HTTPStatus.OK, HTTPStatus.OK], output
    assert ADMIN in output
    assert PASSWORD in output
    assert f"Docs   http://127.0.0.1:{port}/api/docs/" in output
    assert f"Mails  written to {tmp_path / 'mail'}" in output
    assert sent
    assert server.returncode == 0


def mail_about_a_password(port: int, folder: Path) -> bool:
    """Ask for a mail, and tell whether the jobs sent it."""
    body = json.dumps({"email": e_mail(ADMIN)}).encode()
    url = f"http://127.0.0.1:{port}/kam/password-reset/"
    assert status(urllib.request.Request(url, body, {"Content-Type": "application/json"})) == HTTPStatus.OK
    for _ in range(150):
        if any("Choose another password" in mail.read_text() for mail in folder.glob("*.log")):
            return True
        time.sleep(0.2)
    return False


@pytest.mark.django_db
def test_it_starts_the_jobs_beside_the_server(started: list[list[str]], port: int) -> None:
    served(port)
    jobs, _ = started
    assert jobs == ["run_jobs", "--beside", str(os.getpid())]


@pytest.mark.django_db
def test_it_leaves_the_jobs_to_others_where_asked(started: list[list[str]], port: int) -> None:
    call_command("serve", port=port, no_jobs=True, stdout=StringIO())
    assert [words[1] for words in started] == ["gunicorn"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("backend", "place"), [("smtp", "sent through mail.example.com"), ("dummy", "left to django.")]
)
def test_it_says_where_mails_go(
    started: list[list[str]], port: int, settings: Settings, backend: str, place: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    settings.EMAIL_HOST = "mail.example.com"
    assert f"Mails  {place}" in served(port)
    assert started


@pytest.mark.django_db
def test_it_starts_the_server_where_and_as_large_as_asked(started: list[list[str]], port: int) -> None:
    get_user_model().objects.create_user("asha", "asha@example.com", "correct horse battery")

    call_command("serve", host="127.0.0.2", port=port, workers=3, stdout=StringIO())

    words = started[-1]
    assert words[:3] == ["-m", "gunicorn", "LeadManagementSystem.wsgi:application"]
    assert f"--bind 127.0.0.2:{port}" in " ".join(words)
    assert "--workers 3" in " ".join(words)


@pytest.mark.django_db
def test_it_adds_nothing_to_a_database_that_knows_somebody(started: list[list[str]], port: int) -> None:
    get_user_model().objects.create_user("asha", "asha@example.com", "correct horse battery")

    output = served(port)

    assert started
    assert "log in" not in output.lower()
    assert get_user_model().objects.count() == 1


@pytest.mark.django_db
def test_it_says_how_to_begin_where_the_demo_is_not_wanted(
    started: list[list[str]], port: int, settings: Settings
) -> None:
    settings.PRODUCTION = True

    assert "Nobody can log in yet: manage.py createsuperuser" in served(port)
    assert started
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_it_collects_the_static_files_that_the_pages_need(
    started: list[list[str]], port: int, settings: Settings, tmp_path: Path
) -> None:
    get_user_model().objects.create_user("asha", "asha@example.com", "correct horse battery")
    settings.WHITENOISE_USE_FINDERS = False
    settings.STATIC_ROOT = tmp_path

    served(port)

    assert started
    assert (tmp_path / "admin" / "css" / "base.css").is_file()


def test_it_says_before_any_work_that_the_port_is_taken(started: list[list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with pytest.raises(CommandError, match=rf"Cannot listen on 127\.0\.0\.1:{taken}: .* PORT={taken + 1}"):
            served(taken)

    assert started == []
