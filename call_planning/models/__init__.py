from call_planning.models.call_plan import LONGEST_INTERVAL, CallPlan, CallPlanSet
from call_planning.models.planned_call import PlannedCall, PlannedCallSet

__all__ = ["LONGEST_INTERVAL", "CallPlan", "CallPlanSet", "PlannedCall", "PlannedCallSet"]
