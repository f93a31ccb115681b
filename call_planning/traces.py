"""What plans and blocks may say about people."""

from call_planning.models import Block, CallPlan
from common.traces import Texts, declare

declare(
    Texts(CallPlan, ("notes", "snooze_reason"), near="lead"),
    Texts(Block, ("reason",), near="restaurant"),
)
