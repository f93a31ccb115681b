"""`manage.py run_jobs`: what is due is done, here, without a broker."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from argparse import SUPPRESS, ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from common.choices import RunState
from common.jobs import named, table
from common.models import JobRun
from common.runner import run_due, run_now, run_until

logger = logging.getLogger(__name__)

# How long jobs that ended by themselves rest before they are started again, in seconds.
PAUSE = 1.0


class Command(BaseCommand):
    help = "Run the jobs that are due, again and again until SIGTERM or Ctrl+C; any number may run side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--once", action="store_true", help="Run what is due and end, as from cron; 1 if one failed.")
        way.add_argument("--only", metavar="NAME", help="Run this one now, due or not, and end; 1 if it failed.")
        way.add_argument("--list", action="store_true", help="Show which jobs there are, and how each went last.")
        # As `serve` starts it: the jobs end with that process, and are started again if they end before it.
        way.add_argument("--beside", metavar="PID", type=int, help=SUPPRESS)

    def handle(self, *, once: bool, only: str | None, list: bool, beside: int | None, **options: Any) -> None:  # noqa: A002 - the option's name
        if list:
            self.show()
        elif only is not None:
            self.run_one(only)
        elif once:
            self.run_all()
        elif beside is not None:
            self.keep_running(beside)
        else:
            self.stdout.write("Running the jobs. Stop with Ctrl+C.")
            run_until(Stop(), table())

    def show(self) -> None:
        jobs = table()
        newest = {run.job: run for run in JobRun.objects.newest([job.name for job in jobs], *RunState.values)}
        for job in jobs:
            self.stdout.write(f"{job.name:<28} {job.how_often:<18} {last(newest.get(job.name)):<32} {job.words}")

    def run_one(self, name: str) -> None:
        job = named(name)
        if job is None:
            raise CommandError(f"There is no job {name}. There are: {', '.join(job.name for job in table())}.")
        run = run_now(job, at=timezone.now())
        if run is None:
            raise CommandError(f"{name} is running already.")
        self.report(run)
        if run.state == RunState.FAILED:
            sys.exit(1)

    def run_all(self) -> None:
        """Run what is due, with a bar on a terminal; the failure of one keeps none of the others from being run."""
        failed = False
        for job in tqdm(table(), unit=" jobs", disable=None, leave=False):
            run = run_due(job, at=timezone.now())
            if run is not None:
                failed = failed or run.state == RunState.FAILED
                self.report(run)
        if failed:
            sys.exit(1)

    def report(self, run: JobRun) -> None:
        out = self.stderr if run.state == RunState.FAILED else self.stdout
        with tqdm.external_write_mode():  # the bar steps aside
            out.write(f"{run.job:<28} {last(run)}")

    def keep_running(self, server: int) -> None:
        """Run the jobs in a child of this process until the server is gone; one that dies is started again."""
        asked = Stop(unless_child_of=server)
        child = self.begin()
        while not asked():
            ended, _ = os.waitpid(child, os.WNOHANG)
            if ended:
                self.stderr.write("The jobs have ended by themselves. Starting them again.")
                time.sleep(PAUSE)
                child = self.begin()
            time.sleep(PAUSE)
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)

    def begin(self) -> int:
        """Start the loop in a copy of this process, which has everything loaded and no connection yet."""
        keeper = os.getpid()
        child = os.fork()
        if child:
            return child
        try:
            run_until(Stop(unless_child_of=keeper), table())
        except BaseException:
            logger.exception("The jobs came to a bad end.")
        os._exit(0)


class Stop:
    """Whether this process was asked to stop, by SIGTERM, Ctrl+C or the end of the process that it belongs to.

    It is asked between two jobs. A second Ctrl+C does not wait for that.
    """

    def __init__(self, *, unless_child_of: int | None = None) -> None:
        self.parent = unless_child_of
        self.asked = False
        signal.signal(signal.SIGTERM, self.note)
        signal.signal(signal.SIGINT, self.note)

    def __call__(self) -> bool:
        return self.asked or (self.parent is not None and os.getppid() != self.parent)

    def note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)


def last(run: JobRun | None) -> str:
    """How a run went, in a few words."""
    if run is None:
        return "never ran"
    if run.state == RunState.RUNNING:
        return f"running since {run.started_at:%Y-%m-%d %H:%M:%S}"
    if run.state == RunState.FAILED:
        return f"failed at {run.finished_at:%Y-%m-%d %H:%M:%S}"
    return f"did {run.done} at {run.finished_at:%Y-%m-%d %H:%M:%S}"
