"""`/health/live` and `/health/ready`: for balancers, without a token."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test import RequestFactory
from pytest_django import Settings

from common.api.health import ReadyView
from common.jobs import Job
from common.runner import run_due
from notifications.choices import Channel
from notifications.models import Message
from tests.cast import NOON, Cast, api


def test_it_lives_without_a_look_at_anything_else() -> None:
    answer = api().get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


@pytest.mark.django_db
def test_it_is_ready() -> None:
    answer = api().get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
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
def test_it_serves_without_its_cache_and_says_so(fault: dict[str, Any]) -> None:
    with patch.object(type(cache._connections["default"]), "get", **fault):  # type: ignore[attr-defined] # a proxy
        answer = api().get("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert "cache" in answer.json()["degraded"]
    assert "cache" not in api().get("/health/ready").json()["degraded"]


# --- jobs -------------------------------------------------------------------------------------------
def well(_: datetime) -> int:
    return 1


def badly(_: datetime) -> int:
    raise ValueError("No broom.")


def sweep(run: Callable[[datetime], int] = well) -> Job:
    return Job("sweep", run, timedelta(hours=1), "Sweeps.")


TABLE = (sweep(),)


@pytest.fixture
def _one_job(settings: Settings, noon: None) -> None:  # noqa: ARG001 - to ask for the clock is to stop it
    settings.JOBS = "tests.api.test_health.TABLE"


def told() -> tuple[int, list[str], dict[str, Any]]:
    answer = api().get("/health/ready")
    body = answer.json()
    return answer.status_code, body["degraded"], body["jobs"]["sweep"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_job")
def test_it_tells_when_each_job_last_succeeded() -> None:
    run_due(sweep(), at=NOON)

    status, degraded, job = told()
    assert (status, degraded) == (200, [])
    assert job["last_success"].startswith("2024-12-28T12:00:0")
    assert job["last_success"].endswith("Z")
    assert (job["late"], job["failed"]) == (False, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_job")
def test_it_serves_on_while_a_job_is_late() -> None:
    assert told() == (200, ["jobs"], {"last_success": None, "late": True, "failed": False})

    run_due(sweep(), at=NOON - timedelta(hours=3))
    status, degraded, job = told()
    assert (status, degraded, job["late"], job["failed"]) == (200, ["jobs"], True, False)


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_job")
def test_it_tells_of_a_failure_and_not_of_its_words() -> None:
    run_due(sweep(), at=NOON - timedelta(hours=1))
    run_due(sweep(badly), at=NOON)

    status, degraded, job = told()
    assert (status, degraded, job["late"], job["failed"]) == (200, ["jobs"], False, True)
    assert job["last_success"].startswith("2024-12-28T11:00:0")
    assert "broom" not in str(job)


@pytest.mark.django_db
def test_it_tells_what_other_parts_say_of_themselves() -> None:
    view = ReadyView.as_view(reports={"outbox": lambda at: {"late": at > NOON, "waiting": 7}})
    body = view(RequestFactory().get("/health/ready")).data
    assert body["outbox"] == {"late": True, "waiting": 7}
    assert "outbox" in body["degraded"]


@pytest.mark.django_db
@pytest.mark.usefixtures("_one_job")
def test_it_tells_how_long_messages_wait(cast: Cast) -> None:
    written = NOON - timedelta(minutes=11)
    Message.objects.create(
        kind="any", channel=Channel.EMAIL, user=cast.asha, key="any:1", created_at=written, due_at=written
    )
    body = api().get("/health/ready").json()
    assert body["outbox"] == {"waiting_seconds": 660, "late": True}
    assert body["degraded"] == ["jobs", "outbox"]
