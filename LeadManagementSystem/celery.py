"""Celery's worker and beat, where `CELERY_BROKER_URL` names a broker: `celery -A LeadManagementSystem worker`.

A message of the broker says which job to look at; the rows decide whether there is something to do. So a broker that
loses what it holds, a second beat, and a message that comes twice change nothing.
"""

import logging
import os
from datetime import timedelta
from threading import Event, Lock, Thread
from time import sleep
from typing import Any

import django
from celery import Celery
from celery.schedules import crontab
from django.apps import apps
from django.conf import settings
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")
if not apps.ready:  # the command `celery` comes here first
    django.setup()

from common.jobs import Job, named, table
from common.runner import LOOK, run_due, run_now
from LeadManagementSystem.env import STATE_DIR

logger = logging.getLogger(__name__)

DELIVERY = "deliver-messages"
# In seconds: how long the broker may take to hear of a message, and how long one is left alone that did not.
LONGEST_WAIT = 2.0
SILENCE = 30.0


def broker(url: str) -> dict[str, Any]:
    """The settings of the broker. Without one nobody asks: the queue is then as empty as this process."""
    if not url.startswith("filesystem:"):
        return {"broker_url": url or "memory://", "broker_transport_options": {"socket_connect_timeout": LONGEST_WAIT}}
    folders = {name: STATE_DIR / "queue" / name for name in ("messages", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    messages, control = map(str, folders.values())
    options = {"data_folder_in": messages, "data_folder_out": messages, "control_folder": control}
    return {"broker_url": "filesystem://localhost//", "broker_transport_options": options}


def look_at(job: Job) -> dict[str, Any]:
    """The line of the beat for a job: a look when each period begins, and once a minute; stale looks are dropped."""
    often = isinstance(job.every, timedelta) and job.every < LOOK
    return {
        "task": "run_job",
        "args": [job.name],
        "schedule": job.every if often else crontab(),
        "options": {"expires": (job.every if often else LOOK).total_seconds()},  # type: ignore[union-attr] # often
    }


app = Celery("LeadManagementSystem")
app.conf.update(
    **broker(settings.CELERY_BROKER_URL),
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    # A worker that dies leaves its message to another one.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    worker_hijack_root_logger=False,
    # What is due stands in the table and what is done in the rows: there is nothing for the beat to remember.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={job.name: look_at(job) for job in table()},
)


@app.task(name="run_job")  # type: ignore[untyped-decorator] # Celery says no types
def run_job(name: str) -> None:
    """Run the newest period of a job, unless somebody did or does."""
    if job := named(name):
        run_due(job, at=timezone.now())


@app.task(name="deliver_now")  # type: ignore[untyped-decorator] # as above
def deliver_now() -> None:
    if job := named(DELIVERY):
        run_now(job, at=timezone.now())


class Bell:
    """Tells a worker that there are messages to deliver: a hint, which fails and delays nobody.

    A thread of its own speaks to the broker, once for all that is rung meanwhile, so that no request waits for one
    that does not answer.
    """

    def __init__(self) -> None:
        self.rung = Event()
        self.begins = Lock()
        self.ringer: Thread | None = None

    def ring(self) -> None:
        self.rung.set()
        with self.begins:
            if self.ringer is None or not self.ringer.is_alive():  # the first time, also after a fork
                self.ringer = Thread(target=self.pass_on, name="bell", daemon=True)
                self.ringer.start()

    def pass_on(self) -> None:
        while self.rung.wait():
            self.rung.clear()
            try:
                with app.connection_for_write(transport_options={"socket_timeout": LONGEST_WAIT}) as connection:
                    deliver_now.apply_async(connection=connection, retry=False, expires=LOOK.total_seconds())
            except Exception as away:  # noqa: BLE001 - each broker has errors of its own
                logger.warning("The broker did not hear of a message, which waits for the next look: %s", away)
                sleep(SILENCE)


bell = Bell()
