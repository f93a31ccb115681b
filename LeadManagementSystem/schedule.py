"""Every job, once: what runs by itself, and how often."""

from common.jobs import Job

JOBS: tuple[Job, ...] = ()
