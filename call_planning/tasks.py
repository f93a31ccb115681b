"""What is done by itself: calls are planned when they are due, missed when their day is over, and told each morning.

Each person's calls are one transaction, and what is done is not done again: a job that dies in the middle goes on
where it was, and several at once do the work of one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from call_planning.messages import CALLS_PLANNED, MORNING_PLAN
from call_planning.models import CallPlan, Morning, PlannedCall
from call_planning.models.morning import morning_of, plans_of_the_day
from call_planning.models.planned_call import listed
from common.api.transactions import in_transaction
from common.clock import zone
from kams.models import User
from notifications.models import Message

PEOPLE_AT_ONCE = 100  # whose plans of the day are one transaction


def plan_calls(at: datetime) -> int:
    """Plan a call wherever one is due before the day of who makes it is over; the number of calls."""
    return sum(in_transaction(partial(_plan_for, kam, at=at)) for kam in _who_has_to_call(at))


def mark_missed(at: datetime) -> int:
    """Call missed what was planned for a day that is over, by the zone of who was to call; the number of calls."""
    late = PlannedCall.objects.late_callers(at=at)
    return sum(in_transaction(partial(PlannedCall.objects.miss, caller, at=at)) for caller in late)


def morning_plans(at: datetime) -> int:
    """Tell everybody once, on each morning of theirs, what the day brings; the number of people told."""
    told = 0
    for name, people in _people_by_zone():
        here = zone(name)
        if (day := morning_of(at, here)) is None:
            continue
        waiting = list(people.exclude(morning__day__gte=day).order_by("pk"))
        for start in range(0, len(waiting), PEOPLE_AT_ONCE):
            batch = waiting[start : start + PEOPLE_AT_ONCE]
            told += in_transaction(partial(_prepare, batch, day=day, at=at, zone=here))
    return told


def _people_by_zone() -> Iterator[tuple[str, Any]]:
    """The zones of those who may work on restaurants, and the people of each."""
    people = User.objects.who_can_be_allocated()
    for name in people.order_by("timezone").values_list("timezone", flat=True).distinct():
        yield name, people.filter(timezone=name)


def _who_has_to_call(at: datetime) -> Iterator[User]:
    """The people with restaurants to call that no call is planned for. Nobody calls the pool."""
    for name, people in _people_by_zone():
        due = CallPlan.objects.unplanned(at=at, zone=zone(name))
        yield from people.filter(pk__in=due.values("owner")).order_by("pk")


def _plan_for(kam: User, *, at: datetime) -> int:
    """Plan what this person has to call today, and tell them."""
    theirs = CallPlan.objects.of(kam).unplanned(at=at, zone=kam.zone)
    held = [plan.pk for plan in theirs.locked().order_by("lead", "id")]
    # Whoever planned calls while this waited for the locks is done by now: so it is asked again.
    plans = list(theirs.filter(pk__in=held).select_related("lead"))
    PlannedCall.objects.plan(plans, at=at)
    if plans:
        calls = [(plan.lead, plan.next_call_date) for plan in plans]
        facts = {"today_is": at.isoformat(), **listed(calls, zone=kam.zone)}
        key = f"{at.isoformat()}:{min(plan.pk for plan in plans)}"
        Message.objects.tell(CALLS_PLANNED, [kam], key=key, at=at, facts=facts)
    return len(plans)


def _prepare(people: Iterable[User], *, day: date, at: datetime, zone: ZoneInfo) -> int:
    """Tell each of these people of one zone what the day brings, if it brings anything."""
    since = Morning.objects.claim([person.pk for person in people], day=day, at=at)
    plans = plans_of_the_day(since, at=at, zone=zone) if since else {}
    Message.objects.tell_each(MORNING_PLAN, plans, key=day.isoformat(), at=at)
    return len(plans)
