from call_planning.models.block import Block, BlockSet
from call_planning.models.calendar_feed import CalendarFeed, CalendarFeedSet
from call_planning.models.call_plan import LONGEST_INTERVAL, LONGEST_SNOOZE, CallPlan, CallPlanSet
from call_planning.models.callee import Callee, CalleeSet, NextCall
from call_planning.models.morning import Morning, MorningSet
from call_planning.models.planned_call import PlannedCall, PlannedCallSet

__all__ = [
    "LONGEST_INTERVAL",
    "LONGEST_SNOOZE",
    "Block",
    "BlockSet",
    "CalendarFeed",
    "CalendarFeedSet",
    "CallPlan",
    "CallPlanSet",
    "Callee",
    "CalleeSet",
    "Morning",
    "MorningSet",
    "NextCall",
    "PlannedCall",
    "PlannedCallSet",
]
