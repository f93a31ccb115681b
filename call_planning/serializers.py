from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from call_planning.choices import Frequency
from call_planning.models import LONGEST_INTERVAL, Block, CallPlan
from call_planning.models.preparation import SUBJECTS
from call_planning.ranking import Code
from common.api.computed import ComputedMoment, ComputedText
from common.api.fields import Choice, Flag, Moment, RelatedId, Schema, Text, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from leads.choices import LeadStatus
from leads.models import Restaurant

CUSTOM: Schema = {"const": Frequency.CUSTOM}
# Only a CUSTOM plan has an interval, and it says it.
WRONG_INTERVAL: tuple[Schema, ...] = (
    {
        "properties": {"frequency": {"not": CUSTOM}, "interval_days": {"type": "integer"}},
        "required": ["frequency", "interval_days"],
    },
    {
        "properties": {"frequency": CUSTOM, "interval_days": {"type": "null"}},
        "required": ["frequency", "interval_days"],
    },
)
NO_INTERVAL: tuple[Schema, ...] = (
    {"properties": {"frequency": CUSTOM}, "required": ["frequency"], "not": {"required": ["interval_days"]}},
)


@example(
    sent={"lead": 1, "frequency": "DAILY", "notes": "Initial call plan for lead 1."},
    changed={"next_call_date": "2024-12-30T10:00:00Z"},
    adds={
        "id": 1,
        "interval_days": None,
        "last_called": "2024-12-28T10:00:00Z",
        "next_call_date": "2024-12-29T10:00:00Z",
        "is_overdue": False,
        "suggested_call_at": "2024-12-30T14:00:00Z",
        "suggested_call_note": None,
        "created_at": "2024-12-28T09:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 2,
    },
)
class CallPlanSerializer(RowSerializer):
    words: ClassVar = {
        "lead": "The id of the restaurant; it has one plan at a time.",
        "interval_days": "Days between calls, for CUSTOM and for nothing else.",
        "last_called": "When it was last called; see `record_call`.",
        "next_call_date": "When it is due; sent, it overrides the cadence once.",
        "is_overdue": "Whether it was due before the caller's present day.",
        "suggested_call_at": "The first minute, not before it is due and not past, at which somebody can pick up.",
        "suggested_call_note": "Why there is no such minute; null where there is one.",
    }
    contradictory, incomplete = WRONG_INTERVAL, NO_INTERVAL
    lead = RelatedId(queryset=Restaurant.objects.all())
    is_overdue = Flag(read_only=True)
    suggested_call_at = ComputedMoment(read_only=True, allow_null=True)
    suggested_call_note = ComputedText(read_only=True, allow_null=True)

    class Meta:
        model = CallPlan
        fields = (
            "id",
            "lead",
            "frequency",
            "interval_days",
            "last_called",
            "next_call_date",
            "is_overdue",
            "suggested_call_at",
            "suggested_call_note",
            "notes",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = (
            "id",
            "last_called",
            "is_overdue",
            "suggested_call_at",
            "suggested_call_note",
            "created_at",
            "updated_at",
            "version",
        )
        extra_kwargs: ClassVar = {
            "interval_days": {"min_value": 1, "max_value": LONGEST_INTERVAL},
            "next_call_date": {"required": False},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A whole plan says its interval: what a PUT leaves out of a CUSTOM cadence is not taken from the old one."""
        if not self.partial:
            attrs.setdefault("interval_days", None)
        return attrs


@example(sent={"last_called": "2024-12-28T10:00:00Z"})
class RecordCallSerializer(StrictSerializer):
    words: ClassVar = {"last_called": "When the call was; now unless said otherwise."}
    last_called = Moment(required=False)


@example(sent={"frequency": "WEEKLY"})
class SetFrequencySerializer(StrictSerializer):
    words: ClassVar = {"interval_days": "Days between calls, for CUSTOM and for nothing else."}
    contradictory, incomplete = WRONG_INTERVAL, NO_INTERVAL
    frequency = Choice(choices=Frequency.choices)
    interval_days = Whole(required=False, allow_null=True, default=None, min_value=1, max_value=LONGEST_INTERVAL)


@example(
    sent={
        "restaurant": 1,
        "starts_at": "2025-01-06T00:00:00Z",
        "ends_at": "2025-02-03T00:00:00Z",
        "reason": "Closed for renovation.",
    },
    changed={"ends_at": "2025-02-10T00:00:00Z"},
    adds={
        "id": 1,
        "made_by": 1,
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class BlockSerializer(RowSerializer):
    words: ClassVar = {
        "restaurant": "The id of the restaurant; a block stays with it.",
        "starts_at": "From this moment on; now unless said otherwise.",
        "ends_at": "Before this moment; from it on the restaurant is called again.",
        "made_by": "The id of who entered it.",
    }
    restaurant = RelatedId(queryset=Restaurant.objects.all())

    class Meta:
        model = Block
        fields = (
            "id",
            "restaurant",
            "starts_at",
            "ends_at",
            "reason",
            "made_by",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "made_by", "created_at", "updated_at", "version")
        extra_kwargs: ClassVar = {"starts_at": {"required": False}}


# --- Whom to call next ------------------------------------------------------------------------------
class CalleeSerializer(StrictSerializer):
    id = Whole(read_only=True)
    name = Text(read_only=True)
    city = Text(read_only=True)
    phone = Text(read_only=True)
    lead_status = Choice(choices=LeadStatus.choices, read_only=True)


class ReasonToCallSerializer(StrictSerializer):
    words: ClassVar = {"points": "Its part of the score.", "facts": "The figures behind it."}
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
