"""Every job, once: what runs by itself, and how often."""

from datetime import timedelta

from call_planning.tasks import mark_missed, morning_plans, plan_calls
from common.jobs import Job

OFTEN = timedelta(minutes=5)

JOBS: tuple[Job, ...] = (
    Job("mark_missed", mark_missed, OFTEN, "calls missed what was planned for a day that is over"),
    Job("plan_calls", plan_calls, OFTEN, "plans a call wherever one is due today"),
    Job("morning_plans", morning_plans, OFTEN, "tells each person in the morning what their day brings"),
)
