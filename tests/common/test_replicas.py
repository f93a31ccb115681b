"""What is only read comes from a replica, and nobody misses what they have written.

The replica is a second database that holds the same people, and a restaurant under another name: which one has answered
can be seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import psycopg
import pytest
import time_machine
from django import conf
from django.core.cache import cache
from django.db import OperationalError, connection, connections, transaction
from django.db.utils import load_backend
from django.test import RequestFactory
from pytest_django import Settings

from common import replicas
from common.api.health import ReadyView
from common.replicas import Replica, behind
from kams.models import User
from LeadManagementSystem.health import copies
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, restaurant

HERE, THERE = "Here", "There"


class Stale:
    """The cast with a restaurant, in two databases that differ in its name."""

    def __init__(self, lead: Restaurant, cast: Cast) -> None:
        self.path, self.cast = f"/lead/restaurants/{lead.pk}/", cast

    def name(self, user: User | None = None) -> str:
        return str(api(user or self.cast.asha).get(self.path).json()["name"])


@contextmanager
def copied(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The settings of a database that holds what this one holds."""
    ours = connection.settings_dict
    if connection.vendor == "sqlite":
        # The tests' database is in memory; its copy is a file.
        theirs = tmp_path / "replica.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(theirs)])
        yield {**ours, "NAME": str(theirs), "OPTIONS": {}}
        return
    name = f"{ours['NAME']}_replica"
    connection.close()  # a database that somebody looks at is no template
    connection.close_pool()  # type: ignore[attr-defined] # PostgreSQL's have it
    to = {key: ours[key.upper()] for key in ("host", "port", "user", "password")}
    with psycopg.connect(dbname="postgres", autocommit=True, **to) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{ours["NAME"]}"')
    try:
        yield {**ours, "NAME": name, "OPTIONS": {}}
    finally:
        with psycopg.connect(dbname="postgres", autocommit=True, **to) as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture
def stale(
    transactional_db: None,  # noqa: ARG001 - what another database is copied from is committed
    tmp_path: Path,
    settings: Settings,
) -> Iterator[Stale]:
    if connection.vendor == "mysql":
        pytest.skip("A database is copied here on SQLite and PostgreSQL.")
    cast = Cast()
    cast.everybody()
    lead = restaurant(cast.asha, name=THERE)
    with copied(tmp_path) as other, opened(other), patch.dict(connections.settings, {"replica1": other}):
        Restaurant.objects.filter(pk=lead.pk).update(name=HERE)
        settings.DATABASE_ROUTERS = ["common.replicas.Router"]
        cache.clear()
        with patch.dict(replicas._known, clear=True):
            yield Stale(lead, cast)
    cache.clear()


@contextmanager
def opened(other: dict[str, Any]) -> Iterator[None]:
    """A connection there, before tests are kept from making one to a database that they did not ask for."""
    there = load_backend(other["ENGINE"]).DatabaseWrapper(other, "replica1")
    there.ensure_connection()
    connections["replica1"] = there
    try:
        yield
    finally:
        there.close()
        del connections["replica1"]


def test_it_reads_from_the_replica(stale: Stale) -> None:
    assert stale.name() == THERE
    assert [row["name"] for row in api(stale.cast.root).get("/lead/restaurants/").json()] == [THERE]
    assert api(stale.cast.asha)("HEAD", stale.path)["ETag"] == api(stale.cast.asha).get(stale.path)["ETag"]


def test_who_has_written_sees_it_and_others_later(stale: Stale) -> None:
    asha, maya = stale.cast.asha, stale.cast.maya
    assert api(asha).patch(stale.path, {"name": "Renamed"}).json()["name"] == "Renamed"
    assert stale.name(asha) == "Renamed"
    assert stale.name(maya) == THERE
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=conf.settings.REPLICA_LAG_SECONDS + 1)):
        assert stale.name(asha) == THERE


def test_everybody_reads_from_the_primary_while_the_cache_is_away(stale: Stale) -> None:
    with patch.object(type(cache._connections["default"]), "get", side_effect=ConnectionError):  # type: ignore[attr-defined]
        assert stale.name() == HERE
    with patch.object(type(cache._connections["default"]), "set", side_effect=ConnectionError):  # type: ignore[attr-defined]
        assert api(stale.cast.asha).patch(stale.path, {"notes": "Written."}).status_code == 200


def test_who_asks_comes_from_the_primary(stale: Stale) -> None:
    User.objects.filter(pk=stale.cast.asha.pk).update(is_active=False)
    assert api(stale.cast.asha).get(stale.path).status_code == 401


def test_nobody_reads_from_the_primary(stale: Stale) -> None:
    with patch.object(replicas, "read", side_effect=AssertionError):
        assert api().get("/health/live").status_code == 200
        assert api().get(stale.path).status_code == 401


def test_a_transaction_reads_from_the_primary(stale: Stale) -> None:
    with replicas.reading(stale.cast.asha) as alias:
        assert (alias, Restaurant.objects.get().name) == ("replica1", THERE)
        with transaction.atomic():
            assert Restaurant.objects.get().name == HERE
    assert Restaurant.objects.get().name == HERE


def test_what_was_read_there_is_written_here(stale: Stale) -> None:
    with replicas.reading(stale.cast.asha):
        lead = Restaurant.objects.get()
        lead.assigned_to = User.objects.get(pk=stale.cast.bela.pk)
        lead.notes = "Written."
        lead.save(update_fields=["notes"])
    assert lead._state.db == "default"
    assert Restaurant.objects.get().notes == "Written."


def test_it_turns_to_the_primary_while_the_replica_is_away(stale: Stale) -> None:
    def ready() -> Any:
        view = ReadyView.as_view(reports={"replicas": copies})
        return view(RequestFactory().get("/health/ready"))

    def look_again() -> None:
        replicas.replicas()[0].looked_at = float("-inf")

    assert "replicas" not in ready().data["degraded"]
    with patch.object(connections["replica1"], "cursor", side_effect=OperationalError("gone")):
        assert stale.name() == HERE  # it was there a moment ago
        look_again()
        assert stale.name() == HERE
        answer = ready()
    assert (answer.status_code, answer.data["status"]) == (200, "ready")
    assert "replicas" in answer.data["degraded"]
    assert answer.data["replicas"]["each"]["replica1"] == {"away": True, "lag_seconds": None, "late": True}
    assert stale.name() == HERE  # nobody waits for it at each request
    look_again()
    assert stale.name() == THERE


def test_it_does_not_read_what_is_too_old(stale: Stale) -> None:
    assert conf.settings.REPLICA_LAG_SECONDS == 10
    for lag, name in ((None, THERE), (5.0, THERE), (5.1, HERE), (float("inf"), HERE)):
        with patch.dict(replicas._known, clear=True), patch.object(Replica, "_lag", return_value=lag):
            assert stale.name() == name
            assert copies(NOON)["late"] == (name == HERE)


# --- What can be tried without another database -----------------------------------------------------
SOMEBODY = SimpleNamespace(pk=1)


@pytest.fixture
def _two() -> Iterator[None]:
    """Two replicas that are good, and are not looked at again."""
    good = {alias: Replica(alias, looked_at=float("inf")) for alias in ("replica1", "replica2")}
    cache.clear()
    with patch.dict(replicas._known, good, clear=True):
        yield


@pytest.mark.usefixtures("_two")
def test_it_takes_turns() -> None:
    chosen = []
    for _ in range(4):
        with replicas.reading(SOMEBODY) as alias:
            chosen.append(alias)
    assert sorted(chosen) == ["replica1", "replica1", "replica2", "replica2"]


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize(("sqlstate", "times"), [("57014", 1), ("40001", 2), (None, 2)])
def test_it_asks_again_unless_it_took_too_long(sqlstate: str | None, times: int) -> None:
    class Broken(Exception):
        pass

    def work() -> None:
        asked.append(replicas.Router().db_for_read(None))
        broken = Broken()
        vars(broken)["sqlstate"] = sqlstate
        raise OperationalError from broken

    asked: list[str] = []
    with pytest.raises(OperationalError):
        replicas.read(SOMEBODY, work)
    assert len(asked) == times
    assert asked[0].startswith("replica")
    assert asked[1:] == ["default"] * (times - 1)


def test_a_replica_is_as_old_as_the_newest_place_it_has_reached() -> None:
    marks = [(30.0, "1/10"), (28.0, "0/FFFFFFFF"), (26.0, "0/A0")]
    assert behind(marks, reached="1/10", at=30.0) == 0
    assert behind(marks, reached="1/F", at=30.0) == 2
    assert behind(marks, reached="0/A1", at=30.0) == 4
    assert behind(marks, reached="0/9F", at=30.0) == float("inf")


@pytest.mark.django_db
def test_without_a_replica_nothing_of_it_runs(cast: Cast) -> None:
    lead = restaurant(cast.asha)
    with patch.object(replicas, "read", side_effect=AssertionError), patch.object(replicas, "cache") as cache:
        assert api(cast.asha).patch(f"/lead/restaurants/{lead.pk}/", {"notes": "x"}).status_code == 200
        assert api(cast.asha).get(f"/lead/restaurants/{lead.pk}/").status_code == 200
    assert not cache.mock_calls
    assert conf.settings.DATABASE_ROUTERS == []
