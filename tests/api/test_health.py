"""`/health/live` and `/health/ready`: for balancers, without a token."""

from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from tests.cast import api


def test_it_lives_without_a_look_at_anything_else() -> None:
    answer = api().get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.django_db
def test_it_is_ready() -> None:
    answer = api().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
    assert answer["Cache-Control"] == "no-store"


def not_ready(answer: Any, *names: str) -> bool:
    problem = answer.json()
    return (answer.status_code, problem["code"], sorted(problem["errors"])) == (503, "not_ready", sorted(names)) and (
        int(answer["Retry-After"]) > 0
    )


@pytest.mark.django_db
def test_it_is_not_ready_while_the_database_is_away() -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        answer = api().get("/health/ready")
    assert not_ready(answer, "database", "migrations")
    assert "gone" not in answer.content.decode()


@pytest.mark.django_db
def test_it_is_not_ready_before_the_migrations_are_done() -> None:
    with patch.object(MigrationExecutor, "migration_plan", return_value=["one", "another"]):
        answer = api().get("/health/ready")
    assert not_ready(answer, "migrations")
    assert "2 migrations" in answer.json()["errors"]["migrations"][0]


@pytest.mark.django_db
@pytest.mark.parametrize("fault", [{"side_effect": ConnectionError("refused")}, {"return_value": None}])
def test_it_is_not_ready_without_its_cache(fault: dict[str, Any]) -> None:
    with patch.object(type(cache._connections["default"]), "get", **fault):  # type: ignore[attr-defined] # a proxy
        answer = api().get("/health/ready")
    assert not_ready(answer, "cache")
