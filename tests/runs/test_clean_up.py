"""What is over is removed: no sooner than it may be, in batches, and as often as asked."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from common import tasks
from common.models import IdempotencyRecord, JobRun
from common.tasks import forget_answers, forget_browsers, forget_runs
from kams.models import Invitation, Session
from kams.tasks import forget_invitations, forget_logins
from tests.cast import NOON, Cast, api, restaurant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]
DAY, HOUR, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(seconds=1)


def test_it_forgets_answers_that_no_retry_gets(cast: Cast) -> None:
    lead = restaurant(cast.asha)
    body = {"restaurant": lead.pk, "name": "John", "role": "Chef", "email": "john@example.com"}
    assert api(cast.asha).post("/contact/contacts/", body, Idempotency_Key="once").status_code == 201

    assert forget_answers(NOON + DAY - SECOND) == 0
    assert IdempotencyRecord.objects.count() == 1
    assert forget_answers(NOON + DAY) == 1
    assert not IdempotencyRecord.objects.exists()


def test_it_forgets_browsers_whose_log_in_is_over() -> None:
    BrowserSession.objects.create(session_key="over", expire_date=NOON)
    BrowserSession.objects.create(session_key="open", expire_date=NOON + SECOND)

    assert forget_browsers(NOON) == 1
    assert BrowserSession.objects.get().pk == "open"


def test_it_forgets_logins_that_were_over_long_ago(cast: Cast, settings: Settings) -> None:
    settings.KEEP_DAYS = 10
    for ended in (NOON - 10 * DAY - SECOND, NOON - 10 * DAY, NOON + DAY):
        Session.objects.open(user=cast.asha, at=NOON - 20 * DAY, until=ended, jti=str(uuid4()))

    assert forget_logins(NOON) == 1
    assert Session.objects.count() == 2
    assert forget_logins(NOON) == 0


def test_it_forgets_invitations_that_nobody_took_up(cast: Cast, settings: Settings) -> None:
    settings.KEEP_DAYS, settings.INVITATION_DAYS = 10, 1
    old = NOON - 12 * DAY
    for number, at in enumerate((old, old, old + 2 * DAY)):
        Invitation.objects.add(email=f"new{number}@kams.example", by=cast.root, at=at)
    accepted = Invitation.objects.get(email="new1@kams.example")
    accepted.accept(at=old, username="new1", password="correct horse battery")

    assert forget_invitations(NOON) == 1
    left = set(Invitation.objects.values_list("email", flat=True))
    assert left == {"new1@kams.example", "new2@kams.example"}, "who came, and what ran out only now"


def run(job: str, ago: timedelta, *, done: int = 1, state: str = "DONE") -> JobRun:
    at = NOON - ago
    begun: JobRun | None = JobRun.objects.claim(job, period=at, at=at)
    assert begun
    if state == "DONE":
        begun.finish(done=done, at=at)
    elif state == "FAILED":
        begun.fail("No broom.", at=at)
    return begun


def test_it_forgets_runs_that_did_nothing_after_a_day_and_others_later(settings: Settings) -> None:
    settings.KEEP_DAYS = 10
    gone = [run("sweep", 11 * DAY), run("sweep", 12 * DAY, state="FAILED"), run("sweep", DAY + HOUR, done=0)]
    kept = [run("sweep", 9 * DAY), run("sweep", 8 * DAY, state="FAILED"), run("sweep", HOUR, done=0)]
    # The last success of a job is told by /health/ready, however old.
    kept += [run("other", 20 * DAY), run("third", 20 * DAY, done=0)]
    kept.append(run("busy", 20 * DAY, state="RUNNING"))

    assert forget_runs(NOON) == len(gone)
    assert set(JobRun.objects.all()) == set(kept)
    assert forget_runs(NOON) == 0


def test_it_removes_many_rows_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "BATCH", 3)
    BrowserSession.objects.bulk_create(
        BrowserSession(session_key=f"key{number}", expire_date=NOON) for number in range(8)
    )
    with CaptureQueriesContext(connection) as captured:
        assert forget_browsers(NOON) == 8
    assert len([query for query in captured.captured_queries if query["sql"].startswith("DELETE")]) == 3
