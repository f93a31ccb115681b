"""`manage.py run_jobs`: a process without a broker, for one machine, for cron and by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from common import runner
from common.jobs import Job, table
from common.models import JobRun
from common.runner import run_until
from tests.runs.conftest import Processes, until
from tests.runs.test_runs import HOUR, broken, job

ONE = (job(name="one"), job(name="another"))
ONE_FAILS = (job(broken, name="one"), job(name="another"))


def ended(process: subprocess.Popen[bytes]) -> int:
    return process.wait(timeout=60)


# --- once, as from cron -----------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_runs_what_is_due_once_and_ends(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE"
    out = StringIO()
    call_command("run_jobs", "--once", stdout=out)
    call_command("run_jobs", "--once", stdout=out)

    assert [line.split()[:3] for line in out.getvalue().splitlines()] == [["one", "did", "3"], ["another", "did", "3"]]
    assert JobRun.objects.filter(state="DONE").count() == 2


@pytest.mark.django_db
def test_it_runs_the_others_when_one_fails_and_says_so(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE_FAILS"
    errors = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("run_jobs", "--once", stdout=StringIO(), stderr=errors)

    assert end.value.code == 1
    assert errors.getvalue().startswith("one ")
    assert dict(JobRun.objects.values_list("job", "state")) == {"one": "FAILED", "another": "DONE"}


def test_it_tells_cron_by_its_status(processes: Processes) -> None:
    processes.table = "FAILING"
    assert ended(processes.run_jobs("--once")) == 1
    assert len(processes.notes("ticked")) == 1
    assert ended(processes.run_jobs("--once")) == 0, "the failed one waits for its next attempt"
    assert len(processes.notes("ticked")) == 1


# --- one, by hand -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_runs_one_whether_it_is_due_or_not(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE"
    for _ in range(2):
        call_command("run_jobs", "--only", "another", stdout=StringIO())
    assert list(JobRun.objects.values_list("job", "state")) == [("another", "DONE")] * 2


@pytest.mark.django_db
def test_it_says_when_the_one_fails(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE_FAILS"
    with pytest.raises(SystemExit) as end:
        call_command("run_jobs", "--only", "one", stderr=StringIO())
    assert end.value.code == 1


@pytest.mark.django_db
def test_it_names_the_jobs_when_there_is_none_of_that_name(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE"
    with pytest.raises(CommandError, match=r"There is no job third\. There are: one, another\."):
        call_command("run_jobs", "--only", "third")


@pytest.mark.django_db
def test_it_does_not_run_one_beside_itself(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE"
    at = timezone.now()
    JobRun.objects.claim("one", period=at, at=at)
    with pytest.raises(CommandError, match=r"one is running already\."):
        call_command("run_jobs", "--only", "one")


# --- the table --------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_it_lists_the_jobs_and_how_each_went(settings: Settings) -> None:
    settings.JOBS = "tests.runs.test_run_jobs.ONE_FAILS"
    with pytest.raises(SystemExit):
        call_command("run_jobs", "--only", "one", stderr=StringIO())
    at = timezone.now()
    out = StringIO()
    call_command("run_jobs", "--list", stdout=out)
    one, another = out.getvalue().splitlines()
    assert one.split()[:5] == ["one", "every", "hour", "failed", "at"]
    assert another.split()[:5] == ["another", "every", "hour", "never", "ran"]

    JobRun.objects.claim("another", period=at, at=at)
    out = StringIO()
    call_command("run_jobs", "--list", stdout=out)
    assert "running since" in out.getvalue()


def test_it_has_a_table_of_jobs_with_names_and_words() -> None:
    names = [job.name for job in table()]
    assert len(names) == len(set(names)) > 5
    assert all(len(name) <= 28 for name in names), "the list is as wide"
    assert all(job.words.endswith(".") for job in table())


# --- again and again --------------------------------------------------------------------------------
def test_it_runs_until_it_is_told_to_stop(processes: Processes) -> None:
    process = processes.run_jobs()
    processes.noted("ticked", 3)
    process.send_signal(signal.SIGTERM)

    assert ended(process) == 0
    assert JobRun.objects.filter(state="DONE", attempts=1).count() == len(processes.notes("ticked"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_finishes_the_job_at_hand(processes: Processes, number: signal.Signals) -> None:
    processes.table = "WAITING"
    process = processes.run_jobs()
    processes.noted("began")
    process.send_signal(number)
    time.sleep(0.3)
    assert process.poll() is None
    processes.go_on()

    assert ended(process) == 0
    assert len(processes.notes("ended")) == 1
    assert processes.notes("ticked") == [], "nothing more is begun"
    assert JobRun.objects.get().state == "DONE"


def test_it_takes_up_what_a_killed_process_left(processes: Processes) -> None:
    processes.table = "WAITING"
    killed, other = processes.run_jobs(), None
    processes.noted("began")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    other = processes.run_jobs()
    processes.noted("began", 2)
    processes.go_on()
    processes.noted("ticked")
    other.send_signal(signal.SIGTERM)

    assert ended(other) == 0
    assert processes.notes("began") == [killed.pid, other.pid]
    assert processes.notes("ended") == [other.pid]
    assert JobRun.objects.get(job="wait").attempts == 2
    assert set(JobRun.objects.values_list("state", flat=True)) == {"DONE"}


def test_it_shares_the_work_with_others(processes: Processes) -> None:
    several = [processes.run_jobs() for _ in range(3)]
    processes.noted("ticked", 5)
    for process in several:
        process.send_signal(signal.SIGTERM)

    assert [ended(process) for process in several] == [0, 0, 0]
    assert JobRun.objects.filter(state="DONE", attempts=1).count() == len(processes.notes("ticked"))


def test_it_outlives_a_database_that_is_away(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    looks: list[Job] = []

    def away(job: Job, **_: object) -> None:
        looks.append(job)
        raise OperationalError("gone")

    monkeypatch.setattr(runner, "run_due", away)
    monkeypatch.setattr(runner, "close_old_connections", lambda: None)
    monkeypatch.setattr(runner, "PAUSE", 0)
    monkeypatch.setattr(runner, "LOOK", -HOUR)  # no look makes another one wait

    run_until(lambda: len(looks) >= 3, [job()])
    assert "The database did not let the job sweep be done: gone" in caplog.text


# --- beside a server --------------------------------------------------------------------------------
def test_it_begins_anew_beside_a_server_and_ends_with_it(processes: Processes) -> None:
    """The server here is a process that starts the jobs as `serve` does, and sleeps."""
    script = (
        "import os, subprocess, sys, time;"
        "subprocess.Popen([sys.executable, 'manage.py', 'run_jobs', '--beside', str(os.getpid())]);"
        "time.sleep(600)"
    )
    server = processes.start("-c", script)
    processes.noted("ticked", 2)
    first = processes.notes("ticked")[-1]
    os.kill(first, signal.SIGKILL)
    until(lambda: processes.notes("ticked")[-1] != first)
    second = processes.notes("ticked")[-1]
    server.kill()
    server.wait()

    until(lambda: not alive(second))
    assert "The jobs have ended by themselves. Starting them again." in processes.log


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
