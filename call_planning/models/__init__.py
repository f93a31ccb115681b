from call_planning.models.block import Block, BlockSet
from call_planning.models.call_plan import LONGEST_INTERVAL, CallPlan, CallPlanSet
from call_planning.models.callee import Callee, CalleeSet, NextCall
from call_planning.models.morning import Morning, MorningSet
from call_planning.models.planned_call import PlannedCall, PlannedCallSet

__all__ = [
    "LONGEST_INTERVAL",
    "Block",
    "BlockSet",
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
