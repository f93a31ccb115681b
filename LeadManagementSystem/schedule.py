"""Every job, once: what runs by itself, and how often."""

from datetime import time, timedelta

from call_planning.tasks import mark_missed, morning_plans, plan_calls
from common.jobs import Daily, Job
from common.tasks import forget_answers, forget_browsers, forget_runs, seal_audit
from interaction_tracking.tasks import clean_up_interactions
from kams.tasks import erase_traces, forget_invitations, forget_logins
from leads.tasks import tell_of_covers
from notifications.tasks import deliver
from performance_tracking.tasks import refresh_rhythms

OFTEN = timedelta(minutes=5)

JOBS: tuple[Job, ...] = (
    Job("mark-missed", mark_missed, OFTEN, "Calls missed what was planned for a day that is over."),
    Job("plan-calls", plan_calls, OFTEN, "Plans a call wherever one is due today."),
    Job("morning-plans", morning_plans, OFTEN, "Tells each person in the morning what their day brings."),
    Job("deliver-messages", deliver, timedelta(seconds=5), "Sends what waits in the outbox."),
    Job(
        "refresh-rhythms",
        refresh_rhythms,
        Daily(at=time(0, 5)),
        "Lets the day count in every order rhythm, and learns what is usual for a type, and what is much.",
    ),
    Job("tell-of-covers", tell_of_covers, timedelta(minutes=5), "Tells both people that a cover has begun or ended."),
    Job(
        "clean-up-interactions",
        clean_up_interactions,
        Daily(at=time(3, 30)),
        "Moves old interactions of restaurants that are long inactive into archive files, if a retention is set.",
    ),
    Job("seal-audit", seal_audit, OFTEN, "Seals the history of what was changed, so that nobody changes it unnoticed."),
    Job("erase-traces", erase_traces, OFTEN, "Takes away what still names people whose data were erased."),
    Job("forget-answers", forget_answers, timedelta(hours=1), "Removes the answers that no retry gets any more."),
    Job("forget-browsers", forget_browsers, Daily(at=time(3, 0)), "Removes the sessions of staff pages that are over."),
    Job(
        "forget-logins",
        forget_logins,
        Daily(at=time(3, 10)),
        "Removes the logins that were over `KEEP_DAYS` ago.",
    ),
    Job(
        "forget-invitations",
        forget_invitations,
        Daily(at=time(3, 20)),
        "Removes the invitations that nobody took up, and that ran out `KEEP_DAYS` ago.",
    ),
    Job(
        "forget-runs",
        forget_runs,
        timedelta(hours=1),
        "Removes the runs of jobs that are older than `KEEP_DAYS`, and those that found nothing to do after a day.",
    ),
)
