"""Every job, once: what runs by itself, and how often."""

from datetime import timedelta

from common.jobs import Job
from performance_tracking.tasks import refresh_rhythms

JOBS: tuple[Job, ...] = (
    Job(
        "refresh-rhythms",
        refresh_rhythms,
        timedelta(days=1),
        "Lets the day count in every order rhythm, and learns what is usual for each type of restaurant.",
    ),
)
