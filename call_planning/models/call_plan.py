"""The cadence of one restaurant: how often it is called, when it was, when it will be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Greatest

from call_planning.choices import BY_MONTH, Frequency
from call_planning.models.availability import with_availability
from call_planning.models.planned_call import PlannedCall
from call_planning.schedule import first_call, next_call
from common.clock import local_day_bounds, wall_clock, zone
from common.errors import AlreadyExists, InvalidInput
from common.models import Archivable, Stamped
from interaction_tracking.choices import InteractionStatus, InteractionType
from interaction_tracking.models import Interaction
from kams.models import User, VisibleSet
from leads.choices import CLOSED
from leads.models import Restaurant, of_visible_restaurants

LONGEST_INTERVAL = 366


class CallPlanSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("lead", user), archived_at__isnull=True)

    def listed_for(self, user: User) -> Self:
        return self.filter(lead__in=Restaurant.objects.listed_for(user).values("pk"), archived_at__isnull=True)

    def locked(self, *of: str) -> Self:
        """The plans with their restaurants, restaurants first: what changes a plan may write to both."""
        return super(CallPlanSet, self.select_related("lead")).locked("lead", *of)

    def due(self, *, by: datetime) -> Self:
        """Those to be called before `by`, at restaurants that are still called."""
        return self.filter(next_call_date__lt=by).exclude(lead__lead_status__in=CLOSED)

    def due_today(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """What requires a call before the local day that contains `at` is over."""
        _, tonight = local_day_bounds(at, zone)
        return self.due(by=tonight)

    def with_overdue(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """Adds `is_overdue`: the call was due before the local day that contains `at`."""
        this_morning, _ = local_day_bounds(at, zone)
        return self.annotate(
            is_overdue=Case(When(next_call_date__lt=this_morning, then=Value(True)), default=Value(False))
        )

    def with_suggestion(self, *, at: datetime) -> Self:
        """Adds what `suggested` goes by beside the plan's own columns."""
        return with_availability(self, at=at, restaurant="lead")

    # --- planned calls --------------------------------------------------------------------------
    def of(self, kam: User) -> Self:
        """The plans of what this person has."""
        return self.filter(lead__assigned_to=kam)

    def running(self) -> Self:
        """Those that stand, at restaurants that are not put away."""
        return self.filter(archived_at__isnull=True, lead__archived_at__isnull=True)

    def unplanned(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """What is due before the local day is over and has no call for it yet; `to_call_at` is when.

        What was due on an earlier day is to be called on this one, so a call that was missed is planned anew.
        """
        this_morning, _ = local_day_bounds(at, zone)
        due = self.running().due_today(at=at, zone=zone)
        due = due.annotate(to_call_at=Greatest("next_call_date", Value(this_morning)))
        of_this_date = Interaction.objects.filter(call_plan=OuterRef("pk"), due_at=OuterRef("to_call_at"))
        return due.exclude(Exists(PlannedCall.objects.filter(planned_for=OuterRef("pk")))).exclude(Exists(of_this_date))

    def refuse_second(self, lead: int) -> None:
        if first := self.filter(running_for=lead).values_list("pk", flat=True).first():
            raise AlreadyExists(
                f"This restaurant has call plan {first}.", errors={"lead": f"Change call plan {first} instead."}
            )

    def add(self, *, lead: Restaurant, by: User, at: datetime, **fields: Any) -> CallPlan:
        """Plan a restaurant's calls; there is one plan at a time. The restaurant is locked."""
        lead = Restaurant.objects.hold(lead.pk, field="lead")
        self.refuse_second(lead.pk)
        plan: CallPlan = self.model(lead=lead, created_at=at, updated_at=at, **fields)
        plan._check_interval()
        if plan.next_call_date is None:
            plan.next_call_date = plan._first_call()
        plan.save(force_insert=True)
        return plan


class CallPlan(Stamped, Archivable):
    lead = models.ForeignKey(Restaurant, models.PROTECT, related_name="call_plans", db_index=False)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    interval_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="For CUSTOM: days between calls.")
    last_called = models.DateTimeField(null=True, blank=True, editable=False)
    next_call_date = models.DateTimeField()
    # The 31 of a plan whose last call fell on 28 February, where the month ends; null where that call's day counts.
    day_of_month = models.PositiveSmallIntegerField(null=True, editable=False)
    notes = models.TextField(blank=True, default="")
    # The restaurant while the plan stands, else null: unique, so that there is one plan at a time.
    running_for = models.GeneratedField(
        expression=Case(When(archived_at__isnull=True, then=F("lead_id")), default=None),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects: ClassVar[Any] = CallPlanSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(frequency__in=Frequency.values), name="call_plan_frequency_is_known"),
            models.CheckConstraint(
                condition=Q(frequency=Frequency.CUSTOM, interval_days__range=(1, LONGEST_INTERVAL))
                | ~Q(frequency=Frequency.CUSTOM) & Q(interval_days__isnull=True),
                name="call_plan_interval_is_custom",
            ),
        ]
        indexes: ClassVar = [
            # The plan of a restaurant, and the walk from a KAM's restaurants to what is due.
            models.Index(fields=["lead", "next_call_date", "id"], name="call_plan_by_lead"),
            # Everybody's plans by due date.
            models.Index(fields=["next_call_date", "id"], name="call_plan_by_due"),
            models.Index(fields=["frequency", "id"], name="call_plan_by_frequency"),
            # ?ordering=last_called.
            models.Index(fields=["last_called", "id"], name="call_plan_by_last_called"),
        ]

    def __str__(self) -> str:
        return f"{self.get_frequency_display()}: {self.lead}"

    # --- verbs; the caller holds the row's lock -------------------------------------------------
    def record_call(self, *, called_at: datetime, by: User, at: datetime) -> bool:
        """Keep the call as an interaction and move the plan on from it.

        A call older than the last one is kept and moves nothing; the same call again changes nothing.
        """
        if called_at > at + settings.CLOCK_SKEW:
            raise InvalidInput(
                "A call cannot be recorded before it happens.",
                errors={"last_called": "This is in the future. Send the time of the call."},
            )
        if called_at == self.last_called:
            return False
        calls = list(PlannedCall.objects.locked().answered(self.pk, called_at=called_at, zone=self.callers_zone))
        if any(call.status == InteractionStatus.DONE for call in calls):
            return False
        is_newest = self.move_on(called_at=called_at, at=at)
        self._keep_call(calls, called_at=called_at, by=by, at=at, is_newest=is_newest)
        return True

    def move_on(self, *, called_at: datetime, at: datetime) -> bool:
        """Count the next call from this one, unless a later one is recorded."""
        if self.last_called is not None and called_at <= self.last_called:
            return False
        self.day_of_month = self._day_kept_by(called_at)
        self.last_called = called_at
        self.next_call_date = self._next_call(after=called_at)
        self.keep("last_called", "next_call_date", "day_of_month", at=at)
        return True

    def set_frequency(self, frequency: str, *, interval_days: int | None = None, by: User, at: datetime) -> bool:
        """Call this often, counted from the last call; from the plan's creation if there was none."""
        changed = self.take({"frequency": frequency, "interval_days": interval_days})
        self._check_interval()
        due = self._first_call() if self.last_called is None else self._next_call(after=self.last_called)
        changed += self.take({"next_call_date": due})
        if changed:
            self.keep(*changed, at=at)
            self._settle(at=at)
        return bool(changed)

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs. Another cadence counts from the last call; a given date overrides it once."""
        lead = changes.pop("lead", None)
        if lead is not None and lead.pk != self.lead_id:
            raise InvalidInput(
                "A call plan stays with its restaurant.", errors={"lead": "Make a plan for the other restaurant."}
            )
        if changes.get("frequency", Frequency.CUSTOM) != Frequency.CUSTOM:
            changes.setdefault("interval_days", None)
        changed = self.take(changes)
        self._check_interval()
        if {"frequency", "interval_days"} & set(changed) and "next_call_date" not in changed and self.last_called:
            changed += self.take({"next_call_date": self._next_call(after=self.last_called)})
        if changed:
            self.keep(*changed, at=at)
        if "next_call_date" in changed:
            self._settle(at=at)
        return bool(changed)

    def wake(self, *, at: datetime) -> None:
        """Go on after a rest: what came due meanwhile is counted from this day, as if the plan began."""
        this_morning, _ = local_day_bounds(at, self.zone)
        if self.next_call_date < this_morning:
            self.next_call_date = self._first_call(since=at)
            self.keep("next_call_date", at=at)

    def archive(self, *, by: User, at: datetime) -> None:
        """End the plan, and what is planned by it; the restaurant may have another."""
        super().revise(by=by, at=at, archived_at=at)
        self._settle(at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        """Take the plan up again, unless the restaurant has another one by now."""
        if self.archived_at is not None:
            CallPlan.objects.refuse_second(self.lead_id)
        return super().revise(by=by, at=at, archived_at=None)

    # --- rules --------------------------------------------------------------------------------
    @property
    def zone(self) -> ZoneInfo:
        """The restaurant's zone, else its KAM's, else the organisation's."""
        owner = self.lead.assigned_to
        return zone(self.lead.timezone or (owner.timezone if owner else settings.TIME_ZONE))

    @property
    def callers_zone(self) -> ZoneInfo:
        """The zone whose days decide when a planned call is missed: of the KAM who calls, else of the restaurant."""
        owner = self.lead.assigned_to
        return owner.zone if owner else self.zone

    def _next_call(self, *, after: datetime) -> datetime:
        return next_call(
            after=after,
            frequency=self.frequency,
            zone=self.zone,
            interval_days=self.interval_days,
            day_of_month=self.day_of_month if self.frequency in BY_MONTH else None,
        )

    def _day_kept_by(self, called_at: datetime) -> int | None:
        """The day of the month that a short one cut: kept by a call on the very day it was due."""
        called, due = (wall_clock(moment, self.zone).date() for moment in (called_at, self.next_call_date))
        day = self.day_of_month or wall_clock(self.last_called or self.created_at, self.zone).day
        ends_month = (called + timedelta(days=1)).day == 1
        return day if self.frequency in BY_MONTH and called == due and ends_month and called.day < day else None

    def _first_call(self, *, since: datetime | None = None) -> datetime:
        return first_call(
            created=since or self.created_at, frequency=self.frequency, zone=self.zone, interval_days=self.interval_days
        )

    def _keep_call(
        self, calls: list[PlannedCall], *, called_at: datetime, by: User, at: datetime, is_newest: bool
    ) -> None:
        """Complete the call that was missed that day or is planned, or add one; take back what is planned in vain."""
        missed = [call for call in calls if call.status == InteractionStatus.MISSED]
        planned = [call for call in calls if call not in missed and is_newest and not self._asks_for(call, at=at)]
        if answered := next(iter(missed + planned), None):
            answered.complete(called_at=called_at, by=by, at=at)
        else:
            Interaction.objects.add(
                lead=self.lead,
                interaction_type=InteractionType.CALL,
                details="Call recorded on the call plan.",
                date=called_at,
                call_plan=self,
                by=by,
                at=at,
            )
        for call in planned:
            if call is not answered and call.due_at:
                call.take_back(at=at)

    def _asks_for(self, call: PlannedCall, *, at: datetime) -> bool:
        """Whether what is planned is still what the plan wants: a call when it is due, or today if that has passed."""
        this_morning, _ = local_day_bounds(at, self.callers_zone)
        return call.due_at == max(self.next_call_date, this_morning)

    def _settle(self, *, at: datetime) -> None:
        """Take back the call that is planned, if the plan no longer asks for it."""
        for call in PlannedCall.objects.locked().filter(planned_for=self.pk):
            if self.archived_at or not self._asks_for(call, at=at):
                call.take_back(at=at)

    def _check_interval(self) -> None:
        custom = self.frequency == Frequency.CUSTOM
        if custom and (self.interval_days is None or not 1 <= self.interval_days <= LONGEST_INTERVAL):
            raise InvalidInput(
                "A CUSTOM plan says its interval.",
                errors={"interval_days": f"Send the days between calls, from 1 to {LONGEST_INTERVAL}."},
            )
        if not custom and self.interval_days is not None:
            raise InvalidInput(
                "Only a CUSTOM plan has an interval.",
                errors={"interval_days": "Leave it out, or send the frequency CUSTOM."},
            )
