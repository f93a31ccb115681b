"""Many write to the history at the same moment, and others seal it: nothing is missed, and nothing looks wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from common.audit import Audit
from common.models import Change, Seal
from common.tasks import seal_audit
from leads.models import Restaurant
from tests.architecture import ROOT
from tests.cast import NOON, Cast, api, restaurant
from tests.races import at_once, database_url, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

KILLED = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from common.models import ChangeSet
from common.tasks import seal_audit

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

ChangeSet.update = die  # the seal is written, and its rows are not marked yet
seal_audit(datetime.fromisoformat(sys.argv[1]))
"""


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def problems() -> list[str]:
    audit = Audit()
    audit.check()
    return audit.problems


def changing_all_the_time(cast: Cast, rows: list[Restaurant]) -> list[Callable[[], Any]]:
    def change(row: Restaurant, who: str) -> list[int]:
        caller = api(getattr(cast, who))
        path = f"/lead/restaurants/{row.pk}/"
        return [caller.patch(path, {"notes": f"{who} {number}"}).status_code for number in range(6)]

    return [partial(change, row, who) for row in rows for who in ("root", "asha")]


def test_it_seals_and_checks_while_others_write(cast: Cast) -> None:
    rows, _ = [restaurant(cast.asha) for _ in range(2)], cast.root

    def seal() -> list[int]:
        return [seal_audit(NOON + timedelta(seconds=number)) for number in range(6)]

    def check() -> list[str]:
        return [problem for _ in range(4) for problem in problems()]

    *answers, _sealed, wrong = at_once(*changing_all_the_time(cast, rows), seal, check)
    assert answers == [[200] * 6] * 4
    assert wrong == []
    seal_audit(NOON + timedelta(minutes=1))
    assert problems() == []
    assert not Change.objects.unsealed().exists()
    for row in rows:
        versions = Change.objects.of(Restaurant).filter(row=row.pk).order_by("pk").values_list("version", flat=True)
        assert list(versions) == list(range(1, 14))


def test_it_tells_each_step_from_what_the_one_before_left(cast: Cast) -> None:
    (row,), _ = [restaurant(cast.asha)], cast.root
    at_once(*changing_all_the_time(cast, [row]))
    steps = [one["changes"]["notes"] for one in api(cast.asha).get(f"/lead/restaurants/{row.pk}/history/").json()]
    assert [after["old"] for after in steps[:-1]] == [before["new"] for before in steps[1:]]
    row.refresh_from_db()
    assert steps[0]["new"] == row.notes


def test_it_seals_each_row_once_when_several_do(cast: Cast) -> None:
    for _ in range(20):
        restaurant(cast.asha)
    number = Change.objects.count()
    assert sum(at_once(*[partial(seal_audit, NOON)] * 4)) == number
    assert sum(Seal.objects.values_list("rows", flat=True)) == number
    assert problems() == []


def test_it_misses_nothing_that_commits_after_it_sealed(cast: Cast) -> None:
    """A transaction takes its keys first, and commits last."""
    row, root = restaurant(cast.asha), cast.root
    seal_audit(NOON)
    if "sqlite" in database_url():
        pytest.skip("SQLite has one writer at a time.")

    def write_slowly() -> None:
        with transaction.atomic():
            held = Restaurant.objects.locked().get(pk=row.pk)
            held.revise(by=root, at=NOON, notes="Slow.")
            at_once(write_and_seal)

    def write_and_seal() -> None:
        other = restaurant(by=root)
        assert other.pk
        assert seal_audit(NOON + timedelta(minutes=1)) == 1

    write_slowly()
    late = Change.objects.unsealed().get()
    assert late.pk < Change.objects.filter(seal__isnull=False).latest("pk").pk
    assert problems() == []
    assert seal_audit(NOON + timedelta(minutes=2)) == 1
    assert problems() == []


def test_it_seals_nothing_by_halves_when_it_is_killed(cast: Cast) -> None:
    restaurant(cast.asha)
    number = Change.objects.count()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "LeadManagementSystem.settings",
        "DATABASE_URL": database_url(),
    }
    command = [sys.executable, "-c", KILLED, NOON.isoformat()]
    died = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert not Seal.objects.exists()
    assert problems() == []
    assert seal_audit(NOON) == number
    assert problems() == []
