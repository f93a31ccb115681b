"""What counts as recent, frequent and much among this organisation's accounts: learned from them once a night."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models, transaction
from django.db.models import Q, Sum

from common.money import ZERO
from performance_tracking.choices import Measure
from performance_tracking.figures import months_back, to_the_cent
from performance_tracking.models.month import Month
from performance_tracking.models.order_rhythm import OrderRhythm, report_day
from performance_tracking.scores import score, thresholds

# How many months are looked at, this one included.
YEAR = 12


def values_of(*, today: date, last_order_on: date, orders: int, revenue: Decimal) -> dict[Measure, Decimal | int]:
    """What of an account is scored."""
    return {Measure.RECENCY: (today - last_order_on).days, Measure.FREQUENCY: orders, Measure.MONETARY: revenue}


class ScaleSet(models.QuerySet[Any]):
    def learn(self, *, at: datetime) -> int:
        """Find where the fifths of the accounts lie that have ever ordered; how many there are."""
        today = report_day(at)
        since = months_back(today.replace(day=1), YEAR)[-1]
        sums = Month.objects.filter(month__gte=since).order_by().values_list("restaurant")
        year = {key: rest for key, *rest in sums.annotate(Sum("orders"), Sum("revenue")).iterator()}
        accounts = OrderRhythm.objects.of_accounts()
        found = [
            values_of(today=today, last_order_on=day, orders=orders, revenue=to_the_cent(revenue))
            for key, day in accounts.order_by().values_list("pk", "last_order_on").iterator()
            for orders, revenue in [year.get(key, (0, ZERO))]
        ]
        with transaction.atomic():
            for measure in Measure:
                limits = thresholds(values[measure] for values in found)
                defaults = dict(zip(LIMITS, limits or [None] * len(LIMITS), strict=True))
                self.update_or_create(measure=measure, defaults={**defaults, "accounts": len(found)})
        return len(found)

    def scores(self, values: dict[Measure, Any]) -> dict[str, Any] | None:
        """Each value with its score and the thresholds that make it so; None before anything was learned."""
        scales = {row.measure: row for row in self.filter(accounts__gt=0)}
        if not scales:
            return None
        return {measure.lower(): scales[measure].score(value) for measure, value in values.items()}


LIMITS = ("first", "second", "third", "fourth")


class Scale(models.Model):
    """The thresholds between the fifths of the accounts, by one measure."""

    measure = models.CharField(max_length=10, choices=Measure.choices, primary_key=True)
    first = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    second = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    third = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    fourth = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    accounts = models.PositiveIntegerField(help_text="How many it rests on.")

    objects: ClassVar[Any] = ScaleSet.as_manager()

    class Meta:
        ordering = ("measure",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(measure__in=Measure.values), name="scale_measure_is_known"),
        ]

    def __str__(self) -> str:
        return self.get_measure_display()

    def score(self, value: Any) -> dict[str, Any]:
        limits = [getattr(self, name) for name in LIMITS]
        found = score(value, limits, less_is_better=self.measure == Measure.RECENCY)
        return {"score": found, "value": value, "thresholds": limits, "accounts": self.accounts}
