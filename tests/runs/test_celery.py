"""Celery's worker and beat on a real Redis: the broker says when to look, the rows decide what is done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery.schedules import crontab
from redis import Redis
from redis.exceptions import RedisError

from common.jobs import table
from common.models import JobRun
from LeadManagementSystem import celery
from LeadManagementSystem.celery import app, broker, deliver_now, run_job
from tests.ports import free_port
from tests.runs.conftest import Processes, until

WORKER = ("worker", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO")
BEAT = ("beat", "--loglevel=INFO")


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of our own, that a test may empty."""
    port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port) as client:
            until(lambda: answers(client))
            yield client
    finally:
        server.terminate()
        server.wait()


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def url(client: Redis) -> str:
    return f"redis://127.0.0.1:{client.connection_pool.connection_kwargs['port']}/0"


def stop(*programs: subprocess.Popen[bytes]) -> list[int]:
    for program in programs:
        program.send_signal(signal.SIGTERM)
    return [program.wait(timeout=60) for program in programs]


def test_it_does_each_period_once_under_two_beats_and_an_emptied_redis(processes: Processes, redis: Redis) -> None:
    processes.broker = url(redis)
    worker, *beats = processes.celery(*WORKER), processes.celery(*BEAT), processes.celery(*BEAT)
    processes.noted("ticked", 4)
    redis.flushall()
    processes.noted("ticked", len(processes.notes("ticked")) + 4)

    assert stop(*beats, worker) == [0, 0, 0], processes.log
    runs = JobRun.objects.filter(job="tick", state="DONE", attempts=1)
    assert runs.count() == JobRun.objects.count() == len(processes.notes("ticked"))


def test_it_goes_on_after_a_worker_that_was_killed_at_work(processes: Processes, redis: Redis) -> None:
    processes.broker, processes.table = url(redis), "WAITING"
    killed = processes.celery(*WORKER)
    run_job.apply_async(args=["wait"], connection=app.connection_for_write(url=url(redis)))
    processes.noted("began")
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    processes.go_on()
    other = processes.celery(*WORKER)
    # The beat looks at it once a minute; here somebody does more often.
    with app.connection_for_write(url=url(redis)) as connection:
        while not processes.notes("ended"):
            run_job.apply_async(args=["wait"], connection=connection)
            time.sleep(0.5)

    until(lambda: JobRun.objects.filter(state="DONE").exists())
    assert stop(other) == [0], processes.log
    run = JobRun.objects.get()
    assert (run.state, run.attempts) == ("DONE", 2)
    assert len(processes.notes("ended")) == 1


def test_it_finishes_the_job_at_hand_when_it_is_told_to_stop(processes: Processes, redis: Redis) -> None:
    processes.broker, processes.table = url(redis), "WAITING"
    worker = processes.celery(*WORKER)
    with app.connection_for_write(url=url(redis)) as connection:
        run_job.apply_async(args=["wait"], connection=connection)
    processes.noted("began")
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert worker.poll() is None
    processes.go_on()

    assert worker.wait(timeout=60) == 0
    assert JobRun.objects.get().state == "DONE"


def test_it_works_with_a_folder_for_a_broker(processes: Processes) -> None:
    processes.broker = "filesystem://"
    programs = [processes.celery(*BEAT), processes.celery(*WORKER)]
    processes.noted("ticked", 3)
    stop(*programs)
    assert JobRun.objects.filter(state="DONE", attempts=1).count() == len(processes.notes("ticked"))
    assert (processes.folder / "queue").is_dir()


# --- the table --------------------------------------------------------------------------------------
def test_it_looks_at_every_job_at_least_once_a_minute() -> None:
    beat = app.conf.beat_schedule
    assert {line["args"][0] for line in beat.values()} == {job.name for job in table()}
    assert beat["forget-runs"]["schedule"] == crontab()
    assert beat["deliver-messages"]["schedule"].total_seconds() == 5
    assert beat["deliver-messages"]["options"]["expires"] == 5, "stale looks are not done one after another"


@pytest.mark.django_db
def test_it_knows_nothing_of_a_job_that_is_gone() -> None:
    run_job("no-such-job")
    assert not JobRun.objects.exists()


def test_it_leaves_the_message_of_a_dead_worker_to_another() -> None:
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost


# --- the hint ---------------------------------------------------------------------------------------
@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> celery.Bell:
    monkeypatch.setattr(celery, "SILENCE", 0.1)
    return celery.Bell()


def speak_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.conf, "broker_url", url)
    monkeypatch.setattr(app.conf, "broker_write_url", url)


def test_it_delivers_as_soon_as_messages_are_kept(
    processes: Processes, redis: Redis, bell: celery.Bell, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes.broker, processes.table = url(redis), "DELIVERING"
    speak_to(url(redis), monkeypatch)
    worker = processes.celery(*WORKER)  # and no beat
    bell.ring()
    processes.noted("ticked")

    assert stop(worker) == [0]
    assert JobRun.objects.get().job == "deliver-messages"


@pytest.mark.parametrize("kind", ["refuses", "is silent"])
def test_it_keeps_nobody_waiting_for_a_broker_that(
    kind: str, bell: celery.Bell, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(celery, "LONGEST_WAIT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1] if kind == "is silent" else free_port()
        speak_to(f"redis://127.0.0.1:{port}/0", monkeypatch)
        bell.ring()
        assert "The broker did not hear" not in caplog.text, "that is found out by a thread of its own"
        until(lambda: "The broker did not hear of a message" in caplog.text)
        bell.ring()


@pytest.mark.django_db
def test_it_runs_the_delivery_that_the_table_names() -> None:
    deliver_now()
    assert JobRun.objects.get().job == "deliver-messages"


def test_it_hangs_the_bell_where_there_is_a_broker_only(processes: Processes, redis: Redis) -> None:
    show = "from notifications.wake_up import _bells; import sys; print(len(_bells), 'celery' in sys.modules)"
    processes.start("manage.py", "shell", "--no-imports", "-c", show).wait()
    processes.broker = url(redis)
    processes.start("manage.py", "shell", "--no-imports", "-c", show).wait()
    assert processes.log.split() == ["0", "False", "1", "False"]


# --- the settings -----------------------------------------------------------------------------------
def test_it_makes_the_folders_of_a_broker_without_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(celery, "STATE_DIR", tmp_path)
    options = broker("filesystem://")["broker_transport_options"]
    assert all(Path(folder).is_dir() for folder in options.values())
    assert len(options) == 3
