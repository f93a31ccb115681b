"""Shapes of plans: how often a restaurant is called, and a call that was made."""

from __future__ import annotations

from typing import Any, ClassVar

from call_planning.choices import Frequency
from call_planning.models import LONGEST_INTERVAL, LONGEST_SNOOZE, CallPlan
from common.api.computed import ComputedMoment, ComputedText
from common.api.fields import Choice, Flag, Moment, RelatedId, Schema, Text, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from contact.models import Contact
from interaction_tracking.choices import UNANSWERED, CallOutcome
from interaction_tracking.serializers import InteractionSerializer, OrderSerializer
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
# A promise is for CALL_BACK, which needs one; it is when they are called next. Who was not reached orders nothing.
IS_CALL_BACK: Schema = {"properties": {"outcome": {"const": CallOutcome.CALL_BACK}}, "required": ["outcome"]}
PROMISED: Schema = {"properties": {"call_back_at": {"type": "string"}}, "required": ["call_back_at"]}
CONTRADICTED: tuple[Schema, ...] = (
    {**PROMISED, "not": IS_CALL_BACK},
    {"properties": PROMISED["properties"], "required": ["call_back_at", "next_call_date"]},
    {
        "properties": {"outcome": {"enum": list(UNANSWERED)}, "order": {"type": "object"}},
        "required": ["outcome", "order"],
    },
)
NO_PROMISE: tuple[Schema, ...] = ({**IS_CALL_BACK, "not": PROMISED},)
WRAP_UP: dict[str, Any] = {
    "last_called": "2024-12-28T10:00:00Z",
    "outcome": "CONNECTED",
    "contact": 3,
    "details": "They take fifty units, and like the new sauce.",
    "duration_seconds": 540,
    "order": {"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00},
    "next_call_date": "2024-12-30T10:00:00Z",
}
PLAN = {"lead": 1, "frequency": "DAILY", "notes": "Initial call plan for lead 1."}
PLANNED = {
    "id": 1,
    "interval_days": None,
    "last_called": "2024-12-28T10:00:00Z",
    "next_call_date": "2024-12-29T10:00:00Z",
    "is_overdue": False,
    "snoozed_until": None,
    "snooze_reason": "",
    "suggested_call_at": "2024-12-30T14:00:00Z",
    "suggested_call_note": None,
    "attempts": 0,
    "call_back_at": None,
    "created_at": "2024-12-28T09:00:00Z",
    "updated_at": "2024-12-28T10:00:00Z",
    "version": 2,
}


@example(sent=PLAN, changed={"next_call_date": "2024-12-30T10:00:00Z"}, adds=PLANNED)
class CallPlanSerializer(RowSerializer):
    words: ClassVar = {
        "lead": "The id of the restaurant; it has one plan at a time.",
        "interval_days": "Days between calls, for CUSTOM and for nothing else.",
        "last_called": "When it was last called; see `record_call`.",
        "next_call_date": "When it is due; sent, it overrides the cadence once.",
        "is_overdue": "Whether it was due before the caller's present day.",
        "snoozed_until": "Until when nobody is asked to call; null where it is not snoozed, or no longer.",
        "snooze_reason": "Why, as long as it is.",
        "suggested_call_at": "The first minute at which somebody can pick up, once it is due and no longer snoozed.",
        "suggested_call_note": "Why there is no such minute; null where there is one.",
        "attempts": "How often nobody was reached since the last call, or since the plan moved on without one.",
        "call_back_at": "When somebody promised to call back; null once they did.",
    }
    contradictory, incomplete = WRONG_INTERVAL, NO_INTERVAL
    lead = RelatedId(queryset=Restaurant.objects.all())
    is_overdue = Flag(read_only=True)
    snoozed_until = Moment(source="snooze_ends_at", read_only=True, allow_null=True)
    snooze_reason = Text(source="snoozed_because", read_only=True)
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
            "snoozed_until",
            "snooze_reason",
            "suggested_call_at",
            "suggested_call_note",
            "attempts",
            "call_back_at",
            "notes",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = (
            "id",
            "last_called",
            "is_overdue",
            "snoozed_until",
            "snooze_reason",
            "suggested_call_at",
            "suggested_call_note",
            "attempts",
            "call_back_at",
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


@example(sent=WRAP_UP)
class RecordCallSerializer(StrictSerializer):
    words: ClassVar = {
        "last_called": "When the call was; now unless said otherwise.",
        "outcome": "What came of it. NO_ANSWER, BUSY and WRONG_NUMBER are attempts, and move no cadence.",
        "contact": "The id of who was called: a contact of the restaurant or its chain.",
        "details": "What was said.",
        "order": "What was ordered.",
        "call_back_at": "For CALL_BACK, and for nothing else: when they are called next, as promised.",
        "next_call_date": "When they are called next; it overrides the cadence once.",
        "notes": "Replaces the notes of the plan.",
    }
    contradictory, incomplete = CONTRADICTED, NO_PROMISE
    last_called = Moment(required=False)
    outcome = Choice(choices=CallOutcome.choices, required=False)
    contact = RelatedId(queryset=Contact.objects.all(), required=False, allow_null=True)
    details = Text(required=False)
    duration_seconds = Whole(required=False, allow_null=True, min_value=0)
    order = OrderSerializer(required=False, allow_null=True)
    call_back_at = Moment(required=False, allow_null=True)
    next_call_date = Moment(required=False)
    notes = Text(required=False, allow_blank=True)


@example(
    adds={
        **PLAN,
        **PLANNED,
        "next_call_date": WRAP_UP["next_call_date"],
        "interaction": {
            "id": 9,
            "lead": 1,
            "contact": 3,
            "participants": [],
            "kam": 1,
            "interaction_type": "CALL",
            "status": "DONE",
            "details": WRAP_UP["details"],
            "outcome": "CONNECTED",
            "order_placed": True,
            "order": {**WRAP_UP["order"], "order_date": "2024-12-28T10:00:00Z"},
            "date": "2024-12-28T10:00:00Z",
            "duration_seconds": 540,
            "call_plan": 1,
            "due_at": "2024-12-28T00:00:00Z",
            "created_at": "2024-12-28T04:00:00Z",
            "updated_at": "2024-12-28T10:00:00Z",
            "version": 2,
        },
        "message": None,
    },
)
class RecordedCallSerializer(CallPlanSerializer):
    words: ClassVar = {
        **CallPlanSerializer.words,
        "interaction": "The call, with its order; null where it was deleted or moved since.",
        "message": "What there is to say beside: that the plan moves on, because nobody answered.",
    }
    interaction = InteractionSerializer(read_only=True, allow_null=True)
    message = ComputedText(read_only=True, allow_null=True)

    class Meta(CallPlanSerializer.Meta):
        fields = (*CallPlanSerializer.Meta.fields, "interaction", "message")  # type: ignore[assignment] # two more


@example(sent={"until": "2025-01-07T09:00:00Z", "reason": "The owner is away until Epiphany."})
class SnoozeSerializer(StrictSerializer):
    words: ClassVar = {
        "until": f"A moment to come, within {LONGEST_SNOOZE.days} days; from it on the plan asks for its call again.",
        "reason": "Why it is put off.",
    }
    until = Moment()
    reason = Text(required=False, allow_blank=True, max_length=500)


@example(sent={"frequency": "WEEKLY"})
class SetFrequencySerializer(StrictSerializer):
    words: ClassVar = {"interval_days": "Days between calls, for CUSTOM and for nothing else."}
    contradictory, incomplete = WRONG_INTERVAL, NO_INTERVAL
    frequency = Choice(choices=Frequency.choices)
    interval_days = Whole(required=False, allow_null=True, default=None, min_value=1, max_value=LONGEST_INTERVAL)
