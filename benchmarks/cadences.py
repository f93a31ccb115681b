"""The call plan of a life: how often it is called, when it was, and what became of the calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from call_planning.choices import Frequency
from call_planning.demo.chance import Chance
from call_planning.schedule import first_call, next_call
from common.clock import local_date, local_day_bounds, resolve
from interaction_tracking.choices import InteractionStatus
from leads.choices import CLOSED, LeadStatus

# How common each cadence is, and its days.
_CADENCES = {
    (Frequency.DAILY, 1): 3,
    (Frequency.CUSTOM, 3): 5,
    (Frequency.WEEKLY, 7): 34,
    (Frequency.CUSTOM, 10): 5,
    (Frequency.BIWEEKLY, 14): 26,
    (Frequency.MONTHLY, 30): 20,
    (Frequency.QUARTERLY, 91): 7,
}
# A call: when, what became of it, and whether each restaurant has it at a moment of its own.
Call = tuple[datetime, InteractionStatus, bool]


@dataclass
class Plan:
    """Where it is never called, its date is the beginning of a day, and the same for everybody: it does not shift."""

    frequency: str = ""
    interval_days: int | None = None
    last_called: datetime | None = None
    next_call_date: datetime | None = None
    attempted_at: datetime | None = None
    attempts: int = 0
    call_back_at: datetime | None = None
    snoozed_until: datetime | None = None


def plan_of(
    status: LeadStatus, *, created_at: datetime, until: datetime, now: datetime, zone: str, chance: Chance
) -> tuple[Plan | None, list[Call]]:
    """The plan, if there is one, and the calls that it asked for."""
    if not chance.happens(0.5 if status == LeadStatus.NEW or status in CLOSED else 0.88):
        return None, []
    frequency, days = chance.weighted(_CADENCES)
    here = ZoneInfo(zone)
    plan = Plan(frequency, days if frequency == Frequency.CUSTOM else None)
    counted: dict[str, Any] = {"frequency": frequency, "interval_days": plan.interval_days, "zone": here}
    called = _hour_of(until - timedelta(days=days * chance.uniform(0.02, 1.2)), here, chance)
    if status == LeadStatus.NEW or called <= created_at:
        plan.next_call_date = first_call(created=max(created_at, now - timedelta(days=days * 1.3)), **counted)
        return plan, _to_make(plan, status, now=now, zone=here)
    if called + timedelta(hours=1) > now:
        called -= timedelta(days=1)
    plan.last_called, plan.next_call_date = called, next_call(after=called, **counted)
    earlier = [called - timedelta(days=days * back) for back in range(1, chance.randint(1, 4))]
    calls: list[Call] = [(called, InteractionStatus.DONE, True)]
    for moment in earlier:
        if moment > created_at:
            made = InteractionStatus.DONE if chance.happens(0.9) else InteractionStatus.MISSED
            calls.append((moment.replace(minute=called.minute), made, True))
    if status not in CLOSED:
        _detours(plan, now=now, chance=chance)
    return plan, [*calls, *_to_make(plan, status, now=now, zone=here)]


def _hour_of(moment: datetime, zone: ZoneInfo, chance: Chance) -> datetime:
    return resolve(datetime.combine(local_date(moment, zone), time(chance.randint(10, 17))), zone)


def _to_make(plan: Plan, status: LeadStatus, *, now: datetime, zone: ZoneInfo) -> list[Call]:
    """What the jobs have made of a plan that is due: the call of the past day was missed, and one is for today."""
    this_morning, tonight = local_day_bounds(now, zone)
    due, shifts = plan.next_call_date, plan.last_called is not None
    if due is None or status in CLOSED or due >= tonight:
        return []
    if due >= this_morning:
        return [(due, InteractionStatus.PLANNED, shifts)]
    return [(due, InteractionStatus.MISSED, shifts), (this_morning, InteractionStatus.PLANNED, False)]


def _detours(plan: Plan, *, now: datetime, chance: Chance) -> None:
    """A few were tried in vain, promised to be called back, or were put off."""
    if chance.happens(0.05):
        plan.attempted_at, plan.attempts = now - chance.days((0.05, 2)), chance.randint(1, 3)
    if chance.happens(0.04):
        plan.call_back_at = now + chance.days((-1, 3))
    if chance.happens(0.03):
        plan.snoozed_until = now + chance.days((0.5, 12))
