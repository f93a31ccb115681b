"""Migrations that people can work through: which are not is said, and those that are wait for nobody long."""

from collections.abc import Callable, Iterator
from io import StringIO
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate as plain
from django.db import DatabaseError, connection, connections, migrations, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Lower
from pytest_django import Settings

from common.management.commands import migrate as ours
from common.online import AddIndexOnline
from common.safety import findings
from leads.models import Restaurant
from tests.cast import Cast, api, restaurant
from tests.docs.pages import page
from tests.races import shared_database

INDEX = models.Index(fields=["pincode"], name="planted")
CHECK = models.CheckConstraint(condition=models.Q(pk__gt=0), name="planted")
GENERATED = models.GeneratedField(expression=Lower("city"), output_field=models.TextField(), db_persist=True)


def nothing(*_: Any) -> None:
    """As a function of RunPython."""


def said(*planted: Any, released: str | None = None, **attributes: Any) -> list[str]:
    """What is said of a next migration of leads, when all before it were released."""
    loader = MigrationLoader(None)
    (leaf,) = loader.graph.leaf_nodes("leads")
    name = "9999_planted"
    kind = type(
        "Migration", (migrations.Migration,), {"operations": list(planted), "dependencies": [leaf], **attributes}
    )
    loader.graph.add_node(("leads", name), kind(name, "leads"))
    loader.graph.add_dependency(kind, ("leads", name), leaf)
    return list(findings(loader, {"leads": leaf[1] if released is None else released}))


@pytest.mark.parametrize(
    ("operation", "wrong", "remedy"),
    [
        (migrations.AddIndex("restaurant", INDEX), "writes wait", "AddIndexOnline of common.online"),
        (migrations.AddField("restaurant", "new", models.CharField(max_length=9, default="")), "refused", "db_default"),
        (migrations.AddField("restaurant", "new", models.SlugField(null=True)), "its index", "db_index=False"),
        (migrations.AddField("restaurant", "new", GENERATED), "written anew", "beside it"),
        (migrations.RemoveField("restaurant", "notes"), "still reads it", "the release after"),
        (migrations.DeleteModel("StatusChange"), "still reads it", "the release after"),
        (migrations.RenameField("restaurant", "notes", "remarks"), "the old name", "beside it"),
        (migrations.RenameModel("StatusChange", "Change"), "the old name", "beside it"),
        (migrations.AlterField("restaurant", "notes", models.IntegerField(null=True)), "written anew", "beside it"),
        (
            migrations.AlterField("restaurant", "city", models.CharField(max_length=9)),
            "written anew",
            "copy in batches",
        ),
        (migrations.AlterField("restaurant", "city", models.SlugField(max_length=100)), "its index", "AddIndexOnline"),
        (migrations.AlterField("restaurant", "assigned_to", models.IntegerField()), "still writes null", "batches"),
        (migrations.AddConstraint("restaurant", CHECK), "all rows are looked at", "AddConstraintNotValid"),
        (migrations.RunPython(nothing), "until it ends", "atomic = False"),
        (migrations.RunSQL("SELECT 1"), "until it ends", "atomic = False"),
        (migrations.SeparateDatabaseAndState([migrations.RunSQL("SELECT 1")]), "until it ends", "batches"),
        (migrations.AlterOrderWithRespectTo("restaurant", "parent"), "nobody has said", "look"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_it_names_the_file_what_is_wrong_and_the_remedy(operation: Any, wrong: str, remedy: str) -> None:
    (line,) = said(operation)
    assert line.startswith("leads/migrations/9999_planted.py: ")
    assert wrong in line
    assert remedy in line


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexOnline("restaurant", INDEX),
        AddConstraintNotValid("restaurant", CHECK),
        ValidateConstraint("restaurant", "planted"),
        migrations.AddField("restaurant", "new", models.CharField(max_length=9, null=True)),
        migrations.AddField("restaurant", "new", models.CharField(max_length=9, db_default="")),
        migrations.AlterField("restaurant", "city", models.CharField(max_length=200)),
        migrations.AlterModelOptions("restaurant", {"ordering": ["name"]}),
    ],
    ids=["index", "constraint", "validation", "may be null", "has a default", "longer", "options"],
)
def test_it_lets_pass_what_people_can_work_through(operation: Any) -> None:
    assert said(operation) == []


def test_it_lets_pass_work_in_batches() -> None:
    assert said(migrations.RunPython(nothing), atomic=False) == []


def test_it_lets_pass_what_is_explained() -> None:
    assert said(migrations.RenameField("restaurant", "notes", "remarks"), accepted="Nobody reads it.") == []


def test_it_lets_pass_all_that_is_done_to_a_table_that_is_new() -> None:
    made = migrations.CreateModel("Planted", [("id", models.BigAutoField(primary_key=True))])
    assert (
        said(made, migrations.AddField("planted", "new", models.IntegerField()), AddIndexOnline("planted", INDEX)) == []
    )


def test_it_lets_pass_what_the_page_shows() -> None:
    names: dict[str, Any] = {"__name__": "shown"}
    exec(page("docs/developing.md").block("online").text, names)  # noqa: S102 - what the page shows
    shown = names["Migration"]
    assert said(*shown.operations, atomic=shown.atomic) == []


def test_it_judges_nothing_that_was_released() -> None:
    assert said(migrations.RunPython(nothing), released="9999_planted") == []


def test_it_fails_the_gate(settings: Settings) -> None:
    call_command("check_migrations", stdout=StringIO())
    settings.RELEASED_MIGRATIONS = {"leads": "0001_first_tables"}
    with pytest.raises(CommandError, match=r"leads/migrations/0002_search_index\.py: "):
        call_command("check_migrations")


# --- On PostgreSQL ------------------------------------------------------------------------------------
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="the others have no such locks")


@pytest.fixture
def _a_column(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`migrate` adds a column, and what it needs for that is all of the table."""

    def handle(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("0",), "an index of a large table takes its time"
            cursor.execute("ALTER TABLE leads_restaurant ADD COLUMN planted integer")

    monkeypatch.setattr(plain.Command, "handle", handle)
    monkeypatch.setattr(ours, "PAUSE", 0.3)
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE leads_restaurant DROP COLUMN IF EXISTS planted")


@pytest.fixture
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def migrated(stderr: StringIO) -> None:
    try:
        ours.Command(stderr=stderr).handle(database="default")
    finally:
        connections.close_all()


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_a_column")
def test_it_lets_others_pass_and_tries_again_while_a_table_is_in_use(cast: Cast, settings: Settings) -> None:
    settings.MIGRATE_LOCK_TIMEOUT_MS = 300
    errors, caller = StringIO(), api(cast.asha)
    with transaction.atomic():
        Restaurant.objects.count()  # a long report holds the table from now on
        thread = Thread(target=migrated, args=(errors,))
        thread.start()
        waited = 0.0
        while errors.getvalue().count("Tried again") < 2:
            waited = max(waited, elapsed(lambda: caller.get("/lead/restaurants/").status_code))
    thread.join()
    assert waited < 10, "who comes behind the migration does not wait for the report"
    with connection.cursor() as cursor:
        cursor.execute("SELECT planted FROM leads_restaurant")


def elapsed(work: Callable[[], int]) -> float:
    began = monotonic()
    assert work() == 200
    return monotonic() - began


@on_postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_a_column")
def test_it_gives_up_at_last(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MIGRATE_LOCK_TIMEOUT_MS = 50
    monkeypatch.setattr(ours, "ATTEMPTS", 2)
    monkeypatch.setattr(ours, "PAUSE", 0)
    failed: list[DatabaseError] = []
    left: list[tuple[str]] = []

    def run() -> None:
        try:
            ours.Command(stderr=StringIO()).handle(database="default")
        except DatabaseError as error:
            failed.append(error)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            left.append(cursor.fetchone())
        connections.close_all()

    with transaction.atomic():
        Restaurant.objects.count()
        thread = Thread(target=run)
        thread.start()
        thread.join()
    assert "lock timeout" in str(failed[0])
    assert left == [("0",)], "the next to have the connection waits as before"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_shared")
def test_it_makes_an_index_while_people_write(cast: Cast) -> None:
    with transaction.atomic():
        restaurant(cast.asha, city="Pune")
        row = restaurant(cast.asha, city="Pune")
    over, answers = Event(), list[int]()
    caller = api(cast.asha)

    def write() -> None:
        while not over.is_set() or not answers:
            notes = str(len(answers))
            answers.append(caller.patch(f"/lead/restaurants/{row.pk}/", {"notes": notes}).status_code)
        connections.close_all()

    if connection.vendor == "postgresql":
        # What an attempt leaves that found two of the same.
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY planted ON leads_restaurant (city)")
    thread = Thread(target=write)
    thread.start()
    index, state = AddIndexOnline("restaurant", models.Index(fields=["city"], name="planted")), MigrationLoader(None)
    before = state.project_state()
    after = before.clone()
    index.state_forwards("leads", after)
    try:
        with connection.schema_editor(atomic=False) as editor:
            index.database_forwards("leads", editor, before, after)
    finally:
        over.set()
        thread.join()
    assert set(answers) == {200}
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "leads_restaurant")["planted"]
        assert (found["columns"], found["unique"]) == (["city"], False)
    with connection.schema_editor(atomic=False) as editor:
        index.database_backwards("leads", editor, after, before)
    with connection.cursor() as cursor:
        assert "planted" not in connection.introspection.get_constraints(cursor, "leads_restaurant")
