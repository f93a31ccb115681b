from __future__ import annotations

from typing import ClassVar

from call_planning.choices import Frequency
from call_planning.models import LONGEST_INTERVAL, CallPlan
from common.api.fields import Choice, Flag, Moment, RelatedId, Whole
from common.api.serializers import RowSerializer, StrictSerializer
from leads.models import Restaurant


class CallPlanSerializer(RowSerializer):
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


class RecordCallSerializer(StrictSerializer):
    last_called = Moment(required=False)


class SetFrequencySerializer(StrictSerializer):
    frequency = Choice(choices=Frequency.choices)
    interval_days = Whole(required=False, allow_null=True, default=None, min_value=1, max_value=LONGEST_INTERVAL)
