"""The next release migrates while this one serves: nobody is refused.

`make test-resilience ROWS=1000000` runs it on a table of that size.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from leads.models import Restaurant
from tests.cast import Cast, restaurant, token_for
from tests.races import database_url
from tests.resilience.service import Service, Writes
from tests.runner import ROOT

ROWS = int(os.environ.get("RESILIENCE_ROWS", "5000"))
WRITES = 40

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300 + ROWS / 500),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the others have no online changes"),
]
LATER = """
from django.db import migrations, models
from common.online import AddIndexOnline

def fill(apps, schema_editor):
    rows, last = apps.get_model("leads", "Restaurant").objects.order_by("pk"), 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:2000]):
        rows.filter(pk__in=keys).update(planted=models.F("city"))
        last = keys[-1]

class Migration(migrations.Migration):
    atomic = False
    dependencies = [("leads", "{newest}")]
    operations = [
        migrations.AddField("restaurant", "planted", models.CharField(max_length=100, null=True)),
        AddIndexOnline("restaurant", models.Index(fields=["planted", "id"], name="by_planted")),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
"""
SETTINGS = """
from LeadManagementSystem.settings import *
MIGRATION_MODULES = {{"leads": "later"}}
RELEASED_MIGRATIONS = {{"leads": "{newest}"}}
"""


class NextRelease:
    """The code as it is, with one more migration of leads."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(ROOT / "leads" / "migrations", folder / "later")
        self.newest = max(path.stem for path in (folder / "later").glob("0*.py"))
        (folder / "later" / "9999_planted.py").write_text(LATER.format(newest=self.newest))
        (folder / "next_release.py").write_text(SETTINGS.format(newest=self.newest))
        own = {"DJANGO_SETTINGS_MODULE": "next_release", "PYTHONPATH": str(folder), "DATABASE_URL": database_url()}
        self.environment = {**os.environ, **own}

    def manage(self, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def fill_up(cast: Cast) -> None:
    """Rows like one that there is."""
    with transaction.atomic():
        one = restaurant(cast.asha)
    table = Restaurant._meta
    given = [f'"{field.column}"' for field in table.concrete_fields if not field.primary_key and not field.generated]
    columns = ", ".join(given)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            f"INSERT INTO {table.db_table} ({columns}) SELECT {columns} "  # noqa: S608 - names of our own table
            f"FROM {table.db_table}, generate_series(2, %s) WHERE id = %s",
            [ROWS, one.pk],
        )


def test_it_refuses_nobody_while_the_next_release_migrates(cast: Cast, tmp_path: Path) -> None:
    fill_up(cast)
    release = NextRelease(tmp_path)
    service = Service(database_url(), tmp_path / "log")
    token = token_for(cast.asha)
    over, read = Event(), list[int]()

    def ask() -> None:
        while not over.is_set():
            for path in ("/lead/restaurants/?page_size=50", "/health/live"):
                read.append(service.ask("GET", path, Authorization=f"Bearer {token}")[0])

    writes = Writes(service, token, 1_000_000)
    reader = Thread(target=ask)
    with service.running():
        try:
            reader.start()
            writes.start()
            writes.wait_for(WRITES // 2)
            release.manage("check_migrations")
            began = len(writes.acknowledged)
            release.manage("migrate", "leads", "--verbosity", "0")
            during = len(writes.acknowledged) - began
            writes.wait_for(len(writes.acknowledged) + WRITES // 2)
        finally:
            over.set()
            writes.left = iter(())
            for thread in (reader, *writes.threads):
                thread.join()
    release.manage("migrate", "leads", release.newest, "--verbosity", "0")

    assert during > 0
    assert set(read) == {200}
    assert set(writes.answers) == {201}
    assert writes.unanswered == 0
    assert Restaurant.objects.count() == ROWS + len(writes.acknowledged)
    print(f"{ROWS} rows: {during} writes and {len(read)} reads meanwhile")  # noqa: T201 - for who measures
