"""A statement that takes too long is given up, and the caller is told to come again."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from common.management.commands.migrate import Command
from kams.choices import Role
from tests.cast import api, person, restaurant
from tests.races import at_once

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="it has no limit for a statement"),
]
ON_POSTGRESQL = connection.vendor == "postgresql"
LIMIT = "SHOW statement_timeout" if ON_POSTGRESQL else "SELECT @@SESSION.max_statement_time"
LIMITED = "SET statement_timeout = '200ms'" if ON_POSTGRESQL else "SET SESSION max_statement_time = 0.2"
AS_BEFORE = "RESET statement_timeout" if ON_POSTGRESQL else "SET SESSION max_statement_time = 30"
KEPT = "LOCK TABLE leads_restaurant IN ACCESS EXCLUSIVE MODE" if ON_POSTGRESQL else "LOCK TABLES leads_restaurant WRITE"


def keep_the_table(meeting: Barrier, done: Barrier) -> None:
    """Hold all restaurants, as a long statement would, until the other has its answer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(KEPT)
        meeting.wait()
        done.wait()
        if not ON_POSTGRESQL:
            cursor.execute("UNLOCK TABLES")


def ask(ask_for: Any, meeting: Barrier, done: Barrier) -> Any:
    meeting.wait()
    with connection.cursor() as cursor:
        cursor.execute(LIMITED)
    try:
        return ask_for()
    finally:
        done.wait()
        with connection.cursor() as cursor:
            cursor.execute(AS_BEFORE)


def limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute(LIMIT)
        return str(cursor.fetchone()[0])


def test_it_is_thirty_seconds_and_none_while_migrating() -> None:
    usual = limit()
    assert usual in {"30s", "30.0"}
    with Command().patient("default"):
        assert float(limit()) == 0
    assert limit() == usual


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_it_is_given_up_and_said_so(method: str) -> None:
    root = person("root", role=Role.ADMIN)
    row, caller = restaurant(root), api(root)
    meeting, done = Barrier(2, timeout=30), Barrier(2, timeout=30)
    path = "/lead/restaurants/" if method == "GET" else f"/lead/restaurants/{row.pk}/"
    body = None if method == "GET" else {"notes": "New."}
    works = [
        partial(keep_the_table, meeting, done),
        partial(ask, partial(caller, method, path, body), meeting, done),
    ]
    answer: Any = at_once(*works)[1]
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], int(answer["Retry-After"]) > 0) == ("unavailable", True)
    row.refresh_from_db()
    assert (row.notes, row.version) == ("Interested in premium features.", 1)
    assert caller.get(f"/lead/restaurants/{row.pk}/").status_code == 200
