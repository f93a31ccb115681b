"""Calls as they are recorded on a plan, whole."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import time_machine

from call_planning.models import CallPlan
from interaction_tracking.models import Interaction
from kams.models import User
from tests.cast import NOON, api

Row = dict[str, Any]


def wrap_up(plan: CallPlan, by: User, *, now: datetime = NOON, **said: Any) -> Any:
    """What the service answers to who records this; the plan is read anew."""
    with time_machine.travel(now, tick=False):
        answer = api(by).post(f"/call/{plan.pk}/record_call/", said)
    plan.refresh_from_db()
    return answer


def recorded(plan: CallPlan, by: User, *, now: datetime = NOON, **said: Any) -> Row:
    """The answer, which is no refusal."""
    answer = wrap_up(plan, by, now=now, **said)
    assert answer.status_code == 200, answer.content.decode()
    shown: Row = answer.json()
    return shown


def refused(plan: CallPlan, by: User, *, now: datetime = NOON, **said: Any) -> dict[str, list[str]]:
    """What is wrong with it, by field; it has changed nothing."""
    before = (plan.version, list(Interaction.objects.order_by("pk").values()))
    answer = wrap_up(plan, by, now=now, **said)
    assert answer.status_code == 400, answer.content.decode()
    assert (plan.version, list(Interaction.objects.order_by("pk").values())) == before
    errors: dict[str, list[str]] = answer.json()["errors"]
    return errors
