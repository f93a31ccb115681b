"""How often restaurants of a type order: learned from their rhythms once a night."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any, ClassVar

from django.db import models, transaction

from leads.models import Restaurant


class TypicalCycleSet(models.QuerySet[Any]):
    def learn(self) -> int:
        """Take the median of each restaurant type's rhythms, for accounts that have none of their own yet."""
        cycles: dict[str, list[Decimal]] = defaultdict(list)
        known = Restaurant.objects.filter(order_rhythm__median_days__isnull=False, restaurant_type__isnull=False)
        for kind, days in known.order_by().values_list("restaurant_type", "order_rhythm__median_days").iterator():
            cycles[kind].append(days)
        with transaction.atomic():
            self.exclude(restaurant_type__in=cycles).delete()
            for kind, found in sorted(cycles.items()):
                middle = Decimal(median(found)).quantize(Decimal("0.1"))
                self.update_or_create(restaurant_type=kind, defaults={"median_days": middle, "accounts": len(found)})
        return len(cycles)


class TypicalCycle(models.Model):
    """How often restaurants of a type order: what is expected of one that is too new to have a rhythm."""

    restaurant_type = models.CharField(max_length=100, unique=True)
    median_days = models.DecimalField(max_digits=6, decimal_places=1)
    accounts = models.PositiveIntegerField(help_text="How many rhythms it rests on.")

    objects: ClassVar[Any] = TypicalCycleSet.as_manager()

    class Meta:
        ordering = ("restaurant_type",)

    def __str__(self) -> str:
        return f"{self.restaurant_type}: {self.median_days} days"
