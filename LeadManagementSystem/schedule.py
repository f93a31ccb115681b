"""Every job, once: what runs by itself, and how often."""

from datetime import timedelta

from common.jobs import Job
from leads.tasks import tell_of_covers

JOBS: tuple[Job, ...] = (
    Job("tell_of_covers", tell_of_covers, timedelta(minutes=5), "tells both people that a cover has begun or ended"),
)
