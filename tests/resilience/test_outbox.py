"""Real processes that are killed, and a real mail server that goes away: nothing is lost, and hardly anything twice.

`make test-resilience MESSAGES=5000` runs it at the size of a busy day.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from time import monotonic, sleep

import pytest
from django.db import connection
from django.utils import timezone

from kams.models import User
from leads.messages import COVER_BEGUN
from notifications.models import Message
from tests.architecture import ROOT
from tests.ports import free_port
from tests.races import shared_database
from tests.smtp import Mailroom, smtp_server

MESSAGES = int(os.environ.get("RESILIENCE_MESSAGES", "300"))
WORKERS, KILLS = 3, 6
PATIENCE = 60 + MESSAGES / 5  # seconds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(2 * PATIENCE)]


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


@pytest.fixture
def start() -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Start a worker that sends to this port; those that still run at the end are killed."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(port: int) -> subprocess.Popen[bytes]:
        name = str(connection.settings_dict["NAME"])
        command = [sys.executable, "-m", "tests.resilience.worker", name, str(port)]
        started.append(subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()
        worker.wait()


def wait_until(reached: Callable[[], bool]) -> None:
    until = monotonic() + PATIENCE
    while not reached():
        assert monotonic() < until, "It does not get on."
        sleep(0.02)


def write() -> list[str]:
    """One mail for each of many people; the addresses."""
    now = timezone.now()
    people = [User(username=f"p{number}", email=f"p{number}@kams.example") for number in range(MESSAGES)]
    User.objects.bulk_create(people)
    facts = {"covering": "bela", "absent": "asha", "ends_at": now.isoformat()}
    Message.objects.tell(COVER_BEGUN, User.objects.filter(username__startswith="p"), key="r", at=now, facts=facts)
    return [person.email for person in people]


def test_it_loses_nothing_though_workers_are_killed_and_the_server_goes_away(
    start: Callable[[int], subprocess.Popen[bytes]],
) -> None:
    addresses, room, port = write(), Mailroom(), free_port()
    with ExitStack() as server:
        server.enter_context(smtp_server(room, port))
        workers = [start(port) for _ in range(WORKERS)]
        for kill in range(KILLS):
            wait_until(lambda enough=(kill + 1) * MESSAGES // (KILLS + 2): len(room.mails) >= enough)  # type: ignore[misc] # bound now
            victim = workers[kill % WORKERS]
            victim.kill()
            victim.wait()
            workers[kill % WORKERS] = start(port)
            if kill == KILLS // 2:
                server.close()
                sleep(3)
                server.enter_context(smtp_server(room, port))
        email = Message.objects.filter(channel="EMAIL")
        wait_until(lambda: not email.exclude(state="SENT").exists())

    arrived = Counter(str(mail["To"]) for mail in room.mails)
    assert arrived.keys() == set(addresses)
    assert len(room.mails) - MESSAGES <= KILLS
    assert len({str(mail["Message-ID"]) for mail in room.mails}) == MESSAGES
    assert email.count() == MESSAGES
