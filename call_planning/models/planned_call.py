"""The calls of a plan: planned by the job, then made, missed, or taken back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, NamedTuple, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, F, Min, OuterRef, Q, Value
from django.db.models.functions import Coalesce, NullIf

from call_planning.messages import CALLS_MISSED
from common.clock import local_date, local_day_bounds, zone
from common.models import Change, tell_history
from interaction_tracking.choices import UNANSWERED, InteractionStatus, InteractionType
from interaction_tracking.models import Interaction, InteractionSet
from kams.models import User
from leads.models import Restaurant
from notifications.kinds import Facts
from notifications.models import Message

AT_ONCE = 500  # Rows of one INSERT.
MOST_LISTED = 50  # Restaurants that a message names; of the others it gives the number.


class Caller(NamedTuple):
    """Whose calls: a person's, or, without one, those of the pool in a zone."""

    kam: int | None
    zone: str


class PlannedCallSet(InteractionSet):
    def open(self) -> Self:
        """Those still to be made."""
        return self.filter(planned_for__isnull=False)

    def of_restaurant(self, restaurant: int) -> Self:
        return self.filter(lead=restaurant)

    def answered(self, plan: int, *, called_at: datetime, zone: ZoneInfo) -> Self:
        """What a call at this moment may be: one that is planned, one that was missed that day, or that call itself.

        Those missed come first, then the planned by their dates.
        """
        morning, night = local_day_bounds(called_at, zone)
        planned = Q(status=InteractionStatus.PLANNED, archived_at__isnull=True)
        missed = Q(status=InteractionStatus.MISSED, archived_at__isnull=True, date__gte=morning, date__lt=night)
        happened = Q(status=InteractionStatus.DONE, date=called_at)
        calls = self.filter(planned | missed | happened, call_plan=plan, interaction_type=InteractionType.CALL)
        return calls.order_by("status", "date", "id")

    def in_vain(self, plan: Any) -> Self:
        """The calls of a plan that reached nobody."""
        done = self.filter(status=InteractionStatus.DONE, archived_at__isnull=True, outcome__in=UNANSWERED)
        return done.filter(call_plan=plan, interaction_type=InteractionType.CALL)

    def plan(self, plans: Iterable[Any], *, at: datetime) -> None:
        """Plan a call for each of these, as `CallPlanSet.unplanned` gives them; what is planned stays as it is."""
        calls = [
            self.model(
                lead_id=plan.lead_id,
                call_plan=plan,
                interaction_type=InteractionType.CALL,
                status=InteractionStatus.PLANNED,
                details="Call as planned.",
                date=plan.to_call_at,
                due_at=plan.to_call_at,
                created_at=at,
                updated_at=at,
            )
            for plan in plans
        ]
        for start in range(0, len(calls), AT_ONCE):
            batch = calls[start : start + AT_ONCE]
            self.bulk_create(batch, ignore_conflicts=True)
            made = self._without_history().filter(planned_for__in=[call.call_plan_id for call in batch])
            tell_history(made, adding=True)

    def _without_history(self) -> Self:
        """Those that nobody has written down yet: of two who plan the same call, the one whose row it is does."""
        changes = Change.objects.of(self.model).filter(row=OuterRef("pk"))
        return self.filter(~Exists(changes))

    # --- the day that passes --------------------------------------------------------------------
    def passed(self, *, before: datetime) -> Self:
        """Those still to be made although their day is over, at restaurants that are not put away."""
        return self.open().filter(date__lt=before, lead__archived_at__isnull=True)

    def not_made(self, *, since: datetime, before: datetime) -> Self:
        """What was planned in that time and did not happen, whether it is called missed yet or not."""
        missed = Q(status=InteractionStatus.MISSED, archived_at__isnull=True, call_plan__isnull=False)
        return self.filter(missed | Q(planned_for__isnull=False), date__gte=since, date__lt=before)

    def by_caller(self) -> Self:
        """Adds `zone`, whose days count: that of who has the restaurant, else the restaurant's own."""
        own = NullIf("lead__timezone", Value(""))
        return self.annotate(zone=Coalesce("lead__assigned_to__timezone", own, Value(settings.TIME_ZONE)))

    def late_callers(self, *, at: datetime) -> list[Caller]:
        """Who has calls to make whose day is over."""
        firsts = self.passed(before=at).by_caller().order_by().values_list("lead__assigned_to", "zone")
        return [
            Caller(kam, name)
            for kam, name, first in firsts.annotate(first=Min("date"))
            if first < local_day_bounds(at, zone(name))[0]
        ]

    def miss(self, caller: Caller, *, at: datetime) -> int:
        """Mark this caller's calls of past days as missed, tell them, and give the number.

        A call that is recorded meanwhile holds its row first, and is no longer among them.
        """
        here = zone(caller.zone)
        morning, _ = local_day_bounds(at, here)
        theirs = self.passed(before=morning).by_caller().filter(lead__assigned_to=caller.kam, zone=caller.zone)
        held = list(theirs.locked().order_by("lead", "id"))
        self.filter(pk__in=[call.pk for call in held]).update(
            status=InteractionStatus.MISSED, kam=caller.kam, updated_at=at, version=F("version") + 1
        )
        for call in held:
            call.status, call.kam_id = InteractionStatus.MISSED, caller.kam
        tell_history(held, updated_at=at)
        if held:
            facts = {"today_is": at.isoformat(), **listed([(call.lead, call.date) for call in held], zone=here)}
            key = local_date(at, here).isoformat()
            Message.objects.tell(CALLS_MISSED, User.objects.filter(pk=caller.kam), key=key, at=at, facts=facts)
        return len(held)


class PlannedCall(Interaction):
    """An interaction, seen as a call of a plan."""

    objects: ClassVar[Any] = PlannedCallSet.as_manager()

    class Meta:
        proxy = True

    def complete(self, *, called_at: datetime, by: User, at: datetime, **told: Any) -> None:
        """It was made at this moment, whatever came of it."""
        self.revise(by=by, at=at, status=InteractionStatus.DONE, date=called_at, kam=by, **told)

    def _tell_plan(self, *, at: datetime) -> None:
        """It knows: whoever has the call as this was asked by the plan."""

    def take_back(self, *, at: datetime) -> None:
        """The plan no longer asks for it. It may ask for the same moment again, so that is free again."""
        self.status, self.due_at = InteractionStatus.CANCELLED, None
        self.keep("status", "due_at", at=at)


def listed(calls: Iterable[tuple[Restaurant, datetime]], *, zone: ZoneInfo) -> Facts:
    """The facts of a list of calls, earliest first: the first of them by name, and how many more there are.

    What is due with the beginning of a day is due at any time of it.
    """
    ordered = sorted(calls, key=lambda call: (call[1], call[0].pk))
    rows = [
        {
            "restaurant": place.pk,
            "name": place.name,
            "city": place.city,
            "contact_person": place.contact_person,
            "phone": place.phone,
            "due_at": due_at.isoformat(),
            "at_any_time": due_at == local_day_bounds(due_at, zone)[0],
        }
        for place, due_at in ordered[:MOST_LISTED]
    ]
    return {"rows": rows, "count": len(ordered), "more": max(len(ordered) - MOST_LISTED, 0)}
