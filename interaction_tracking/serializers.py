from __future__ import annotations

from typing import ClassVar

from common.api.fields import RelatedId, RelatedIds
from common.api.serializers import RowSerializer
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from leads.models import Restaurant


class OrderSerializer(RowSerializer):
    class Meta:
        model = Order
        fields = ("product_details", "quantity", "total_price", "order_date")
        extra_kwargs: ClassVar = {"quantity": {"min_value": 1}, "order_date": {"required": False}}


class InteractionSerializer(RowSerializer):
    lead = RelatedId(queryset=Restaurant.objects.all())
    contact = RelatedId(queryset=Contact.objects.all())
    participants = RelatedIds(rows=Contact.objects, column="participant_ids", required=False)
    order = OrderSerializer(required=False, allow_null=True)

    class Meta:
        model = Interaction
        fields = (
            "id",
            "lead",
            "contact",
            "participants",
            "kam",
            "interaction_type",
            "status",
            "details",
            "outcome",
            "order_placed",
            "order",
            "date",
            "duration_seconds",
            "call_plan",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "kam", "call_plan", "created_at", "updated_at", "version")
        extra_kwargs: ClassVar = {"date": {"required": False}}
