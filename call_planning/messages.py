"""What people are told about the calls they have to make."""

from __future__ import annotations

from notifications.choices import Channel
from notifications.kinds import Kind

# In the app only, unless somebody wants mails: the plan of the day says the same once, by mail.
CALLS_PLANNED = Kind("calls_planned", "Calls are planned", channels=(Channel.IN_APP,))
CALLS_MISSED = Kind("calls_missed", "Calls were missed", channels=(Channel.IN_APP,))
MORNING_PLAN = Kind("morning_plan", "The plan of the day")
