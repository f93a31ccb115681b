"""What was ordered."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from common.models import RowSet
from common.money import MoneyField


class OrderSet(RowSet):
    """Orders are seen with their interaction."""

    def of(self, interaction: int | str, *, among: models.QuerySet[Any]) -> Self:
        return self.filter(interaction=interaction, interaction__in=among.values("pk"))


class Order(models.Model):
    """What was ordered: the details of an interaction that brought an order."""

    interaction = models.OneToOneField(
        "interaction_tracking.Interaction", models.CASCADE, primary_key=True, related_name="order"
    )
    product_details = models.TextField()
    quantity = models.PositiveIntegerField()
    total_price = MoneyField()
    order_date = models.DateTimeField()

    objects: ClassVar[Any] = OrderSet.as_manager()

    class Meta:
        ordering = ("-order_date", "-pk")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_quantity_at_least_one"),
            models.CheckConstraint(condition=Q(total_price__gte=0), name="order_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_details[:40]}"
