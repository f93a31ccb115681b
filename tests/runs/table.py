"""Jobs that write down what they do, for processes of their own; never imported by the tests themselves."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from common import runner
from common.jobs import Job
from common.models import job_run

# A lease as in production would keep the tests waiting for a minute.
job_run.LEASE = timedelta(seconds=3)
runner.BEAT = runner.LOOK = timedelta(seconds=1)

FOLDER = Path(os.environ["JOBS_FOLDER"])
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def note(name: str) -> int:
    with (FOLDER / name).open("a") as file:
        file.write(f"{os.getpid()}\n")
    return 1


def tick(_: datetime) -> int:
    return note("ticked")


def wait(_: datetime) -> int:
    """Take until the test lets it go on."""
    note("began")
    while not (FOLDER / "go on").exists():
        time.sleep(0.05)
    return note("ended")


def fail(_: datetime) -> int:
    raise ValueError("No broom.")


TICKING = (Job("tick", tick, SECOND, "Ticks."),)
WAITING = (Job("wait", wait, DAY, "Waits."), Job("tick", tick, DAY, "Ticks."))
FAILING = (Job("fail", fail, DAY, "Fails."), Job("tick", tick, DAY, "Ticks."))
DELIVERING = (Job("deliver-messages", tick, DAY, "Ticks for the post."),)
