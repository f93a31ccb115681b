from __future__ import annotations

from typing import ClassVar

from common.api.fields import RelatedId, RelatedIds, Schema
from common.api.schema import example
from common.api.serializers import RowSerializer
from contact.models import Contact
from interaction_tracking.choices import InteractionType
from interaction_tracking.models import Interaction, Order
from leads.models import Restaurant

# Whatever is an ORDER, or has an order's details, has placed one.
NOT_PLACED: tuple[Schema, ...] = (
    {
        "properties": {"interaction_type": {"const": InteractionType.ORDER}, "order_placed": {"const": False}},
        "required": ["interaction_type", "order_placed"],
    },
    {
        "properties": {"order": {"type": "object"}, "order_placed": {"const": False}},
        "required": ["order", "order_placed"],
    },
)


@example(
    sent={
        "product_details": "50 units of Product A",
        "quantity": 50,
        "total_price": 500.00,
        "order_date": "2024-12-25T12:00:00Z",
    },
    adds={},
)
class OrderSerializer(RowSerializer):
    words: ClassVar = {"order_date": "The date of the interaction unless said otherwise."}

    class Meta:
        model = Order
        fields = ("product_details", "quantity", "total_price", "order_date")
        extra_kwargs: ClassVar = {"quantity": {"min_value": 1}, "order_date": {"required": False}}


@example(
    sent={
        "lead": 2,
        "contact": 3,
        "interaction_type": "CALL",
        "details": "Followed up on last week's discussion.",
        "order_placed": False,
        "date": "2024-12-24T15:30:00Z",
    },
    changed={"outcome": "Wants an offer", "duration_seconds": 540},
    adds={
        "id": 1,
        "participants": [],
        "kam": 1,
        "status": "DONE",
        "outcome": "",
        "duration_seconds": None,
        "call_plan": None,
        "due_at": None,
        "order": None,
        "created_at": "2024-12-24T15:40:00Z",
        "updated_at": "2024-12-24T15:40:00Z",
        "version": 1,
    },
)
class InteractionSerializer(RowSerializer):
    words: ClassVar = {
        "lead": "The id of the restaurant; an interaction stays with it.",
        "contact": "The id of a contact of the restaurant or its chain; null for a call that a plan kept.",
        "participants": "The ids of further contacts.",
        "kam": "The id of who recorded it.",
        "status": "DONE unless said otherwise; what is DONE is not in the future.",
        "outcome": "What came of it, in a word or two.",
        "order_placed": "Whether it brought an order; always true for an ORDER, and with order details.",
        "order": "What was ordered; sent whole.",
        "date": "When it happened, or will; now unless said otherwise.",
        "call_plan": "The id of the plan that it belongs to.",
        "due_at": "What the plan had this call planned for; null for what no plan asked for, or took back.",
    }
    contradictory = NOT_PLACED
    lead = RelatedId(queryset=Restaurant.objects.all(), held=True)
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
            "due_at",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "kam", "call_plan", "due_at", "created_at", "updated_at", "version")
        extra_kwargs: ClassVar = {"date": {"required": False}}
