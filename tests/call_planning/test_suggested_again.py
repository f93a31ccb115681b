"""When a call that was tried in vain is best made again, as plans show it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from tests.call_planning.calls import recorded
from tests.cast import Cast, api, call_plan, restaurant

pytestmark = pytest.mark.usefixtures("noon")

# Open from nine to half past eleven, and from half past two to six: the rush is between.
MONDAY = datetime(2024, 12, 30, tzinfo=UTC)
TEN = MONDAY + timedelta(hours=10)


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha), frequency="WEEKLY", next_call_date=MONDAY)


def suggested(cast: Cast, plan: CallPlan, at: datetime) -> Any:
    with time_machine.travel(at, tick=False):
        alone = api(cast.asha).get(f"/call/{plan.pk}/").json()["suggested_call_at"]
        (listed,) = api(cast.asha).get(f"/call/?lead={plan.lead_id}").json()
    assert listed["suggested_call_at"] == alone
    return alone


@pytest.mark.parametrize("outcome", ["NO_ANSWER", "WRONG_NUMBER"])
def test_it_is_the_next_window(cast: Cast, plan: CallPlan, outcome: str) -> None:
    assert suggested(cast, plan, TEN) == "2024-12-30T10:00:00Z"
    assert recorded(plan, cast.asha, now=TEN, outcome=outcome)["suggested_call_at"] == "2024-12-30T14:30:00Z"
    assert suggested(cast, plan, TEN + timedelta(hours=1)) == "2024-12-30T14:30:00Z"
    at_four = TEN + timedelta(hours=6)
    assert suggested(cast, plan, at_four) == "2024-12-30T16:00:00Z"
    assert recorded(plan, cast.asha, now=at_four, outcome=outcome)["suggested_call_at"] == "2024-12-31T09:00:00Z"


def test_it_is_soon_where_the_line_was_busy(cast: Cast, plan: CallPlan) -> None:
    shown = recorded(plan, cast.asha, now=TEN, outcome="BUSY")
    assert shown["suggested_call_at"] == "2024-12-30T10:15:00Z"
    assert suggested(cast, plan, TEN + timedelta(minutes=20)) == "2024-12-30T10:20:00Z"
    shown = recorded(plan, cast.asha, now=TEN + timedelta(minutes=80), outcome="BUSY")
    assert shown["suggested_call_at"] == "2024-12-30T14:30:00Z"


def test_it_is_the_window_ahead_where_it_was_tried_outside_of_any(cast: Cast, plan: CallPlan) -> None:
    shown = recorded(plan, cast.asha, now=MONDAY + timedelta(hours=12), outcome="NO_ANSWER")
    assert shown["suggested_call_at"] == "2024-12-30T14:30:00Z"


def test_it_is_a_day_later_where_a_window_does_not_end(
    cast: Cast, plan: CallPlan, settings: Any, tmp_path: Path
) -> None:
    always = tmp_path / "hours.toml"
    always.write_text('[open]\ndaily = [["00:00", "00:00"]]\n[working]\ndaily = [["00:00", "00:00"]]\n[rush]\n')
    settings.CALL_HOURS_FILE = str(always)
    assert suggested(cast, plan, TEN) == "2024-12-30T10:00:00Z"
    shown = recorded(plan, cast.asha, now=TEN, outcome="NO_ANSWER")
    assert shown["suggested_call_at"] == "2024-12-31T10:00:00Z"


def test_it_forgets_an_attempt_before_the_call_is_due(cast: Cast, plan: CallPlan) -> None:
    recorded(plan, cast.asha, now=TEN, outcome="NO_ANSWER")
    at_eleven = {"next_call_date": "2024-12-30T11:00:00Z"}
    with time_machine.travel(TEN, tick=False):
        assert api(cast.asha).patch(f"/call/{plan.pk}/", at_eleven).status_code == 200
    assert suggested(cast, plan, TEN) == "2024-12-30T11:00:00Z"


def test_it_is_the_promise_whenever_it_was_tried(cast: Cast, plan: CallPlan) -> None:
    recorded(plan, cast.asha, now=TEN, outcome="CALL_BACK", call_back_at="2024-12-30T11:00:00Z")
    shown = recorded(plan, cast.asha, now=TEN + timedelta(minutes=5), outcome="NO_ANSWER")
    assert shown["suggested_call_at"] == "2024-12-30T11:00:00Z"
