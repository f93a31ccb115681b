"""The ranking on the demo's organisation, as four of its KAMs read it and work it off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Q

from call_planning.demo import lives, people
from call_planning.models import Block, CallPlan
from contact.models import Contact
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


def to_be_called_by(kam: User) -> set[int]:
    """What they have, share or cover, and what nothing keeps from being called."""
    works_on = Q(assigned_to=kam) | Q(collaborations__kam=kam) | Q(assigned_to__absences__covering=kam)
    theirs = Restaurant.objects.filter(works_on, archived_at__isnull=True).exclude(lead_status__in=CLOSED)
    blocked = Block.objects.filter(starts_at__lte=NOON, ends_at__gt=NOON).values("restaurant")
    snoozed = CallPlan.objects.filter(snoozed_until__gt=NOON).values("lead")
    reachable = Contact.objects.filter(opted_out=False).values("restaurant")
    called = theirs.filter(pk__in=reachable).exclude(pk__in=blocked).exclude(pk__in=snoozed)
    return set(called.values_list("pk", flat=True))


def test_it_leaves_out_what_is_blocked_and_snoozed_and_holds_what_is_shared() -> None:
    asha, arjun = (User.objects.get(username=name) for name in (people.KAM, "arjun.iyer"))
    kept = {
        *Block.objects.filter(starts_at__lte=NOON).values_list("restaurant", flat=True),
        *CallPlan.objects.filter(snoozed_until__gt=NOON).values_list("lead", flat=True),
    }
    assert len(kept) == 2
    assert Restaurant.objects.filter(pk__in=kept, assigned_to=asha).exclude(lead_status__in=CLOSED).count() == 2
    assert not kept & {row["restaurant"]["id"] for row in ranking(api(asha))}
    ranked = Restaurant.objects.filter(pk__in=[row["restaurant"]["id"] for row in ranking(api(arjun))])
    assert set(ranked.values_list("assigned_to__username", flat=True)) == {"arjun.iyer", "kavya.reddy"}


def test_it_can_be_read_and_worked_off() -> None:
    for kam in User.objects.filter(role=Role.KAM, is_active=True).order_by("pk")[:4]:
        caller = api(kam)
        rows = ranking(caller)
        assert rows
        assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
        for row in rows:
            assert row["score"] == sum(reason["points"] for reason in row["reasons"])
        assert {row["restaurant"]["id"] for row in rows} <= to_be_called_by(kam)

        place = next(number for number, row in enumerate(rows) if row["call_plan"])
        called = rows[place]
        assert caller.post(f"/call/{called['call_plan']}/record_call/", {}).status_code == 200
        after = {row["restaurant"]["id"]: row["score"] for row in ranking(caller)}
        others = {row["restaurant"]["id"]: row["score"] for row in rows if row is not called}
        assert after.pop(called["restaurant"]["id"], 0) < called["score"]
        assert after == others
