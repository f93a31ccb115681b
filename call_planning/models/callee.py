"""Restaurants, seen by who has to call them: what the ranking goes by, as rows have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, Count, DateTimeField, F, FilteredRelation, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from call_planning.choices import Frequency
from call_planning.models.block import Block
from call_planning.models.planned_call import PlannedCall
from call_planning.models.pressing import Whose, everybodys, most_pressing
from call_planning.ranking import REST_DAYS, Day, LateOrder, Ranked, Rules, Standing, left_for_tomorrow, ranked
from common.clock import local_date, local_day_bounds
from contact.models import Contact
from interaction_tracking.choices import UNANSWERED, InteractionStatus, InteractionType
from interaction_tracking.models import Interaction
from kams.models import User
from leads.choices import CLOSED, LeadStatus
from leads.models import Restaurant, RestaurantSet
from leads.models.portfolio import portfolio_of, seen_by
from performance_tracking.models.order_rhythm import report_day

# Up to so many restaurants are all looked at; where there are more, so many of each kind (`most_pressing`).
MOST_CONSIDERED = 500
# The days of each cadence, as far as the ranking is concerned; CUSTOM says its own.
INTERVALS: dict[str | None, int] = {
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 7,
    Frequency.BIWEEKLY: 14,
    Frequency.MONTHLY: 30,
    Frequency.QUARTERLY: 91,
}
LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class NextCall:
    """A place in the ranking: whose call it is, of which plan, and whether it is beyond what the day holds."""

    ranked: Ranked
    call_plan: int | None
    due_at: datetime | None
    leave_for_tomorrow: bool


class CalleeSet(RestaurantSet):
    # Whose these restaurants are, for what is kept beside them and knows their owner, too.
    _whose: Whose = staticmethod(everybodys)

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc] # Django's own, which its stubs leave out
        clone._whose = self._whose
        return clone

    def visible_to(self, user: User) -> Self:
        rows = super().visible_to(user)
        rows._whose = lambda **names: [seen_by(user, **names)]
        return rows

    def listed_for(self, user: User) -> Self:
        if not user.is_kam:
            return self.visible_to(user)
        portfolio = portfolio_of(user)
        rows = self.filter(portfolio.condition(), archived_at__isnull=True)
        rows._whose = portfolio.ranges
        return rows

    def of_owner(self, **known: Any) -> Self:
        """Those whose owner is known so: `pk=3`, `team=2`, or `isnull=True` for the pool."""
        rows, whose = self.filter(_owner("assigned_to", known)), self._whose
        rows._whose = lambda *, owner, key: [_owner(owner, known) & part for part in whose(owner=owner, key=key)]
        return rows

    def called(self) -> Self:
        """Those that are called at all: neither lost nor inactive."""
        return self.exclude(lead_status__in=CLOSED)

    def to_call_next(self, *, by: User, at: datetime) -> list[NextCall]:
        """Those that there is a reason to call, best first."""
        rows = self.called().with_standing(at=at, zone=by.zone)
        # In no order: the first that are found say whether there are too many.
        found = list(rows.order_by()[: MOST_CONSIDERED + 1])
        if len(found) > MOST_CONSIDERED:
            found = list(rows.filter(pk__in=most_pressing(self._whose, at=at, zone=by.zone, most=MOST_CONSIDERED)))
        room = _room(found, by=by, at=at)
        found = [row for row in found if row.may_be_called(at)]
        day = Day(at, local_date(at, by.zone), report_day(at))
        callees = {row.pk: row for row in found}
        ranking = ranked((row.standing(by.zone, day) for row in found), rules(), day)
        budgets = [by.pk if by.is_kam else callees[one.standing.pk].assigned_to_id for one in ranking]
        return [
            NextCall(one, callees[one.standing.pk].plan_id, callees[one.standing.pk].due_at, later)
            for one, later in zip(ranking, left_for_tomorrow(budgets, room), strict=True)
        ]

    def with_standing(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """Adds what the ranking has to know, and leaves out what there can be no reason to call.

        The last contact is looked up only where something hangs on it: who was called within the last days rests, and
        who ordered or was entered lately is not silent. What was called today stays: it fills the day.
        """
        this_morning, tonight = local_day_bounds(at, zone)
        silent_since = this_morning - timedelta(days=settings.SILENCE_DAYS)
        silent_day = report_day(at) - timedelta(days=settings.SILENCE_DAYS)
        rows = self.annotate(
            plan=FilteredRelation("call_plans", condition=Q(call_plans__archived_at__isnull=True)),
            plan_id=F("plan__pk"),
            due_at=F("plan__next_call_date"),
            called_at=F("plan__last_called"),
            promised_at=F("plan__call_back_at"),
            attempted_at=F("plan__attempted_at"),
            snoozed_until=F("plan__snoozed_until"),
            frequency=F("plan__frequency"),
            interval_days=F("plan__interval_days"),
            last_order_on=F("order_rhythm__last_order_on"),
            median_days=F("order_rhythm__median_days"),
            late_on=F("order_rhythm__late_on"),
            owner_capacity=F("assigned_to__daily_capacity"),
        )
        # By the names above, never by `plan__…`: that would join the plans once more.
        due = Q(due_at__lt=tonight) | Q(promised_at__lte=at)
        pressing = Q(lead_status=LeadStatus.NEW) | Q(late_on__lte=report_day(at))
        silent = (
            Q(created_at__lt=silent_since)
            & (Q(called_at__isnull=True) | Q(called_at__lt=silent_since))
            & (Q(last_order_on__isnull=True) | Q(last_order_on__lt=silent_day))
        )
        lately = Q(called_at__gte=this_morning - timedelta(days=REST_DAYS))
        called_today = Q(called_at__gte=this_morning)
        rows = rows.filter(due | pressing | silent | called_today)
        rows = rows.filter(Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=at) | called_today)
        return rows.annotate(
            spoken_at=Case(
                When(lately, then=None),
                When(pressing | silent, then=_last_contact()),
                output_field=DateTimeField(null=True),
            ),
            missed_calls=Case(When(due, then=_missed_calls()), default=Value(0)),
            all_opted_out=_all_opted_out(),
            blocked=_blocked(at=at),
        ).only("pk", "potential_revenue", "lead_status", "created_at", "assigned_to")


def _owner(column: str, known: Mapping[str, Any]) -> Q:
    return Q(**{f"{column}__{name}": value for name, value in known.items()})


def rules() -> Rules:
    """The settings, as the ranking takes them."""
    return Rules(settings.NEXT_CALL_POINTS, settings.SILENCE_DAYS, max(1, settings.PERFORMING_REVENUE))


def _last_contact() -> Subquery:
    """When somebody was last in contact with them; a note is none, and neither is a call in vain."""
    contacts = Interaction.objects.filter(
        lead=OuterRef("pk"), status=InteractionStatus.DONE, archived_at__isnull=True
    ).exclude(Q(interaction_type=InteractionType.NOTE) | Q(outcome__in=UNANSWERED))
    return Subquery(contacts.order_by("-date", "-pk").values("date")[:1])


def _missed_calls() -> Coalesce:
    """How many calls of the plan were missed since the last one."""
    missed = PlannedCall.objects.filter(
        call_plan=OuterRef("plan_id"),
        due_at__gt=Coalesce(OuterRef("called_at"), Value(LONG_AGO)),
        status=InteractionStatus.MISSED,
        archived_at__isnull=True,
    )
    counted = missed.order_by().values("call_plan").annotate(calls=Count("pk")).values("calls")
    return Coalesce(Subquery(counted), Value(0))


def _all_opted_out() -> Subquery:
    """1 where each of the contacts has opted out, 0 where one has not; null where there are none."""
    people = Contact.objects.filter(restaurant=OuterRef("pk"), archived_at__isnull=True).order_by()
    least = Min(Case(When(opted_out=True, then=Value(1)), default=Value(0)))
    return Subquery(people.values("restaurant").annotate(least=least).values("least"))


def _blocked(*, at: datetime) -> Subquery:
    """The key of a block that has begun and is not over."""
    begun = Block.objects.standing(at=at).filter(restaurant=OuterRef("pk"), starts_at__lte=at)
    return Subquery(begun.order_by("ends_at", "pk").values("pk")[:1])


def _room(found: Iterable[Callee], *, by: User, at: datetime) -> dict[int | None, int]:
    """How many calls the day still holds: for the caller who is a KAM, else for each who has restaurants.

    What was called today is taken off. Nobody has a day for what is in the pool.
    """
    this_morning, _ = local_day_bounds(at, by.zone)
    rows = list(found)
    capacities = {row.assigned_to_id: row.owner_capacity for row in rows if row.assigned_to_id}
    if by.is_kam:
        capacities = {by.pk: by.daily_capacity}
    called = [row for row in rows if row.called_at is not None and row.called_at >= this_morning]
    made = Counter(by.pk if by.is_kam else row.assigned_to_id for row in called)
    return {owner: (holds or settings.CALLS_A_DAY) - made[owner] for owner, holds in capacities.items()}


class Callee(Restaurant):
    """A restaurant, seen as one that may be called. What `with_standing` adds is declared here."""

    plan_id: int | None
    due_at: datetime | None
    called_at: datetime | None
    promised_at: datetime | None
    attempted_at: datetime | None
    snoozed_until: datetime | None
    frequency: str | None
    interval_days: int | None
    last_order_on: Any
    median_days: Any
    late_on: Any
    owner_capacity: int | None
    spoken_at: datetime | None
    missed_calls: int
    all_opted_out: int | None
    blocked: int | None

    objects: ClassVar[Any] = CalleeSet.as_manager()

    class Meta:
        proxy = True

    def may_be_called(self, at: datetime) -> bool:
        """Whether nothing keeps people from calling: contacts who want no calls, a block, a snooze of the plan."""
        snoozed = self.snoozed_until is not None and self.snoozed_until > at
        return not (self.all_opted_out or self.blocked or snoozed)

    def standing(self, zone: ZoneInfo, day: Day) -> Standing:
        """What the ranking goes by, as it is on that day for who asks."""
        spoken = max(filter(None, (self.spoken_at, self.called_at)), default=None)
        is_late = self.lead_status == LeadStatus.CONVERTED and self.late_on is not None
        return Standing(
            pk=self.pk,
            value=self.potential_revenue,
            is_new_lead=self.lead_status == LeadStatus.NEW,
            entered_on=local_date(self.created_at, zone) if spoken is None else date.min,
            spoken_on=None if spoken is None else local_date(spoken, zone),
            ordered_on=self.last_order_on,
            late_order=(
                LateOrder(self.last_order_on, self.median_days) if is_late and self.late_on <= day.report_day else None
            ),
            due_on=None if self.due_at is None else local_date(self.due_at, zone),
            interval_days=self.interval_days or INTERVALS.get(self.frequency, 1),
            missed_calls=self.missed_calls,
            promised_at=self.promised_at,
            attempted_at=self.attempted_at,
        )
