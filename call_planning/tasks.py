"""What is done by itself: calls are planned when they are due, and missed when their day is over.

Each person's calls are one transaction, and what is done is not done again: a job that dies in the middle goes on
where it was, and several at once do the work of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from call_planning.messages import CALLS_PLANNED
from call_planning.models import CallPlan, PlannedCall
from call_planning.models.planned_call import listed
from common.api.transactions import in_transaction
from common.clock import local_date, zone
from kams.models import User
from notifications.models import Message


def plan_calls(at: datetime) -> int:
    """Plan a call wherever one is due before the day of who makes it is over; the number of calls."""
    return sum(in_transaction(partial(_plan_for, kam, at=at)) for kam in _who_has_to_call(at))


def mark_missed(at: datetime) -> int:
    """Call missed what was planned for a day that is over, by the zone of who was to call; the number of calls."""
    late = PlannedCall.objects.late_callers(at=at)
    return sum(in_transaction(partial(PlannedCall.objects.miss, caller, at=at)) for caller in late)


def _who_has_to_call(at: datetime) -> Iterator[User]:
    """The active people with restaurants to call that no call is planned for. Nobody calls the pool."""
    people = User.objects.who_can_be_allocated()
    for name in people.order_by("timezone").values_list("timezone", flat=True).distinct():
        due = CallPlan.objects.unplanned(at=at, zone=zone(name))
        yield from people.filter(timezone=name, pk__in=due.values("lead__assigned_to")).order_by("pk")


def _plan_for(kam: User, *, at: datetime) -> int:
    """Plan what this person has to call today, and tell them."""
    theirs = CallPlan.objects.of(kam).unplanned(at=at, zone=kam.zone)
    held = [plan.pk for plan in theirs.locked().order_by("lead", "id")]
    # Whoever planned calls while this waited for the locks is done by now: so it is asked again.
    plans = list(theirs.filter(pk__in=held).select_related("lead"))
    PlannedCall.objects.plan(plans, at=at)
    if plans:
        facts = {
            "day": local_date(at, kam.zone).isoformat(),
            **listed((plan.lead, plan.next_call_date) for plan in plans),
        }
        key = f"{at.isoformat()}:{min(plan.pk for plan in plans)}"
        Message.objects.tell(CALLS_PLANNED, [kam], key=key, at=at, facts=facts)
    return len(plans)
