"""The cadence of one restaurant: how often it is called, when it was, when it will be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, Exists, ExpressionWrapper, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest

from call_planning.choices import Frequency
from call_planning.models.availability import with_availability
from call_planning.models.planned_call import PlannedCall
from call_planning.models.recording import AWAKE, Recording
from call_planning.schedule import first_call
from common.clock import local_day_bounds
from common.errors import AlreadyExists, InvalidInput
from common.models import Archivable
from interaction_tracking.models import Interaction
from kams.models import User, VisibleSet
from leads.choices import CLOSED
from leads.models import Restaurant, of_restaurants_on_record
from leads.models.portfolio import portfolio_of, seen_by

LONGEST_INTERVAL = 366
LONGEST_SNOOZE = timedelta(days=366)


class CallPlanSet(VisibleSet):
    # Says of the restaurants what was asked of the plans: where that is no one range of an index, PostgreSQL expects
    # fewer rows by it, and sorts what is due of these rather than go by date through what everybody has.
    _once_more = Q()

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc] # Django's own, which its stubs leave out
        clone._once_more = self._once_more
        return clone

    def visible_to(self, user: User) -> Self:
        return self.running().filter(seen_by(user, owner="owner", key="lead"))

    def on_record_for(self, user: User) -> Self:
        """The archive is open to whom that of restaurants is."""
        return self.visible_to(user) if user.is_kam else self.filter(of_restaurants_on_record("lead", user))

    def listed_for(self, user: User) -> Self:
        return self.running().of_portfolio(user) if user.is_kam else self.visible_to(user)

    def locked(self, *of: str) -> Self:
        """The plans with their restaurants, restaurants first: what changes a plan may write to both."""
        return super(CallPlanSet, self.select_related("lead")).locked("lead", *of)

    def due(self, *, by: datetime) -> Self:
        """Those to be called before `by`: neither what rests nor what is snoozed beyond it."""
        return self.filter(self._once_more, rests=False, next_call_date__lt=by).exclude(snoozed_until__gte=by)

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

    def with_snooze(self, *, at: datetime) -> Self:
        """Adds `is_snoozed`, and until when and why, as long as that is not over."""
        lasts = Q(snoozed_until__isnull=False, snoozed_until__gt=at)
        return self.annotate(
            is_snoozed=ExpressionWrapper(lasts, BooleanField()),
            snooze_ends_at=Case(When(lasts, then=F("snoozed_until"))),
            snoozed_because=Case(When(lasts, then=F("snooze_reason")), default=Value("")),
        )

    def with_suggestion(self, *, at: datetime) -> Self:
        """Adds what `suggested` goes by beside the plan's own columns."""
        tried = PlannedCall.objects.in_vain(OuterRef("pk")).filter(date=OuterRef("attempted_at")).values("outcome")[:1]
        rows = self.annotate(tried=Case(When(attempted_at__isnull=False, then=Subquery(tried)), default=Value("")))
        return with_availability(rows, at=at, restaurant="lead")

    # --- planned calls --------------------------------------------------------------------------
    def of(self, kam: User) -> Self:
        """The plans of what this person has."""
        return self.filter(owner=kam)

    def of_portfolio(self, person: User) -> Self:
        """The plans of what this person works on themselves, whatever else they see."""
        portfolio = portfolio_of(person)
        theirs: Self = self.filter(portfolio.condition(owner="owner", key="lead"))
        if not portfolio.is_one_range:
            theirs._once_more = portfolio.condition(owner="lead__assigned_to", key="lead")
        return theirs

    def running(self) -> Self:
        """Those that stand, at restaurants that are not put away."""
        return self.filter(archived_at__isnull=True, lead__archived_at__isnull=True)

    def unplanned(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """What is due before the local day is over and has no call for it yet; `to_call_at` is when.

        What was due on an earlier day is to be called on this one, so a call that was missed is planned anew; what was
        snoozed into this day, when that ends.
        """
        this_morning, _ = local_day_bounds(at, zone)
        due = self.due_today(at=at, zone=zone)
        snoozed_until = Coalesce("snoozed_until", "next_call_date")
        due = due.annotate(to_call_at=Greatest("next_call_date", snoozed_until, Value(this_morning)))
        of_this_date = Interaction.objects.filter(call_plan=OuterRef("pk"), due_at=OuterRef("to_call_at"))
        return due.exclude(Exists(PlannedCall.objects.filter(planned_for=OuterRef("pk")))).exclude(Exists(of_this_date))

    def follow_restaurants(self) -> int:
        """Keep whose they are and whether they rest, as their restaurants have it now, which the caller has locked."""
        place = Restaurant._base_manager.filter(pk=OuterRef("lead"))
        called = place.filter(archived_at__isnull=True).exclude(lead_status__in=CLOSED)
        return self.update(
            owner=Subquery(place.values("assigned_to")),
            rests=Case(When(Q(archived_at__isnull=True) & Exists(called), then=Value(False)), default=Value(True)),
        )

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
        plan.follow(lead)
        plan._check_interval()
        if plan.next_call_date is None:
            plan.next_call_date = plan._first_call()
        plan.save(force_insert=True)
        return plan


class CallPlan(Recording, Archivable):
    lead = models.ForeignKey(Restaurant, models.PROTECT, related_name="call_plans", db_index=False)
    frequency = models.CharField(max_length=10, choices=Frequency.choices)
    interval_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="For CUSTOM: days between calls.")
    # Put off: until then nobody is asked to call, whatever is due.
    snoozed_until = models.DateTimeField(null=True, blank=True, editable=False)
    snooze_reason = models.CharField(max_length=500, blank=True, default="", editable=False)
    notes = models.TextField(blank=True, default="")
    # Who has the restaurant, and whether nobody is asked to call: the plan is put away, or the restaurant is, or it is
    # LOST or INACTIVE. Both follow from the restaurant, in the transaction of its change.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    rests = models.BooleanField(default=False, db_default=False, editable=False)
    # The restaurant while the plan stands, else null: unique, so that there is one plan at a time.
    running_for = models.GeneratedField(
        expression=Case(When(archived_at__isnull=True, then=F("lead_id")), default=None),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    untold = Recording.untold | {"owner", "rests"}

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
            # The plans of a restaurant, also of those that are shared with a KAM.
            models.Index(fields=["lead", "next_call_date", "id"], name="call_plan_by_lead"),
            # What is due of a KAM's: today, the calendar, the ranking, the jobs.
            models.Index(fields=["owner", "rests", "next_call_date", "id"], name="call_plan_due_by_owner"),
            # What is due for who sees much: today and the ranking.
            models.Index(fields=["rests", "next_call_date", "id"], name="call_plan_due"),
            # A KAM's list in the default order, and by due date.
            models.Index(fields=["owner", "id"], name="call_plan_by_owner"),
            models.Index(fields=["owner", "next_call_date", "id"], name="call_plan_by_owner_due"),
            # Everybody's plans by due date, those that rest as well.
            models.Index(fields=["next_call_date", "id"], name="call_plan_by_due"),
            models.Index(fields=["frequency", "id"], name="call_plan_by_frequency"),
            # ?ordering=last_called.
            models.Index(fields=["last_called", "id"], name="call_plan_by_last_called"),
            # ?is_snoozed=true.
            models.Index(fields=["snoozed_until", "id"], name="call_plan_by_snooze"),
        ]

    def __str__(self) -> str:
        return f"{self.get_frequency_display()}: {self.lead}"

    # --- verbs; the caller holds the row's lock -------------------------------------------------
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

    def snooze(self, *, until: datetime, reason: str = "", by: User, at: datetime) -> bool:
        """Ask nobody to call before then. When the call is due stays as it is; a call in between ends it."""
        if not at < until <= at + LONGEST_SNOOZE:
            raise InvalidInput(
                "A plan is snoozed into the future, and for a year at most.",
                errors={"until": f"Send a moment that is still to come, within {LONGEST_SNOOZE.days} days."},
            )
        return self._put_off({"snoozed_until": until, "snooze_reason": reason}, at=at)

    def unsnooze(self, *, by: User, at: datetime) -> bool:
        """Ask for the call again when it is due."""
        return self._put_off(AWAKE, at=at)

    def _put_off(self, snooze: Mapping[str, Any], *, at: datetime) -> bool:
        """Take back what is planned, if it is put off by this, or was."""
        if changed := self.take(snooze):
            self.keep(*changed, at=at)
            self._settle(at=at)
        return bool(changed)

    def wake(self, *, at: datetime) -> None:
        """Go on after a rest: what came due meanwhile is counted from this day, as if the plan began."""
        this_morning, _ = local_day_bounds(at, self.zone)
        if self.next_call_date < this_morning:
            stale = self.call_back_at is not None and self.call_back_at < this_morning
            begun = {"next_call_date": self._first_call(since=at), "attempts": 0, "attempted_at": None}
            self.keep(*self.take({**begun, "call_back_at": None if stale else self.call_back_at}), at=at)

    def archive(self, *, by: User, at: datetime) -> None:
        """End the plan, and what is planned by it; the restaurant may have another."""
        super().revise(by=by, at=at, archived_at=at, rests=True)
        self._settle(at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        """Take the plan up again, unless the restaurant has another one by now."""
        if self.archived_at is not None:
            CallPlan.objects.refuse_second(self.lead_id)
        return super().revise(by=by, at=at, archived_at=None, rests=not _is_called(self.lead))

    def follow(self, lead: Restaurant) -> None:
        """Know whose the restaurant is, and whether it is called; nothing is written yet."""
        self.owner_id, self.rests = lead.assigned_to_id, self.archived_at is not None or not _is_called(lead)

    # --- rules --------------------------------------------------------------------------------
    def _first_call(self, *, since: datetime | None = None) -> datetime:
        return first_call(
            created=since or self.created_at, frequency=self.frequency, zone=self.zone, interval_days=self.interval_days
        )

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


def _is_called(lead: Restaurant) -> bool:
    return lead.archived_at is None and lead.lead_status not in CLOSED
