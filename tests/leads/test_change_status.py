"""`POST /lead/restaurants/{id}/change_status/`, and every other door a status comes through."""

from datetime import timedelta

import pytest
import time_machine

from leads.choices import LeadStatus, may_follow
from leads.models import Restaurant, StatusChange
from tests.cast import NOON, Cast, api, restaurant

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


def test_it_takes_the_next_status_and_writes_the_history(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": "CONTACTED", "reason": "met"})
    assert answer.status_code == 200
    assert answer.json()["lead_status"] == "CONTACTED"
    assert Restaurant.objects.get(pk=row.pk).lead_status == "CONTACTED"
    change = StatusChange.objects.get()
    assert (change.old_status, change.new_status, change.changed_by) == ("NEW", "CONTACTED", cast.asha)
    assert (change.reason, change.changed_at, change.lasted) == ("met", LATER, timedelta(days=3))


def test_it_does_nothing_for_the_same_status(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": "NEW"})
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert not StatusChange.objects.exists()


@pytest.mark.parametrize("door", ["action", "PUT", "PATCH"])
@pytest.mark.parametrize("old", LeadStatus.values)
def test_it_follows_the_rule_through_every_door(cast: Cast, old: str, door: str) -> None:
    for new in LeadStatus.values:
        row = restaurant(cast.asha, lead_status=old)
        caller, path = api(cast.asha), f"/lead/restaurants/{row.pk}/"
        if door == "action":
            answer = caller.post(f"{path}change_status/", {"status": new})
        elif door == "PUT":
            answer = caller.put(path, {**caller.get(path).json(), "lead_status": new})
        else:
            answer = caller.patch(path, {"lead_status": new})
        allowed = new == old or new in may_follow(old)
        row.refresh_from_db()
        assert answer.status_code == (200 if allowed else 409), (old, new)
        assert row.lead_status == (new if allowed else old)
        assert row.status_changes.count() == (1 if allowed and new != old else 0)
        if not allowed:
            assert all(status in answer.json()["detail"] for status in may_follow(old))
