"""What plans make of what happens to restaurants and interactions, in the transaction in which it does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from call_planning.models.call_plan import CallPlan
from call_planning.models.planned_call import PlannedCall
from common.models import RowSet
from interaction_tracking.models import Interaction
from kams.models import User
from leads.choices import CLOSED
from leads.models import Restaurant


def follow_status(*, restaurant: Restaurant, old_status: str, at: datetime, **_who: User) -> None:
    """Rest while a restaurant is LOST or INACTIVE: nothing stays planned, and what came due is counted anew."""
    closed = restaurant.lead_status in CLOSED
    if closed == (old_status in CLOSED):
        return
    if closed:
        for call in PlannedCall.objects.locked().open().of_restaurant(restaurant.pk):
            call.take_back(at=at)
        return
    # The restaurant is locked already.
    for plan in RowSet.locked(CallPlan.objects.filter(running_for=restaurant.pk)):
        plan.lead = restaurant
        plan.wake(at=at)


def follow_restaurants(*, restaurants: Sequence[int]) -> None:
    """Know whose they are from now on, and rest or go on with them: all of their plans with one statement."""
    CallPlan.objects.filter(lead__in=restaurants).follow_restaurants()


def follow_call(*, call: Interaction, at: datetime) -> None:
    """Count from a planned call that was made, although nobody recorded it on the plan itself."""
    for plan in CallPlan.objects.locked().filter(pk=call.call_plan_id, archived_at__isnull=True):
        plan.move_on(called_at=call.date, outcome=call.outcome, at=at)
