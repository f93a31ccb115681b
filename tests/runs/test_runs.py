"""A period is run once: by whoever claims it first, and again only where that failed or its process is gone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from threading import Barrier, Event

import pytest

from common import runner
from common.jobs import Daily, Job
from common.models import JobRun
from common.models.job_run import ATTEMPTS, BACK_OFF, LEASE
from common.runner import run_due, run_now
from tests.cast import NOON
from tests.races import at_once, shared_database

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def job(run: Callable[[datetime], int] = lambda _: 3, every: timedelta | Daily = HOUR, name: str = "sweep") -> Job:
    return Job(name, run, every, "Sweeps.")


def broken(_: datetime) -> int:
    raise ValueError("No broom.")


def claim(at: datetime, *, of: Job | None = None) -> JobRun | None:
    """What a process would get that then does nothing more."""
    of = of or job()
    run: JobRun | None = JobRun.objects.claim(of.name, period=of.period(at=at), at=at)
    return run


def test_it_notes_when_and_how_much_it_did() -> None:
    run_due(job(), at=NOON + 5 * SECOND)

    run = JobRun.objects.get()
    assert (run.job, run.period, run.state, run.done, run.attempts) == ("sweep", NOON, "DONE", 3, 1)
    assert run.started_at == NOON + 5 * SECOND
    assert run.took is not None
    assert timedelta() <= run.took < SECOND * 30
    assert run.error == ""
    assert run.pid > 0


def test_it_gives_the_job_the_moment() -> None:
    run = run_due(job(lambda at: (at - NOON).seconds), at=NOON + 5 * SECOND)
    assert run
    assert run.done == 5


def test_it_runs_a_period_once() -> None:
    calls = count(1)
    sweep = job(lambda _: next(calls))
    runs = [run_due(sweep, at=NOON + number * timedelta(minutes=20)) for number in range(6)]

    assert [run.done if run else None for run in runs] == [1, None, None, 2, None, None]
    assert JobRun.objects.count() == 2


def test_it_runs_the_newest_period_only_after_a_pause() -> None:
    calls = count(1)
    sweep = job(lambda _: next(calls))
    for at in (NOON, NOON + 30 * HOUR, NOON + 30 * HOUR + SECOND):
        run_due(sweep, at=at)
    assert list(JobRun.objects.order_by("period").values_list("period", flat=True)) == [NOON, NOON + 30 * HOUR]


def test_it_keeps_the_periods_of_two_jobs_apart() -> None:
    assert run_due(job(name="one"), at=NOON)
    assert run_due(job(name="another"), at=NOON)


# --- failures ---------------------------------------------------------------------------------------
def test_it_notes_a_failure_and_keeps_the_trace(caplog: pytest.LogCaptureFixture) -> None:
    run = run_due(job(broken), at=NOON)

    assert run
    assert (run.state, run.error, run.done) == ("FAILED", "ValueError: No broom.", 0)
    assert "Traceback" in caplog.text
    assert "The job sweep failed." in caplog.text


def test_it_tries_a_failed_period_again_a_few_times() -> None:
    sweep, at, tried = job(broken, timedelta(days=1)), NOON, []
    while at < NOON + 3 * HOUR:
        if run_due(sweep, at=at):
            tried.append(at - NOON)
        at += timedelta(seconds=30)

    assert tried[:2] == [timedelta(), timedelta(seconds=90)], "no sooner than a minute after the failure"
    assert len(tried) == ATTEMPTS
    assert all(later - earlier >= wait for earlier, later, wait in zip(tried, tried[1:], BACK_OFF, strict=False))
    run = JobRun.objects.get()
    assert (run.state, run.attempts, run.free_from) == ("FAILED", ATTEMPTS, None)


def test_it_is_done_with_a_period_that_succeeds_at_last() -> None:
    sweep = job(broken)
    run_due(sweep, at=NOON)
    run_due(job(), at=NOON + timedelta(minutes=2))

    run = JobRun.objects.get()
    assert (run.state, run.attempts, run.error, run.done) == ("DONE", 2, "", 3)
    assert run_due(job(), at=NOON + timedelta(minutes=20)) is None


def test_it_goes_on_with_the_next_period_after_a_failure() -> None:
    run_due(job(broken, 5 * SECOND), at=NOON)
    assert run_due(job(every=5 * SECOND), at=NOON + 5 * SECOND)


# --- leases -----------------------------------------------------------------------------------------
def test_it_takes_up_what_a_dead_process_left_after_the_lease() -> None:
    assert claim(NOON)
    assert run_due(job(), at=NOON + LEASE - SECOND) is None

    run = run_due(job(), at=NOON + LEASE)
    assert run
    assert (run.state, run.attempts, run.done) == ("DONE", 2, 3)
    assert JobRun.objects.count() == 1


def test_it_waits_for_a_run_that_lives_into_the_next_period() -> None:
    sweep = job(every=5 * SECOND)
    first = claim(NOON, of=sweep)
    assert first
    assert run_due(sweep, at=NOON + 5 * SECOND) is None
    first.finish(done=1, at=NOON + 6 * SECOND)
    assert run_due(sweep, at=NOON + 7 * SECOND)


def test_it_writes_off_an_earlier_period_that_a_dead_process_left() -> None:
    sweep = job(every=5 * SECOND)
    assert claim(NOON, of=sweep)

    assert run_due(sweep, at=NOON + LEASE)
    old = JobRun.objects.get(period=NOON)
    assert (old.state, old.error) == ("FAILED", "The process that ran it is gone.")
    assert old.finished_at == NOON + LEASE
    assert JobRun.objects.filter(state="DONE").count() == 1


def test_it_gives_up_a_period_that_kills_each_process() -> None:
    sweep, at = job(every=timedelta(days=1)), NOON
    for _ in range(ATTEMPTS):
        assert claim(at, of=sweep)
        at += LEASE
    assert claim(at, of=sweep) is None
    assert JobRun.objects.get().state == "FAILED"


def test_it_does_not_count_what_was_taken_over(caplog: pytest.LogCaptureFixture) -> None:
    """A process that was stopped for longer than its lease comes back and finishes; the other one's word counts."""

    def slow(_: datetime) -> int:
        assert run_due(job(), at=NOON + LEASE)
        return 99

    with caplog.at_level(logging.WARNING):
        run_due(job(slow), at=NOON)
    assert JobRun.objects.get().done == 3
    assert "The job sweep was taken over by another process meanwhile." in caplog.text


@pytest.fixture
def _shared(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - to ask for the database is to have it
    with shared_database():
        yield


@pytest.mark.usefixtures("_shared")
def test_it_renews_the_lease_of_a_long_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "BEAT", timedelta(milliseconds=20))
    renewed = Event()
    renew = JobRun.renew

    def noted(run: JobRun, *, at: datetime) -> bool:
        kept = renew(run, at=at)
        renewed.set()
        return kept

    monkeypatch.setattr(JobRun, "renew", noted)

    def long(at: datetime) -> int:
        assert renewed.wait(30)
        assert JobRun.objects.filter(free_from__gt=at + LEASE).exists()
        return 1

    run = run_due(job(long), at=NOON)
    assert run
    assert (run.state, run.error) == ("DONE", "")


# --- at once ----------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_shared")
def test_it_runs_each_job_once_when_eight_look_at_the_same_moment() -> None:
    for number in range(4):
        at = NOON + number * HOUR
        jobs = [job(name=name) for name in ("one", "another", "third")]

        def look(at: datetime = at, jobs: list[Job] = jobs) -> int:
            return sum(run_due(sweep, at=at) is not None for sweep in jobs)

        assert sum(at_once(*[look] * 8)) == len(jobs)
        assert JobRun.objects.filter(period=at, state="DONE", attempts=1).count() == len(jobs)


@pytest.mark.usefixtures("_shared")
def test_it_lets_one_of_eight_take_up_what_a_dead_process_left() -> None:
    for number in range(4):
        at = NOON + number * HOUR
        assert claim(at)
        runs = at_once(*[partial(run_due, job(), at=at + LEASE)] * 8)
        assert len([run for run in runs if run]) == 1
        assert JobRun.objects.get(period=at).attempts == 2


@pytest.mark.usefixtures("_shared")
def test_it_runs_each_period_of_a_week_once_under_two_beats() -> None:
    jobs = [job(every=2 * HOUR, name="often"), job(every=timedelta(days=1), name="daily")]
    hours = [NOON + number * HOUR for number in range(24 * 7)]
    together = Barrier(2, timeout=60)

    def beat() -> int:
        done = 0
        for at in hours:
            together.wait()  # both clocks show the same time
            done += sum(run_due(sweep, at=at) is not None for sweep in jobs)
        return done

    assert sum(at_once(beat, beat)) == 12 * 7 + 8
    assert JobRun.objects.filter(job="often").count() == 12 * 7
    assert JobRun.objects.filter(job="daily").count() == 8, "the week begins and ends within a day"


# --- by hand ----------------------------------------------------------------------------------------
def test_it_runs_now_what_is_not_due() -> None:
    run_due(job(), at=NOON)
    assert run_now(job(), at=NOON + SECOND)
    assert run_due(job(), at=NOON + HOUR)
    assert JobRun.objects.count() == 3


def test_it_does_not_run_beside_itself() -> None:
    assert claim(NOON)
    assert run_now(job(), at=NOON + SECOND) is None
