"""The order rhythm of each account, kept: the figures of `performance_tracking.rhythm`, rebuilt from the orders."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models, transaction
from django.db.models import (
    Case,
    CharField,
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Concat, Floor

from common.clock import local_date
from common.models import Prepared, in_batches
from interaction_tracking.models import Interaction
from kams.models import User, VisibleSet
from leads.choices import LeadStatus
from leads.models import Restaurant
from leads.models.portfolio import portfolio_of, seen_by
from performance_tracking.choices import RhythmState
from performance_tracking.models.typical_cycle import TypicalCycle
from performance_tracking.rhythm import MOST_GAPS, Rhythm, rhythm

# How many accounts are read and written at a time by what goes over all of them.
BATCH = 1_000
# The column that holds the first day of a state, worst first.
SINCE = {RhythmState.LAPSED: "lapsed_on", RhythmState.LATE: "late_on", RhythmState.DUE: "due_on"}
# How many orders are looked at for the newest days: more only where there were many orders on a day.
SLICE = 4 * (MOST_GAPS + 1)


def report_day(at: datetime) -> date:
    """The organisation's day that contains the moment: reports count its days."""
    return local_date(at, ZoneInfo(settings.TIME_ZONE))


class DaysBetween(Func):
    """Whole days from one date to another, by each database's own arithmetic."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = "CAST(julianday(%(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" - ", **extra)

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="DATEDIFF", **extra)


class OrderRhythmSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """Those of the accounts that this person sees; what is no account rests, and is nobody's to see."""
        return self.of_accounts().filter(seen_by(user, owner="owner"))

    def listed_for(self, user: User) -> Self:
        if user.is_kam:
            return self.of_accounts().filter(portfolio_of(user).condition(owner="owner"))
        return self.visible_to(user)

    def of(self, restaurant: int) -> Self:
        """That of one restaurant, if it has ordered."""
        return self.filter(pk=restaurant)

    def of_accounts(self) -> Self:
        """Those of converted restaurants that are not archived."""
        return self.filter(is_account=True)

    def with_cycle(self) -> Self:
        """Adds `cycle_days`, the account's own median or, while it is learning, the one usual for its type.

        `borrowed` says which; `order_and_cycle` is the last order and the cycle as one text, null without a cycle.
        """
        typical = TypicalCycle.objects.filter(restaurant_type=OuterRef("restaurant__restaurant_type"))
        rows = self.annotate(cycle_days=Coalesce(F("median_days"), Subquery(typical.values("median_days"))))
        return rows.annotate(
            borrowed=Case(When(median_days__isnull=True, cycle_days__isnull=False, then=True), default=False),
            order_and_cycle=joined("last_order_on", "cycle_days"),
        )

    # --- kept up to date ----------------------------------------------------------------------
    def follow(self, restaurant: int, *, at: datetime) -> None:
        """Work the account's rhythm out anew, in the transaction that changed its orders.

        Whoever changes an order holds the restaurant: of two changes at once the later one sees both, and it does not
        change hands meanwhile.
        """
        found = rhythm(newest_order_days(restaurant))
        if found is None:
            self.filter(pk=restaurant).delete()
            return
        figures = figures_of(found, today=report_day(at))
        if not self.filter(pk=restaurant).update(**figures):
            self.create(pk=restaurant, **figures)
            self.stand([restaurant])

    def stand(self, restaurants: Iterable[int]) -> None:
        """Say of these restaurants whose they are and whether they are accounts, in the transaction that changed it."""
        theirs = Restaurant.objects.filter(pk=OuterRef("pk")).order_by()
        accounts = theirs.filter(lead_status=LeadStatus.CONVERTED, archived_at__isnull=True)
        self.filter(pk__in=restaurants).update(
            owner=Subquery(theirs.values("assigned_to")), is_account=Exists(accounts)
        )

    def grow_older(self, *, at: datetime) -> int:
        """Let the day pass, and answer how many it put into another state."""
        today = report_day(at)
        changed = 0
        for state, since in SINCE.items():
            better = self.exclude(state__in=_at_least(state))
            changed += better.filter(**{f"{since}__lte": today}).update(state=state)
        for keys in in_batches(self.values_list("pk", flat=True), size=BATCH):
            self.filter(pk__gte=keys[0], pk__lte=keys[-1], median_days__isnull=False).update(cycles=_cycles(today))
        return changed

    def rebuild(self, *, at: datetime, advance: Callable[[int], object] = int) -> int:
        """Work every rhythm out anew from the orders; ends with the rows that following each order would have left.

        Goes from account to account in batches of one transaction each, so it can be stopped and begun again;
        `advance` hears how many accounts each batch had.
        """
        today, written = report_day(at), 0
        for restaurants in in_batches(_with_orders_or_rhythm(), size=BATCH):
            with transaction.atomic():
                # Whoever is new here is held, so that they do not change hands meanwhile.
                new = Restaurant.objects.filter(~Exists(self.filter(pk=OuterRef("pk"))), pk__in=restaurants)
                list(new.order_by("pk").locked().values_list("pk"))
                held = {row.pk: row for row in self.locked().filter(pk__in=restaurants).order_by("pk")}
                self._write(held, all_order_days(restaurants), today=today)
                self.stand(restaurants)
            written += len(restaurants)
            advance(len(restaurants))
        return written

    def _write(self, held: dict[int, OrderRhythm], days: dict[int, set[date]], *, today: date) -> None:
        new: list[OrderRhythm] = []
        old: list[OrderRhythm] = []
        for restaurant, found in ((restaurant, rhythm(those)) for restaurant, those in days.items()):
            assert found is not None  # noqa: S101 - a set that is there holds a day
            row = held.pop(restaurant, None)
            (new if row is None else old).append(row := row or self.model(pk=restaurant))
            for name, value in figures_of(found, today=today).items():
                setattr(row, name, value)
        self.filter(pk__in=held).delete()
        self.bulk_update(old, FIGURES, batch_size=BATCH)
        self.bulk_create(new, ignore_conflicts=True)


class OrderRhythm(models.Model):
    """How often a restaurant orders, as its orders say. Written by what follows orders, never by hand."""

    restaurant = models.OneToOneField(Restaurant, models.CASCADE, primary_key=True, related_name="order_rhythm")
    # Whose it is, null in the pool, and whether it is converted and not archived: as the restaurant says, kept here for
    # lists to be ranges of an index. Who is no account any more orders no more: they would be the latest of all.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    is_account = models.BooleanField(default=False, db_default=False)
    gaps = models.PositiveSmallIntegerField(default=0, help_text="How many gaps between order days it rests on.")
    last_order_on = models.DateField()
    median_days = models.DecimalField(max_digits=6, decimal_places=1, null=True, help_text="Null while learning.")
    spread_days = models.DecimalField(max_digits=8, decimal_places=2, null=True, help_text="Null while learning.")
    # The first day of each state, if it orders no more: with them the state of a day is a comparison.
    due_on = models.DateField(null=True)
    late_on = models.DateField(null=True)
    lapsed_on = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=RhythmState.choices, default=RhythmState.LEARNING)
    cycles = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, help_text="How many of its own cycles ago the last order was."
    )

    objects: ClassVar[Any] = OrderRhythmSet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=RhythmState.values), name="order_rhythm_state_is_known"),
        ]
        indexes: ClassVar = [
            # A KAM's accounts, the latest first; also for the ranking of a large portfolio's calls.
            models.Index(fields=["owner", "is_account", "cycles", "restaurant"], name="order_rhythm_by_owner"),
            # Everybody's, the latest first, and the same by state.
            models.Index(fields=["is_account", "cycles", "restaurant"], name="order_rhythm_accounts"),
            models.Index(fields=["is_account", "state", "cycles", "restaurant"], name="order_rhythm_accounts_by_state"),
            # What becomes due, late and lapsed with a new day.
            models.Index(fields=["due_on"], name="order_rhythm_by_due"),
            models.Index(fields=["late_on"], name="order_rhythm_by_late"),
            models.Index(fields=["lapsed_on"], name="order_rhythm_by_lapsed"),
            # ?ordering=last_order_on.
            models.Index(fields=["is_account", "last_order_on", "restaurant"], name="order_rhythm_accounts_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant}: {self.get_state_display()}"


FIGURES = ("gaps", "last_order_on", "median_days", "spread_days", "due_on", "late_on", "lapsed_on", "state", "cycles")


def figures_of(found: Rhythm, *, today: date) -> dict[str, Any]:
    """What the rhythm says, as it stands on this day: the `FIGURES`."""
    days = {since: found.first_day(state) for state, since in SINCE.items()}
    own = {name: getattr(found, name) for name in ("gaps", "last_order_on", "median_days", "spread_days")}
    return {**own, **days, "state": found.state(today), "cycles": found.cycles(today)}


def newest_order_days(restaurant: int) -> set[date]:
    """The days of the newest orders, as many as a rhythm looks at."""
    days: set[date] = set()
    before: datetime | None = None
    while len(days) <= MOST_GAPS:
        found = [at for (at,) in _newest_orders(restaurant=restaurant, before=before)]
        days.update(map(report_day, found))
        if len(found) < SLICE:
            break
        before = found[-1]
    return days


@Prepared
def _newest_orders(*, restaurant: int, before: datetime | None) -> Any:
    orders = Interaction.objects.orders_done().filter(lead=restaurant)
    earlier = orders if before is None else orders.filter(date__lt=before)
    return earlier.order_by("-date").values_list("date")[:SLICE]


def all_order_days(restaurants: list[int]) -> dict[int, set[date]]:
    """The order days of these restaurants, in one statement."""
    orders = Interaction.objects.orders_done().filter(lead__in=restaurants).order_by("lead").values_list("lead", "date")
    return {lead: {report_day(at) for _, at in those} for lead, those in groupby(orders.iterator(), lambda row: row[0])}


def _with_orders_or_rhythm() -> models.QuerySet[Any]:
    """The keys of the restaurants that have ordered, or once had."""
    ordered = Interaction.objects.orders_done().filter(lead=OuterRef("pk"))
    once = Q(order_rhythm__isnull=False) | Exists(ordered)
    return Restaurant.objects.filter(once).values_list("pk", flat=True)


def joined(*columns: str) -> Any:
    """The columns as one text with spaces between; null where one is null."""
    texts = [Cast(column, CharField(max_length=20)) for column in columns]
    missing = Q(*(Q(**{f"{column}__isnull": True}) for column in columns), _connector=Q.OR)
    return Case(When(missing, then=None), default=Concat(texts[0], Value(" "), texts[1]), output_field=CharField())


def _at_least(state: RhythmState) -> list[RhythmState]:
    """The state and what is worse."""
    return [*SINCE][: [*SINCE].index(state) + 1]


def _cycles(today: date) -> Any:
    since = DaysBetween(Value(today, output_field=DateField()), F("last_order_on"))
    hundreds = ExpressionWrapper(since * Decimal(100) / F("median_days"), output_field=DecimalField())
    return ExpressionWrapper(Floor(hundreds) * Decimal("0.01"), output_field=DecimalField())
