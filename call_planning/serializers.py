from __future__ import annotations

from typing import Any, ClassVar

from call_planning.choices import Frequency
from call_planning.models import LONGEST_INTERVAL, CallPlan
from common.api.fields import Choice, Flag, Moment, RelatedId, Schema, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
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
    }
    contradictory, incomplete = WRONG_INTERVAL, NO_INTERVAL
    lead = RelatedId(queryset=Restaurant.objects.all())
    is_overdue = Flag(read_only=True)

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
            "notes",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "last_called", "is_overdue", "created_at", "updated_at", "version")
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
