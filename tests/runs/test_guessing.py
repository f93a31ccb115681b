"""Guessed passwords and a server of four processes: they share the count, and believe no header."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from axes.models import AccessAttempt
from pytest_django import Settings

from tests.cast import PASSWORD, person
from tests.ports import free_port
from tests.runs.conftest import Processes, until

GUESSES, MOST, PROCESSES = 40, 10, 4


@pytest.fixture
def address(processes: Processes) -> str:
    """Where a server of four processes answers."""
    address = f"127.0.0.1:{free_port()}"
    words = ["-m", "gunicorn", "LeadManagementSystem.wsgi", "--bind", address, "--workers", str(PROCESSES)]
    processes.start(*words, "--worker-class", "gthread", "--threads", "2", "--no-control-socket")
    until(lambda: processes.log.count("Booting worker") == PROCESSES, why=lambda: processes.log)
    until(lambda: status(f"http://{address}/health/live") == 200, why=lambda: processes.log)
    return address


def status(request: str | urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - http to this machine
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def log_in(address: str, password: str, *, by_way_of: str) -> int:
    body = json.dumps({"username": "asha", "password": password}).encode()
    headers = {"Content-Type": "application/json", "X-Forwarded-For": by_way_of, "Forwarded": f"for={by_way_of}"}
    return status(urllib.request.Request(f"http://{address}/api/token/", body, headers))


def test_forty_guesses_are_stopped_within_ten(address: str, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # as in the processes
    asha = person("asha")
    asha.set_password(PASSWORD)
    asha.save()
    with ThreadPoolExecutor(PROCESSES) as pool:
        guesses = pool.map(
            lambda number: log_in(address, f"guess {number}", by_way_of=f"203.0.113.{number}"), range(GUESSES)
        )
        answers = Counter(guesses)
    assert answers.keys() == {401, 429}
    assert answers[401] <= MOST
    assert log_in(address, PASSWORD, by_way_of="198.51.100.1") == 429
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}
