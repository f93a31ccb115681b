"""When the call of a plan is best made, found for each row that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from call_planning.models.availability import availability_of, columns
from call_planning.windows import DAYS_AHEAD, Availability
from interaction_tracking.choices import CallOutcome
from leads.choices import CLOSED

SUGGESTED_FROM = (
    "next_call_date",
    "snoozed_until",
    "attempted_at",
    "tried",
    "lead__lead_status",
    *columns("lead"),
)
RESTING = "The restaurant is lost or inactive, so the plan rests."
NO_WINDOW = f"Nobody can be called there within {DAYS_AHEAD} days: look at the hours, the holidays and the blocks."
# Who was busy may soon be free; who does not answer is tried in another window, or on another day.
BUSY_FOR = timedelta(minutes=15)
_ONE_MINUTE = timedelta(minutes=1)


def suggested(values: Sequence[Any], *, at: datetime) -> dict[str, Any]:
    """The first minute that fits of a plan with these values, or why there is none.

    It is not kept: it goes by the hours and blocks as they are when somebody asks, and by the clock.
    """
    due_at, snoozed_until, tried_at, tried, status, *rest = values
    if status in CLOSED:
        return {"suggested_call_at": None, "suggested_call_note": RESTING}
    when, due_at = availability_of(rest), max(due_at, snoozed_until or due_at)
    after = max(due_at, at)
    if tried_at is not None and tried_at >= due_at:
        after = max(after, tried_at + BUSY_FOR if tried == CallOutcome.BUSY else _end_of_window(when, tried_at))
    window = when.next_window(after=_minute_from(after))
    if window is None:
        return {"suggested_call_at": None, "suggested_call_note": NO_WINDOW}
    return {"suggested_call_at": window.starts_at, "suggested_call_note": None}


def _end_of_window(when: Availability, moment: datetime) -> datetime:
    """When the window is over that is open at this moment, or a day later where it goes on; else the moment itself."""
    window = when.next_window(after=moment, days=1)
    return moment if window is None or window.starts_at > moment else window.ends_at


def _minute_from(moment: datetime) -> datetime:
    """The first whole minute that is not before it."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _ONE_MINUTE
