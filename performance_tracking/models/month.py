"""The monthly figures of each account, kept: what `performance_tracking.figures` makes of its orders, calls, visits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import connections, models, transaction
from django.db.models import Exists, OuterRef, Q, Sum

from common.clock import start_of_day
from common.models import Prepared, in_batches
from common.money import ZERO, MoneyField
from interaction_tracking.choices import UNANSWERED, InteractionType
from interaction_tracking.models import Interaction
from kams.models import User, VisibleSet
from leads.models import Restaurant
from performance_tracking.figures import (
    ANSWERED_WITHIN,
    Fact,
    Figures,
    Line,
    by_month,
    months_touched,
    since_for,
    to_the_cent,
    trend,
)
from performance_tracking.models.order_rhythm import BATCH, report_day

COLUMNS = tuple(field.name for field in fields(Figures))
KEY = ("restaurant", "month")
# What a fact is made of.
FACT = ("date", "interaction_type", "outcome", "order__total_price", "order_placed")


class MonthSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(restaurant__in=Restaurant.objects.visible_to(user).values("pk"))

    def of(self, restaurants: models.QuerySet[Any]) -> Self:
        return self.filter(restaurant__in=restaurants.order_by().values("pk"))

    def together(self, *, since: date) -> dict[date, Figures]:
        """The figures of all these rows together, by month, from this one on."""
        sums = {name: Sum(name) for name in COLUMNS}
        rows = self.filter(month__gte=since).order_by("month").values("month").annotate(**sums)
        return {row.pop("month"): Figures(**{**row, "revenue": to_the_cent(row["revenue"])}) for row in rows}

    def trend(self, *, today: date, count: int) -> list[Line]:
        """What each of the last months brought, all these rows together, this month first; one statement."""
        return trend(self.together(since=since_for(today, count)), today=today, count=count)

    # --- kept up to date ----------------------------------------------------------------------
    def follow(self, restaurant: int, *, dates: Iterable[datetime]) -> None:
        """Work out anew the months that facts of these dates have a part in, in the transaction that changed them.

        Whoever changes a fact holds the restaurant: of two changes at once the later one sees both.
        """
        days = [report_day(at) for at in dates]
        months = months_touched(days)
        found = by_month(_facts_of(restaurant, months))
        key = KEY if connections[self.db].features.supports_update_conflicts_with_target else None
        self.bulk_create(
            [self._row(restaurant, month, found[month]) for month in months if month in found],
            update_conflicts=True,
            update_fields=COLUMNS,
            unique_fields=key,
        )
        # Whatever happened in the other months has not gone.
        if emptied := {day.replace(day=1) for day in days} - found.keys():
            self.filter(restaurant=restaurant, month__in=emptied).delete()

    def rebuild(self, *, advance: Callable[[int], object] = int) -> int:
        """Work every month out anew; ends with the rows that following each change would have left.

        Goes from account to account in batches of one transaction each, so it can be stopped and begun again;
        `advance` hears how many accounts each batch had.
        """
        written = 0
        for restaurants in in_batches(_with_facts_or_months(), size=BATCH):
            with transaction.atomic():
                list(Restaurant.objects.filter(pk__in=restaurants).order_by("pk").locked().values_list("pk"))
                self._write(_all_months(restaurants), self.filter(restaurant__in=restaurants))
            written += len(restaurants)
            advance(len(restaurants))
        return written

    def _write(self, found: dict[int, dict[date, Figures]], held: models.QuerySet[Any]) -> None:
        """Make the held rows say what was found, and write no row that says so already."""
        new: list[Month] = []
        other: list[Month] = []
        rows = {(row.restaurant_id, row.month): row for row in held}
        for restaurant, months in found.items():
            for month, figures in months.items():
                if not figures:
                    continue
                row = rows.pop((restaurant, month), None)
                if row is None:
                    new.append(self._row(restaurant, month, figures))
                elif row.figures != figures:
                    row.figures = figures
                    other.append(row)
        if rows:
            self.filter(pk__in=[row.pk for row in rows.values()]).delete()
        self.bulk_update(other, COLUMNS, batch_size=BATCH)
        self.bulk_create(new, batch_size=BATCH)

    def _row(self, restaurant: int, month: date, figures: Figures) -> Month:
        return self.model(restaurant_id=restaurant, month=month, **asdict(figures))  # type: ignore[no-any-return] # the set's own


class Month(models.Model):
    """What a month brought of a restaurant. Written by what follows its orders, calls and visits, never by hand."""

    restaurant = models.ForeignKey(Restaurant, models.CASCADE, related_name="months", db_index=False)
    month = models.DateField(help_text="Its first day, by the calendar of the organisation.")
    orders = models.PositiveIntegerField()
    revenue = MoneyField(max_digits=14)
    calls = models.PositiveIntegerField()
    visits = models.PositiveIntegerField()
    responses = models.PositiveIntegerField(help_text="Orders that followed a call or a visit.")
    response_days = models.PositiveIntegerField(help_text="From those to the orders, all together.")

    objects: ClassVar[Any] = MonthSet.as_manager()

    class Meta:
        ordering = ("restaurant", "month")
        constraints: ClassVar = [
            # Also the index for the months of an account, and of the accounts of a person.
            models.UniqueConstraint(fields=["restaurant", "month"], name="month_once_per_restaurant"),
            models.CheckConstraint(condition=Q(revenue__gte=0), name="month_revenue_not_negative"),
        ]
        indexes: ClassVar = [
            # Everybody's, by month.
            models.Index(fields=["month", "restaurant"], name="month_by_month"),
            # Who ordered most in a month: order patterns by their figures.
            models.Index(fields=["month", "orders", "restaurant"], name="month_by_orders"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant}, {self.month:%Y-%m}"

    @property
    def figures(self) -> Figures:
        return Figures(**{name: getattr(self, name) for name in COLUMNS})

    @figures.setter
    def figures(self, found: Figures) -> None:
        for name, value in asdict(found).items():
            setattr(self, name, value)


def _facts_of(restaurant: int, months: list[date]) -> Iterator[Fact]:
    """What these months rest on: their own facts, and the calls that their first orders may answer."""
    here = ZoneInfo(settings.TIME_ZONE)
    since = start_of_day(months[0] - timedelta(days=ANSWERED_WITHIN), here)
    until = start_of_day(months[-1] + relativedelta(months=1), here)
    for *values, is_order in _facts(restaurant=restaurant, since=since, until=until):
        yield _fact(*values, is_order=is_order)


@Prepared
def _facts(*, restaurant: int, since: datetime, until: datetime) -> Any:
    facts = Interaction.objects.counted().filter(lead=restaurant, date__gte=since, date__lt=until)
    return facts.order_by().values_list(*FACT)


def _all_months(restaurants: list[int]) -> dict[int, dict[date, Figures]]:
    """The months of these restaurants, in one statement."""
    facts = Interaction.objects.counted().filter(lead__in=restaurants).order_by("lead").values_list("lead", *FACT)
    groups = groupby(facts.iterator(), lambda row: row[0])
    return {
        lead: by_month(_fact(*values, is_order=is_order) for _, *values, is_order in those) for lead, those in groups
    }


def _fact(at: datetime, kind: str, outcome: str, price: Any, *, is_order: bool) -> Fact:
    reached = outcome not in UNANSWERED
    return Fact(
        at,
        report_day(at),
        is_call=kind == InteractionType.CALL and reached,
        is_visit=kind == InteractionType.VISIT and reached,
        is_order=is_order,
        revenue=price or ZERO,
    )


def _with_facts_or_months() -> models.QuerySet[Any]:
    """The keys of the restaurants of which something counts, or once did."""
    counted = Interaction.objects.counted().filter(lead=OuterRef("pk"))
    once = Exists(Month.objects.filter(restaurant=OuterRef("pk"))) | Exists(counted)
    return Restaurant.objects.filter(once).values_list("pk", flat=True)
