"""Accounts that underperform: as published, and with the rule and the figures where the rule is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Schema, Whole
from common.api.renderers import exact
from common.api.schema import example
from common.api.serializers import StrictSerializer
from performance_tracking.choices import Shortfall
from performance_tracking.figures import average_value
from performance_tracking.models import Account
from performance_tracking.serializers.accounts import AccountSerializer, Figure


class AverageValue(serializers.Field[Any, Any, Any, Any]):
    """What an order was worth; the column holds the revenue and the number of orders as one text."""

    def schema(self, *, sent: bool) -> Schema:
        return {"type": "number"}

    @staticmethod
    def from_row(text: str) -> Any:
        revenue, orders = text.split()
        return exact(average_value(Decimal(revenue), int(orders)))


class PotentialSerializer(StrictSerializer):
    potential_revenue_below = Figure()


class OrderValueSerializer(StrictSerializer):
    month = serializers.DateField()
    average_order_value = AverageValue()
    previous_average_order_value = AverageValue()
    percent = Whole()


class OrderCountSerializer(StrictSerializer):
    month = serializers.DateField()
    orders = Whole()
    expected_orders = Whole()
    cycle_days = Figure()


class ByRule(AccountSerializer):
    rule = Choice(choices=Shortfall.choices)

    class Meta:
        model = Account
        fields = (*AccountSerializer.Meta.fields, "rule", "figures")
        read_only_fields = AccountSerializer.Meta.fields


class ByPotential(ByRule):
    figures = PotentialSerializer()


class ByOrderValue(ByRule):
    figures = OrderValueSerializer()


class ByOrderCount(ByRule):
    figures = OrderCountSerializer()


class ShortfallFiguresSerializer(StrictSerializer):
    words: ClassVar = {
        "potential_revenue_below": "`potential`: the threshold.",
        "month": "The last one that is over.",
        "average_order_value": "`order_value`: of that month.",
        "previous_average_order_value": "`order_value`: of the month before.",
        "percent": "`order_value`: it is below so much of the month before.",
        "orders": "`order_count`: of that month.",
        "expected_orders": "`order_count`: how many of its own cycles that month holds.",
        "cycle_days": "`order_count`: the median of its own gaps between order days.",
    }
    optional = frozenset(words)
    potential_revenue_below = Figure()
    month = serializers.DateField()
    average_order_value = Figure()
    previous_average_order_value = Figure()
    percent = Whole()
    orders = Whole()
    expected_orders = Whole()
    cycle_days = Figure()


@example(
    adds={
        "id": 1,
        "name": "The Great Restaurant",
        "lead_status": "CONVERTED",
        "potential_revenue": 15000.00,
        "cuisine_type": "Italian",
        "restaurant_type": None,
        "rule": "order_count",
        "figures": {"month": "2024-11-01", "orders": 2, "expected_orders": 4, "cycle_days": 7.0},
    }
)
class UnderperformingSerializer(AccountSerializer):
    words: ClassVar = {
        "rule": "The rule that was asked for; without `?rule=` it is left out.",
        "figures": "What made the rule name this account.",
    }
    optional = frozenset({"rule", "figures"})
    rule = Choice(choices=Shortfall.choices)
    figures = ShortfallFiguresSerializer()

    class Meta(ByRule.Meta):
        """The same keys."""


# How a row looks, by the rule that was asked for.
SHAPES = {
    None: AccountSerializer,
    Shortfall.POTENTIAL: ByPotential,
    Shortfall.ORDER_VALUE: ByOrderValue,
    Shortfall.ORDER_COUNT: ByOrderCount,
}
