"""The ranking on the demo's organisation, as three of its KAMs read it and work it off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from call_planning.demo import lives
from kams.choices import Role
from kams.models import User
from leads.choices import CLOSED, LeadStatus
from leads.models import Restaurant
from tests.cast import NOON, Api, api


@pytest.fixture(autouse=True)
def _demo(db: None, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:  # noqa: ARG001 - to have it
    """Three restaurants of each status for each KAM."""
    monkeypatch.setattr(lives, "_MIX", dict.fromkeys(LeadStatus, 3))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with time_machine.travel(NOON, tick=False):
        call_command("demo", verbosity=0)
        yield


def ranking(caller: Api) -> list[dict[str, Any]]:
    answer = caller.get("/call/next/?page_size=100")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()
    return rows


def test_it_can_be_read_and_worked_off() -> None:
    for kam in User.objects.filter(role=Role.KAM, is_active=True).order_by("pk")[:3]:
        caller = api(kam)
        rows = ranking(caller)
        assert rows
        assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
        for row in rows:
            assert row["score"] == sum(reason["points"] for reason in row["reasons"])
        theirs = Restaurant.objects.filter(assigned_to=kam, archived_at__isnull=True).exclude(lead_status__in=CLOSED)
        assert {row["restaurant"]["id"] for row in rows} <= set(theirs.values_list("pk", flat=True))

        place = next(number for number, row in enumerate(rows) if row["call_plan"])
        called = rows[place]
        assert caller.post(f"/call/{called['call_plan']}/record_call/", {}).status_code == 200
        after = {row["restaurant"]["id"]: row["score"] for row in ranking(caller)}
        others = {row["restaurant"]["id"]: row["score"] for row in rows if row is not called}
        assert after.pop(called["restaurant"]["id"], 0) < called["score"]
        assert after == others
