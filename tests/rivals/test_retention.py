"""A clean-up that is killed, or meets others: no interaction is lost, and none is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from interaction_tracking import archive, retention
from interaction_tracking.models import Interaction
from interaction_tracking.tasks import clean_up_interactions
from tests.architecture import ROOT
from tests.cast import NOON, Cast, contact, interaction, restaurant
from tests.interaction_tracking.kept import kept
from tests.races import at_once, database_url, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

THEN = NOON - timedelta(days=1000)
# A clean-up in batches of two that kills itself at one point of the first.
KILLED = """
import os, signal, sys
from datetime import datetime
import django
django.setup()
from django.db import transaction
from common import drafts
from interaction_tracking import retention

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_before_commit(work):
    with transaction.atomic():
        work()
        die()

point = sys.argv[1]
if point == "while it writes the file":
    drafts.os.fsync = die
if point == "before it removes the rows":
    retention._remove = die
if point == "before it commits":
    retention.in_transaction = die_before_commit
for batch in retention.clean_up(at=datetime.fromisoformat(sys.argv[2]), size=2):
    die()
"""


@pytest.fixture(autouse=True)
def _shared(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.RETENTION_DAYS, settings.RETENTION_FOLDER = 365, str(tmp_path)
    with shared_database():
        yield


@pytest.fixture
def rows(cast: Cast) -> list[Interaction]:
    """Five of a restaurant that is long inactive, each with somebody who took part."""
    with transaction.atomic():
        row = restaurant(cast.asha, at=THEN, lead_status="INACTIVE")
        who = contact(row)
        return [interaction(who, at=THEN, participants=[who]) for _ in range(5)]


def restore_all(folder: Path) -> None:
    for file in sorted(folder.glob(f"*{archive.SUFFIX}")):
        retention.restore(file, at=NOON)


@pytest.mark.parametrize(
    ("point", "left"),
    [
        ("while it writes the file", 5),
        ("before it removes the rows", 5),
        ("before it commits", 5),
        ("after the first batch", 3),
    ],
)
@pytest.mark.usefixtures("rows")
def test_it_loses_and_doubles_nothing_when_it_is_killed(tmp_path: Path, point: str, left: int) -> None:
    before = kept()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "LeadManagementSystem.settings",
        "DATABASE_URL": database_url(),
        "RETENTION_DAYS": "365",
        "RETENTION_FOLDER": str(tmp_path),
    }
    command = [sys.executable, "-c", KILLED, point, NOON.isoformat()]
    died = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert Interaction.objects.count() == left
    # Done again, it goes on from there; what the files hold is what there was.
    assert clean_up_interactions(NOON) == left
    assert not Interaction.objects.exists()
    restore_all(tmp_path)
    assert kept() == before


@pytest.mark.usefixtures("rows")
def test_it_may_run_several_times_at_once(tmp_path: Path) -> None:
    before = kept()
    assert sum(at_once(*[partial(clean_up_interactions, NOON)] * 4)) == 5
    assert not Interaction.objects.exists()
    restore_all(tmp_path)
    assert kept() == before


@pytest.mark.parametrize("change", ["details", "order", "participants", "reopened"])
def test_it_keeps_what_changes_between_its_file_and_its_removal(
    cast: Cast, rows: list[Interaction], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = retention._remove

    def meanwhile(*given: Any, **more: Any) -> int:
        with transaction.atomic():
            row = Interaction.objects.locked().get(pk=rows[0].pk)
            if change == "details":
                row.revise(by=cast.asha, at=NOON, details="Corrected.")
            elif change == "participants":
                row.revise(by=cast.asha, at=NOON, participants=[])
            elif change == "order":
                row.write_order(by=cast.asha, at=NOON, product_details="Rice", quantity=1, total_price=5)
            else:
                row.lead.change_status("CONTACTED", by=cast.asha, at=NOON)
        return remove(*given, **more)

    monkeypatch.setattr(retention, "_remove", meanwhile)
    expected = 0 if change == "reopened" else 4
    assert next(retention.clean_up(at=NOON)).rows == expected
    assert Interaction.objects.filter(pk=rows[0].pk).exists()
    assert Interaction.objects.count() == 5 - expected


@pytest.mark.usefixtures("rows")
def test_it_restores_once_whoever_restores(tmp_path: Path) -> None:
    before = kept()
    clean_up_interactions(NOON)
    (file,) = tmp_path.glob(f"*{archive.SUFFIX}")
    done = at_once(*[partial(retention.restore, file, at=NOON)] * 3)
    assert sorted(one.rows for one in done) == [0, 0, 5]
    assert kept() == before
