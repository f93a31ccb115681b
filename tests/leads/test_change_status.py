"""`POST /lead/restaurants/{id}/change_status/`, and every other door a status comes through."""

from datetime import timedelta

import pytest
import time_machine

from leads.models import Restaurant, StatusChange
from tests.cast import NOON, Cast, api, restaurant

LATER = NOON + timedelta(days=3)
OPEN = ["NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING"]
STATUSES = [*OPEN, "CONVERTED", "LOST", "INACTIVE"]
# The rule, said once more: which statuses may follow which.
ALLOWED = {
    "NEW": {"CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED", "LOST", "INACTIVE"},
    "CONTACTED": {"NEW", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED", "LOST", "INACTIVE"},
    "MEETING_SCHEDULED": {"NEW", "CONTACTED", "NEGOTIATING", "CONVERTED", "LOST", "INACTIVE"},
    "NEGOTIATING": {"NEW", "CONTACTED", "MEETING_SCHEDULED", "CONVERTED", "LOST", "INACTIVE"},
    "CONVERTED": {"LOST", "INACTIVE"},
    "LOST": {"NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING"},
    "INACTIVE": {"NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING"},
}


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
    assert Restaurant.objects.get(pk=row.pk).updated_at == NOON
    assert not StatusChange.objects.exists()


@pytest.mark.parametrize("door", ["action", "PUT", "PATCH"])
@pytest.mark.parametrize("old", STATUSES)
def test_it_follows_the_rule_through_every_door(cast: Cast, old: str, door: str) -> None:
    for new in STATUSES:
        row = restaurant(cast.asha, lead_status=old)
        caller, path = api(cast.asha), f"/lead/restaurants/{row.pk}/"
        if door == "action":
            answer = caller.post(f"{path}change_status/", {"status": new})
        elif door == "PUT":
            answer = caller.put(path, {**caller.get(path).json(), "lead_status": new})
        else:
            answer = caller.patch(path, {"lead_status": new})
        allowed = new == old or new in ALLOWED[old]
        row.refresh_from_db()
        assert answer.status_code == (200 if allowed else 409), (old, new)
        assert row.lead_status == (new if allowed else old)
        assert row.status_changes.count() == (1 if allowed and new != old else 0)
        if not allowed:
            named = set(answer.json()["detail"].partition("Allowed: ")[2].rstrip(".").split(", "))
            assert named == ALLOWED[old]
            assert answer.json()["errors"].keys() == {"lead_status"}


def test_it_changes_nothing_else_when_the_rule_refuses(cast: Cast) -> None:
    row = restaurant(cast.asha, lead_status="CONVERTED")
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"name": "Renamed", "lead_status": "NEW"})
    assert answer.status_code == 409
    assert Restaurant.objects.get(pk=row.pk).name == row.name


def test_it_changes_other_fields_beside_the_status(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"name": "Renamed", "lead_status": "LOST"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["lead_status"], answer.json()["version"]) == ("Renamed", "LOST", 2)
    assert StatusChange.objects.get().changed_by == cast.asha


@pytest.mark.parametrize("body", [{}, {"status": "OPEN"}, {"status": "contacted"}, {"status": None}, {"status": 1}])
def test_it_refuses_what_is_no_status(cast: Cast, body: object) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"status"}
    assert not StatusChange.objects.exists()


def test_it_takes_a_reason_of_500_letters_and_no_longer_one(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/change_status/"
    answer = api(cast.asha).post(path, {"status": "LOST", "reason": "x" * 501})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["reason"])
    assert api(cast.asha).post(path, {"status": "LOST", "reason": "x" * 500}).status_code == 200
    assert StatusChange.objects.get().reason == "x" * 500


def test_it_takes_another_status_in_the_pool_but_not_a_colleagues(cast: Cast) -> None:
    free, taken = restaurant(), restaurant(cast.bela)
    assert api(cast.asha).post(f"/lead/restaurants/{free.pk}/change_status/", {"status": "LOST"}).status_code == 200
    assert api(cast.asha).post(f"/lead/restaurants/{taken.pk}/change_status/", {"status": "LOST"}).status_code == 404
    taken.refresh_from_db()
    assert taken.lead_status == "NEW"


def test_it_is_refused_to_who_only_reads(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.nora).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": "LOST"})
    assert answer.status_code == 403
    assert not StatusChange.objects.exists()
