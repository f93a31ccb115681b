from __future__ import annotations

from typing import ClassVar

from common.api.fields import Whole
from common.api.schema import example
from common.api.serializers import RowSerializer
from performance_tracking.models import Account


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
