from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Flag, Schema, Whole
from common.api.renderers import exact
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from performance_tracking.choices import RhythmState
from performance_tracking.models import Account, OrderRhythm
from performance_tracking.rhythm import expected_on


@example(
    adds={
        "id": 1,
        "name": "The Great Restaurant",
        "lead_status": "CONVERTED",
        "potential_revenue": 15000.00,
        "cuisine_type": "Italian",
        "restaurant_type": None,
    }
)
class AccountSerializer(RowSerializer):
    class Meta:
        model = Account
        fields = ("id", "name", "lead_status", "potential_revenue", "cuisine_type", "restaurant_type")
        read_only_fields = fields


@example(adds={"restaurant_id": 1, "name": "The Great Restaurant", "orders_last_month": 4, "orders_this_month": 2})
class OrderPatternSerializer(RowSerializer):
    words: ClassVar = {
        "orders_last_month": "By the calendar of the organisation's zone.",
        "orders_this_month": "Until now.",
    }
    restaurant_id = Whole(source="id", read_only=True)
    orders_last_month = Whole(read_only=True)
    orders_this_month = Whole(read_only=True)

    class Meta:
        model = Account
        fields = ("restaurant_id", "name", "orders_last_month", "orders_this_month")
        read_only_fields = ("name",)


class Figure(serializers.Field[Any, Any, Any, Any]):
    """A figure that is worked out: a JSON number, with all its places."""

    from_row = staticmethod(exact)

    def schema(self, *, sent: bool) -> Schema:
        return {"type": "number"}


class ExpectedDay(serializers.Field[Any, Any, Any, Any]):
    """The day to which the last order and a cycle lead; the column holds both as one text."""

    def schema(self, *, sent: bool) -> Schema:
        return {"type": "string", "format": "date"}

    @staticmethod
    def from_row(text: str | None) -> date | None:
        if text is None:
            return None
        day, cycle = text.split()
        return expected_on(date.fromisoformat(day), Decimal(cycle))


@example(
    adds={
        "restaurant_id": 1,
        "name": "The Great Restaurant",
        "state": "LATE",
        "cycles": 1.71,
        "last_order_on": "2024-12-16",
        "expected_next_order": "2024-12-23",
        "cycle_days": 7.0,
        "borrowed": False,
        "median_days": 7.0,
        "spread_days": 1.48,
        "gaps": 12,
    }
)
class OrderRhythmSerializer(RowSerializer):
    words: ClassVar = {
        "state": (
            "Days since the last order, against the median m of the gaps between order days and their spread s: DUE "
            "beyond m, LATE beyond m + 2 s, LAPSED beyond m + 3 s. LEARNING: fewer than 5 order days."
        ),
        "cycles": "How many of its own cycles ago the last order was; null while learning.",
        "expected_next_order": "The last order and one cycle; null where no cycle is known.",
        "cycle_days": "Its own median; while it is learning, what is usual for its type of restaurant.",
        "borrowed": "Whether `cycle_days` is what is usual for its type, for want of its own.",
        "median_days": "Of the gaps between its last order days, at most 12 gaps; null while learning.",
        "spread_days": "How far its gaps usually lie from the median, at least a day; null while learning.",
        "gaps": "How many gaps this rests on.",
    }
    restaurant_id = Whole(read_only=True)
    name = serializers.CharField(source="restaurant.name", read_only=True)
    state = Choice(choices=RhythmState.choices, read_only=True)
    cycles = Figure(read_only=True, allow_null=True)
    expected_next_order = ExpectedDay(source="order_and_cycle", read_only=True, allow_null=True)
    cycle_days = Figure(read_only=True, allow_null=True)
    borrowed = Flag(read_only=True)
    median_days = Figure(read_only=True, allow_null=True)
    spread_days = Figure(read_only=True, allow_null=True)

    class Meta:
        model = OrderRhythm
        fields = (
            "restaurant_id",
            "name",
            "state",
            "cycles",
            "last_order_on",
            "expected_next_order",
            "cycle_days",
            "borrowed",
            "median_days",
            "spread_days",
            "gaps",
        )
        read_only_fields = ("last_order_on", "gaps")


class ChangeSerializer(StrictSerializer):
    """How much more, or less, than then."""

    orders = Whole(read_only=True)
    revenue = Figure(read_only=True)
    average_order_value = Figure(read_only=True, allow_null=True)
    calls = Whole(read_only=True)
    visits = Whole(read_only=True)
    response_days = Figure(read_only=True, allow_null=True)


@example(
    adds={
        "month": "2024-11-01",
        "is_over": True,
        "orders": 4,
        "revenue": 1840.00,
        "average_order_value": 460.00,
        "calls": 5,
        "visits": 1,
        "response_days": 2.5,
        "against_previous_month": {
            "orders": -1,
            "revenue": -210.50,
            "average_order_value": 49.90,
            "calls": 0,
            "visits": 1,
            "response_days": -0.5,
        },
        "against_year_before": None,
    }
)
class TrendSerializer(StrictSerializer):
    words: ClassVar = {
        "month": "Its first day, by the calendar of the organisation's zone.",
        "is_over": "False for this month, which is compared with nothing yet.",
        "orders": "Orders that happened.",
        "revenue": "The `total_price` of those orders; an order without details adds nothing.",
        "average_order_value": "Revenue by orders; null without orders.",
        "calls": "Calls that were made and reached somebody.",
        "visits": "Visits that were made.",
        "response_days": (
            "Days from the last call or visit to an order, where these were at most 30, on average; null where no "
            "order followed one."
        ),
        "against_previous_month": "This month less the one before; null where nothing had happened by then.",
        "against_year_before": "This month less that of the year before; null where nothing had happened by then.",
    }
    month = serializers.DateField(read_only=True)
    is_over = Flag(read_only=True)
    orders = Whole(read_only=True)
    revenue = Figure(read_only=True)
    average_order_value = Figure(read_only=True, allow_null=True)
    calls = Whole(read_only=True)
    visits = Whole(read_only=True)
    response_days = Figure(read_only=True, allow_null=True)
    against_previous_month = ChangeSerializer(read_only=True, allow_null=True)
    against_year_before = ChangeSerializer(read_only=True, allow_null=True)
