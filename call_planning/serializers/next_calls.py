"""Shapes of whom to call next: why, whom to ask for and what about."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from call_planning.models.preparation import SUBJECTS
from call_planning.ranking import Code
from common.api.fields import Choice, Flag, Moment, Text, Whole
from common.api.schema import example
from common.api.serializers import StrictSerializer
from leads.choices import LeadStatus


class CalleeSerializer(StrictSerializer):
    id = Whole(read_only=True)
    name = Text(read_only=True)
    city = Text(read_only=True)
    phone = Text(read_only=True)
    lead_status = Choice(choices=LeadStatus.choices, read_only=True)


class ReasonToCallSerializer(StrictSerializer):
    words: ClassVar = {
        "points": "Its part of the score; what is below 0 is taken off.",
        "facts": "The figures behind it.",
    }
    code = serializers.ChoiceField(choices=[code.value for code in Code], read_only=True)
    points = Whole(read_only=True)
    text = Text(read_only=True)
    facts = serializers.DictField(read_only=True)


class SuggestedContactSerializer(StrictSerializer):
    words: ClassVar = {"phone": "Their own, else the restaurant's.", "why": "Why this person rather than another."}
    id = Whole(read_only=True)
    name = Text(read_only=True)
    role = Text(read_only=True)
    phone = Text(read_only=True)
    why = Text(read_only=True)


class SubjectSerializer(StrictSerializer):
    words: ClassVar = {"facts": "The rows and figures behind it."}
    code = serializers.ChoiceField(choices=SUBJECTS, read_only=True)
    text = Text(read_only=True)
    facts = serializers.DictField(read_only=True)


class WindowSerializer(StrictSerializer):
    starts_at = Moment(read_only=True)
    ends_at = Moment(read_only=True)


@example(
    adds={
        "restaurant": {
            "id": 1,
            "name": "The Great Restaurant",
            "city": "New York",
            "phone": "+1234567890",
            "lead_status": "CONVERTED",
        },
        "call_plan": 1,
        "score": 60,
        "reasons": [
            {
                "code": "ORDER_LATE",
                "points": 40,
                "text": "Usually orders every 7 days; the last order was 14 days ago.",
                "facts": {
                    "last_order_on": "2024-12-14",
                    "days_since": 14,
                    "median_days": 7.0,
                    "cycles": 2.0,
                    "potential_revenue": 15000.00,
                },
            },
            {
                "code": "CADENCE_OVERDUE",
                "points": 20,
                "text": "To be called every 7 days; it was due 2 days ago.",
                "facts": {"due_on": "2024-12-26", "days_overdue": 2, "interval_days": 7},
            },
        ],
        "callable_now": True,
        "local_time": "10:30",
        "next_window": {"starts_at": "2024-12-28T15:30:00Z", "ends_at": "2024-12-28T16:30:00Z"},
        "suggested_contact": {
            "id": 3,
            "name": "John Doe",
            "role": "Manager",
            "phone": "123-456-7890",
            "why": "Purchasing, answered or ordered 3 times within a year.",
        },
        "talk_about": [
            {
                "code": "LAST_ORDER",
                "text": "Ordered on 14 December 2024: 50 units of Product A, 500.00 in all",
                "facts": {
                    "interaction": 9,
                    "date": "2024-12-14T12:00:00Z",
                    "product_details": "50 units of Product A",
                    "quantity": 50,
                    "total_price": 500.00,
                },
            }
        ],
        "next_call_date": "2024-12-26T10:00:00Z",
        "leave_for_tomorrow": False,
    }
)
class NextCallSerializer(StrictSerializer):
    words: ClassVar = {
        "call_plan": "The id of its plan: the call is recorded there. Null where it has none.",
        "score": "The sum of the reasons' points.",
        "reasons": "Why it is to be called, the weightiest first.",
        "callable_now": "Whether somebody can pick up, and its KAM works, now.",
        "local_time": "The clock at the restaurant.",
        "next_window": "When somebody can next pick up; null where that is not within two weeks.",
        "suggested_contact": "Whom to ask for; null where nobody is known.",
        "talk_about": "The last order, the last talk, what changed, and the notes.",
        "next_call_date": "When its plan has it due.",
        "leave_for_tomorrow": "Whether it is beyond what the day holds: more important calls fill it.",
    }
    restaurant = CalleeSerializer(read_only=True)
    call_plan = Whole(read_only=True, allow_null=True)
    score = Whole(read_only=True)
    reasons = ReasonToCallSerializer(many=True, read_only=True)
    callable_now = Flag(read_only=True)
    local_time = Text(read_only=True)
    next_window = WindowSerializer(read_only=True, allow_null=True)
    suggested_contact = SuggestedContactSerializer(read_only=True, allow_null=True)
    talk_about = SubjectSerializer(many=True, read_only=True)
    next_call_date = Moment(read_only=True, allow_null=True)
    leave_for_tomorrow = Flag(read_only=True)
