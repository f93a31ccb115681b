"""`/call/`: plans, blocks, whom to call next, whether it was done, and the calendar feed."""

from call_planning.views.blocks import BlockViewSet
from call_planning.views.calendar import CalendarFeedView, CalendarView
from call_planning.views.compliance import ComplianceCallsViewSet, ComplianceViewSet
from call_planning.views.next_calls import NextCallsViewSet
from call_planning.views.plans import CallPlanViewSet

__all__ = [
    "BlockViewSet",
    "CalendarFeedView",
    "CalendarView",
    "CallPlanViewSet",
    "ComplianceCallsViewSet",
    "ComplianceViewSet",
    "NextCallsViewSet",
]
