"""When the call of a plan is best made, found for each row that is shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from call_planning.models.availability import availability_of, columns
from call_planning.windows import DAYS_AHEAD
from leads.choices import CLOSED

SUGGESTED_FROM = ("next_call_date", "lead__lead_status", *columns("lead"))
RESTING = "The restaurant is lost or inactive, so the plan rests."
NO_WINDOW = f"Nobody can be called there within {DAYS_AHEAD} days: look at the hours, the holidays and the blocks."
_ONE_MINUTE = timedelta(minutes=1)


def suggested(values: Sequence[Any], *, at: datetime) -> dict[str, Any]:
    """The first minute that fits of a plan with these values, or why there is none.

    It is not kept: it goes by the hours and blocks as they are when somebody asks, and by the clock.
    """
    due_at, status, *rest = values
    if status in CLOSED:
        return {"suggested_call_at": None, "suggested_call_note": RESTING}
    window = availability_of(rest).next_window(after=_minute_from(max(due_at, at)))
    if window is None:
        return {"suggested_call_at": None, "suggested_call_note": NO_WINDOW}
    return {"suggested_call_at": window.starts_at, "suggested_call_note": None}


def _minute_from(moment: datetime) -> datetime:
    """The first whole minute that is not before it."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _ONE_MINUTE
