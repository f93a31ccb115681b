"""What a brief says of the calls to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from call_planning.models import CallPlan
from leads.briefs import Entry, chapter


@chapter("call_plan", "The next call", rank=50)
def call_plan(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    """When it is due, how often it is called, what was tried and promised, and what was noted."""
    plans = CallPlan.objects.filter(lead__in=restaurants, archived_at__isnull=True)
    return {plan.lead_id: list(_of(plan)) for plan in plans}


def _of(plan: CallPlan) -> list[Entry]:
    told: list[Entry] = [
        {"id": plan.pk, "at": plan.next_call_date, "label": "Due", "text": plan.get_frequency_display()}
    ]
    if plan.last_called is not None:
        told.append({"id": plan.pk, "at": plan.last_called, "label": "Last called", "text": ""})
    if plan.attempts:
        times = "once" if plan.attempts == 1 else f"{plan.attempts} times"
        told.append({"id": plan.pk, "at": plan.attempted_at, "label": "Tried", "text": f"{times}, without an answer"})
    if plan.call_back_at is not None:
        told.append({"id": plan.pk, "at": plan.call_back_at, "label": "Promised to call back", "text": ""})
    if plan.snoozed_until is not None:
        told.append({"id": plan.pk, "at": plan.snoozed_until, "label": "Snoozed until", "text": plan.snooze_reason})
    if plan.notes:
        told.append({"id": plan.pk, "at": None, "label": "Notes", "text": plan.notes})
    return told
