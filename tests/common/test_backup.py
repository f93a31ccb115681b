"""`manage.py backup` and `restore`: each write is in it whole or not at all, and comes back as it was."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Event, Thread
from time import sleep

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from common.backups import Manifest, back_up
from leads.models import Allocation, Restaurant
from tests.cast import Cast, api, restaurant
from tests.docs.pages import page
from tests.races import database_url, shared_database
from tests.runner import ROOT

WRITERS = 3
in_transaction = transaction.atomic(restaurant)
BODY = {
    "name": "Willow",
    "city": "Pune",
    "state": "Maharashtra",
    "pincode": "411001",
    "contact_person": "Meera",
    "phone": "020 5550 0199",
    "email": "meera@example.com",
}

on_sqlite = pytest.mark.skipif("sqlite" not in connection.vendor, reason="one of two is enough")
offered = pytest.mark.skipif(connection.vendor == "mysql", reason="refused there, see below")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


@contextmanager
def an_empty_database(folder: Path) -> Iterator[None]:
    """The connection leads to a database without a table, of the same kind."""
    name = str(connection.settings_dict["NAME"])
    other = str(folder / "other.sqlite3") if connection.vendor == "sqlite" else f"{name}_copy"
    if connection.vendor == "postgresql":
        make(f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)', f'CREATE DATABASE "{other}"')
    lead_to(other)
    try:
        yield
    finally:
        lead_to(name)
        if connection.vendor == "postgresql":
            make(f'DROP DATABASE IF EXISTS "{other}" WITH (FORCE)')


def lead_to(name: str) -> None:
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined] # of PostgreSQL
    connection.settings_dict["NAME"] = name


def make(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def counts() -> dict[str, int]:
    return {
        model._meta.db_table: model._default_manager.count() for model in apps.get_models(include_auto_created=True)
    }


def backup(file: Path) -> str:
    out = StringIO()
    call_command("backup", str(file), stdout=out)
    return out.getvalue()


def restore(file: Path, **options: bool) -> str:
    out = StringIO()
    call_command("restore", str(file), stdout=out, **options)
    return out.getvalue()


# --- While people write -----------------------------------------------------------------------------
@offered
def test_it_is_of_one_moment_while_people_write_and_comes_back_as_it_was(cast: Cast, tmp_path: Path) -> None:
    callers, over, written = [api(cast.asha) for _ in range(WRITERS)], Event(), []

    def write(number: int) -> None:
        while not over.is_set():
            answer = callers[number].post("/lead/restaurants/", {**BODY, "name": f"Willow {number}"})
            written.append(answer.status_code)
        connections.close_all()

    file = tmp_path / "kam.backup"
    threads = [Thread(target=write, args=(number,)) for number in range(WRITERS)]
    try:
        for thread in threads:
            thread.start()
        while len(written) < 5:
            sleep(0.01)
        before = Restaurant.objects.count()
        backup(file)
        after = len(written)
    finally:
        over.set()
        for thread in threads:
            thread.join()

    assert set(written) == {201}, "nobody noticed"
    assert len(written) > 5
    manifest = Manifest.of(file)
    kept = manifest.tables["leads_restaurant"].rows
    assert before <= kept <= after + WRITERS
    with an_empty_database(tmp_path):
        assert "every table is what it was" in restore(file)
        assert counts().items() <= {name: table.rows for name, table in manifest.tables.items()}.items()
        # A restaurant and its first allocation are one transaction.
        assert Restaurant.objects.count() == Allocation.objects.count() == kept
        again = tmp_path / "again.backup"
        assert back_up(again).tables == manifest.tables
        # It serves: people read and write on, with keys that go on.
        caller = api(cast.asha)
        assert len(caller.get("/lead/restaurants/").json()) == min(kept, 500)
        assert caller.post("/lead/restaurants/", BODY).status_code == 201
    assert Restaurant.objects.count() == len(written)


@offered
def test_it_says_what_it_holds_and_keeps_it_to_itself(cast: Cast, tmp_path: Path) -> None:
    in_transaction(cast.asha, name="Ψ “quoted”\n", phone="\\N")
    file = tmp_path / "kam.backup"

    said = backup(file)

    manifest = json.loads((tmp_path / "kam.backup.manifest.json").read_text())
    rows = sum(table["rows"] for table in manifest["tables"].values())
    assert said == f"{file} holds {rows} rows of {len(manifest['tables'])} tables in {file.stat().st_size} bytes.\n"
    assert sorted(path.name for path in tmp_path.glob("*")) >= ["kam.backup", "kam.backup.manifest.json"]
    assert not list(tmp_path.glob("*.draft*"))
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("kam*")} == {0o600}
    assert f"is whole: {rows} rows" in restore(file, verify=True)
    with an_empty_database(tmp_path):
        restore(file)
        assert Restaurant.objects.get().name == "Ψ “quoted”\n"


# --- Refusals ---------------------------------------------------------------------------------------
@offered
def test_it_restores_over_nothing(cast: Cast, tmp_path: Path) -> None:
    in_transaction(cast.asha)
    backup(tmp_path / "kam.backup")
    with pytest.raises(CommandError, match=r"has \d+ tables already\. A restore fills an empty one"):
        restore(tmp_path / "kam.backup")
    assert Restaurant.objects.count() == 1


@offered
def test_it_refuses_a_table_that_is_not_what_it_was(cast: Cast, tmp_path: Path) -> None:
    in_transaction(cast.asha)
    file, beside = tmp_path / "kam.backup", tmp_path / "kam.backup.manifest.json"
    backup(file)
    said = json.loads(beside.read_text())
    said["tables"]["leads_restaurant"]["sha256"] = "0" * 64
    beside.write_text(json.dumps(said))
    with an_empty_database(tmp_path), pytest.raises(CommandError, match="differs from the backup in leads_restaurant"):
        restore(file)


@on_sqlite
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "manifest gone", "manifest cut", "of another kind"])
def test_it_refuses_a_damaged_backup(cast: Cast, tmp_path: Path, damage: str) -> None:
    in_transaction(cast.asha)
    file, beside = tmp_path / "kam.backup", tmp_path / "kam.backup.manifest.json"
    backup(file)
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    if damage == "cut":
        os.truncate(file, len(whole) - 1)
    elif damage == "changed":
        file.write_bytes(whole)
    elif damage == "gone":
        file.unlink()
    elif damage == "manifest gone":
        beside.unlink()
    elif damage == "manifest cut":
        os.truncate(beside, 100)
    else:
        beside.write_text(beside.read_text().replace('"sqlite"', '"postgresql"'))
    with an_empty_database(tmp_path):
        with pytest.raises(CommandError, match=r"damaged|cannot be read|is no manifest|is of postgresql"):
            restore(file)
        assert connection.introspection.table_names() == []


@on_sqlite
def test_it_overwrites_no_backup(tmp_path: Path) -> None:
    file = tmp_path / "kam.backup"
    file.write_text("dear")
    with pytest.raises(CommandError, match="is there already"):
        backup(file)
    assert file.read_text() == "dear"
    with pytest.raises(CommandError, match="There is no folder"):
        backup(tmp_path / "nowhere" / "kam.backup")


@offered
def test_it_leaves_nothing_of_a_backup_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.backups.digest", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        backup(tmp_path / "kam.backup")
    assert not list(tmp_path.glob("*"))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="of its tools")
def test_it_names_the_tool_that_is_missing_or_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "pg_dump"
    tool.parent.mkdir()
    monkeypatch.setenv("PATH", str(tool.parent))
    with pytest.raises(CommandError, match=r"There is no pg_dump on this machine\. .* apt install"):
        backup(tmp_path / "kam.backup")
    tool.write_text("#!/bin/sh\necho server version mismatch >&2\nexit 1\n")
    tool.chmod(0o755)
    with pytest.raises(CommandError, match="pg_dump failed: server version mismatch"):
        backup(tmp_path / "kam.backup")
    assert [path.name for path in tmp_path.glob("*")] == ["bin"]


@pytest.mark.skipif(connection.vendor != "mysql", reason="the others are backed up")
def test_it_names_the_tool_of_mariadb(tmp_path: Path) -> None:
    for command in (backup, restore):
        with pytest.raises(CommandError, match="mariadb-dump --single-transaction"):
            command(tmp_path / "kam.backup")


@on_sqlite
def test_it_backs_up_no_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections["default"], "is_in_memory_db", lambda: True)
    with pytest.raises(CommandError, match="in memory"):
        backup(tmp_path / "kam.backup")


# --- As the page says -------------------------------------------------------------------------------
PAGE = page("docs/operating.md")


def typed(mark: str, folder: Path, **words: str) -> str:
    """What the page tells people to type, typed here; what it prints."""
    text = PAGE.block(mark).text.replace(".venv/bin/python", sys.executable).replace("/srv/backups", str(folder))
    for old, new in words.items():
        text = text.replace(old, new)
    given = connection.settings_dict
    server = {"PGHOST": str(given["HOST"]), "PGPORT": str(given["PORT"]), "PGUSER": given["USER"]}
    server["PGPASSWORD"] = given["PASSWORD"]
    environment = {**os.environ, **server, "DATABASE_URL": database_url()}
    done = subprocess.run(
        ["bash", "-ec", text],  # noqa: S607
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@offered
def test_it_does_what_the_page_says(cast: Cast, tmp_path: Path) -> None:
    in_transaction(cast.asha)
    assert "is whole" in typed("backup", tmp_path)
    if connection.vendor == "postgresql":
        copy = f"{connection.settings_dict['NAME']}_restored"
        url = database_url().rpartition("/")[0]
        try:
            said = typed("restore", tmp_path, **{"postgres://user:password@host:5432": url, "kam_restored": copy})
        finally:
            make(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        assert "every table is what it was" in said
