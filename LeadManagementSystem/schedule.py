"""Every job, once: what runs by itself, and how often."""

from datetime import timedelta

from common.jobs import Job
from interaction_tracking.tasks import clean_up_interactions
from leads.tasks import tell_of_covers
from notifications.tasks import deliver
from performance_tracking.tasks import refresh_rhythms

JOBS: tuple[Job, ...] = (
    Job("deliver-messages", deliver, timedelta(seconds=5), "Sends what waits in the outbox."),
    Job(
        "refresh-rhythms",
        refresh_rhythms,
        timedelta(days=1),
        "Lets the day count in every order rhythm, and learns what is usual for each type of restaurant.",
    ),
    Job("tell-of-covers", tell_of_covers, timedelta(minutes=5), "Tells both people that a cover has begun or ended."),
    Job(
        "clean-up-interactions",
        clean_up_interactions,
        timedelta(days=1),
        "Moves old interactions of restaurants that are long inactive into archive files, if a retention is set.",
    ),
)
