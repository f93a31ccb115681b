from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Flag, Schema, Whole
from common.api.renderers import exact
from common.api.schema import example
from common.api.serializers import RowSerializer
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


class Number(Whole):
    """How many; none where nothing was kept."""

    @staticmethod
    def from_row(value: int | None) -> int:
        return value or 0


@example(adds={"restaurant_id": 1, "name": "The Great Restaurant", "orders_last_month": 4, "orders_this_month": 2})
class OrderPatternSerializer(RowSerializer):
    words: ClassVar = {
        "orders_last_month": "By the calendar of the organisation's zone.",
        "orders_this_month": "Until now.",
    }
    restaurant_id = Whole(source="id", read_only=True)
    orders_last_month = Number(read_only=True)
    orders_this_month = Number(read_only=True)

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
