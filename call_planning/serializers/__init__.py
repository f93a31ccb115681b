"""Shapes of plans, of blocks, of whom to call next, of whether it was done, and of calendar feeds."""

from call_planning.serializers.blocks import BlockSerializer
from call_planning.serializers.calendar import CalendarSerializer, NewCalendarSerializer
from call_planning.serializers.compliance import ComplianceCallSerializer, ComplianceSerializer
from call_planning.serializers.next_calls import NextCallSerializer
from call_planning.serializers.plans import (
    CallPlanSerializer,
    RecordCallSerializer,
    RecordedCallSerializer,
    SetFrequencySerializer,
    SnoozeSerializer,
)

__all__ = [
    "BlockSerializer",
    "CalendarSerializer",
    "CallPlanSerializer",
    "ComplianceCallSerializer",
    "ComplianceSerializer",
    "NewCalendarSerializer",
    "NextCallSerializer",
    "RecordCallSerializer",
    "RecordedCallSerializer",
    "SetFrequencySerializer",
    "SnoozeSerializer",
]
