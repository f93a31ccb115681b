"""Among more restaurants than can all be looked at, those that are most likely to need a call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections
from django.db.models import Q, QuerySet

from call_planning.models.call_plan import CallPlan
from common.clock import local_day_bounds
from leads.choices import CLOSED, LeadStatus
from leads.models import Restaurant
from performance_tracking.choices import RhythmState
from performance_tracking.models import OrderRhythm

# Whose restaurants are meant, as conditions on rows that have their owner and their key in the columns of these names.
# No two conditions hold of the same restaurant.
Whose = Callable[..., list[Q]]


def everybodys(*, owner: str, key: str) -> list[Q]:  # noqa: ARG001 - whoever has it, and whichever it is
    return [Q()]


def most_pressing(whose: Whose, *, at: datetime, zone: ZoneInfo, most: int) -> set[int]:
    """The keys of the most overdue, the latest, the new leads and the others that are worth most: so many of each.

    Each is the beginning of an index, however many restaurants there are: plans and rhythms say by themselves whose
    they are and whether they are called, so that no restaurant is read for it. Only an account can be late.
    """
    _, tonight = local_day_bounds(at, zone)
    due = CallPlan.objects.due(by=tonight)
    late = OrderRhythm.objects.of_accounts().filter(
        state__in=(RhythmState.LATE, RhythmState.LAPSED), cycles__isnull=False
    )
    worth = Restaurant.objects.filter(archived_at__isnull=True, potential_revenue__isnull=False)
    plans, rhythms = whose(owner="owner", key="lead"), whose(owner="owner", key="pk")
    restaurants = whose(owner="assigned_to", key="pk")
    kinds = (
        _first(due.values_list("lead", "next_call_date", "pk"), plans, "next_call_date", "pk", most=most),
        _first(late.values_list("pk", "cycles"), rhythms, "-cycles", "-pk", most=most),
        *(
            _first(rows.values_list("pk", "potential_revenue"), restaurants, "-potential_revenue", "-pk", most=most)
            for rows in (worth.filter(lead_status=LeadStatus.NEW), worth.exclude(lead_status__in=CLOSED))
        ),
    )
    return {key for kind in kinds for key, *_ in kind}


def _first(rows: QuerySet[Any, Any], whose: list[Q], *order: str, most: int) -> QuerySet[Any, Any]:
    """The first so many in this order: of several ranges the first of each, for no index has all of them in order."""
    if not connections[rows.db].features.supports_slicing_ordering_in_compound:  # SQLite
        whose = [reduce(or_, whose)]
    first, *others = (rows.filter(part).order_by(*order)[:most] for part in whose)
    return first.union(*others, all=True).order_by(*order)[:most] if others else first
