"""`POST /call/{id}/record_call/`: the call is kept, and the next one counts from it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from call_planning.models import CallPlan
from interaction_tracking.models import Interaction
from tests.cast import NOON, Cast, api, call_plan, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def plan(cast: Cast) -> CallPlan:
    return call_plan(restaurant(cast.asha))


def record(cast: Cast, plan: CallPlan, moment: str = "", *, now: str = "") -> Any:
    """Record a call of that moment; now, that is, unless the clock is said to show something else."""
    with time_machine.travel(datetime.fromisoformat(now or moment or NOON.isoformat()), tick=False):
        answer = api(cast.root).post(f"/call/{plan.pk}/record_call/", {"last_called": moment} if moment else None)
    plan.refresh_from_db()
    return answer


def due(cast: Cast, plan: CallPlan, moment: str) -> str:
    answer = record(cast, plan, moment)
    assert (answer.status_code, answer.json()["last_called"]) == (200, moment)
    return str(answer.json()["next_call_date"])


def calls() -> list[tuple[datetime, str]]:
    return list(Interaction.objects.order_by("date").values_list("date", "status"))


def test_it_counts_the_next_call_from_this_one(cast: Cast, plan: CallPlan) -> None:
    answer = api(cast.asha).post(f"/call/{plan.pk}/record_call/", {"last_called": "2024-12-28T10:00:00Z"})
    assert answer.status_code == 200
    assert answer.json()["last_called"] == "2024-12-28T10:00:00Z"
    assert answer.json()["next_call_date"] == "2024-12-29T10:00:00Z"
    plan.refresh_from_db()
    assert plan.last_called == datetime(2024, 12, 28, 10, tzinfo=UTC)
    assert plan.next_call_date == datetime(2024, 12, 29, 10, tzinfo=UTC)
    assert (plan.version, plan.updated_at) == (2, NOON)


@pytest.mark.parametrize("body", [None, {}])
def test_it_happened_now_when_nothing_else_is_said(cast: Cast, plan: CallPlan, body: object) -> None:
    answer = api(cast.asha).post(f"/call/{plan.pk}/record_call/", body)
    assert (answer.status_code, answer.json()["last_called"]) == (200, "2024-12-28T12:00:00Z")


def test_it_keeps_the_call_as_an_interaction_of_who_called(cast: Cast, plan: CallPlan) -> None:
    api(cast.maya).post(f"/call/{plan.pk}/record_call/", {"last_called": "2024-12-28T10:00:00Z"})
    call = Interaction.objects.get()
    assert (call.lead, call.interaction_type, call.status, call.kam) == (plan.lead, "CALL", "DONE", cast.maya)
    assert (call.date, call.call_plan, call.contact) == (datetime(2024, 12, 28, 10, tzinfo=UTC), plan, None)
    shown = api(cast.asha).get("/track/interactions/").json()
    assert [(row["id"], row["call_plan"]) for row in shown] == [(call.pk, plan.pk)]


@pytest.mark.parametrize(
    ("frequency", "days", "expected"),
    [
        ("DAILY", None, "2024-12-29T10:00:00Z"),
        ("WEEKLY", None, "2025-01-04T10:00:00Z"),
        ("BIWEEKLY", None, "2025-01-11T10:00:00Z"),
        ("MONTHLY", None, "2025-01-28T10:00:00Z"),
        ("QUARTERLY", None, "2025-03-28T10:00:00Z"),
        ("CUSTOM", 3, "2024-12-31T10:00:00Z"),
    ],
)
def test_it_moves_by_the_interval_of_the_plan(cast: Cast, frequency: str, days: int | None, expected: str) -> None:
    plan = call_plan(restaurant(cast.asha), frequency=frequency, interval_days=days)
    assert due(cast, plan, "2024-12-28T10:00:00Z") == expected


# --- zones ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("restaurants", "kams", "called", "expected"),
    [
        # Ten o'clock stays ten o'clock when clocks go forward, and back.
        ("Europe/London", "UTC", "2025-03-29T10:00:00Z", "2025-03-30T09:00:00Z"),
        ("", "Europe/London", "2025-03-29T10:00:00Z", "2025-03-30T09:00:00Z"),
        ("America/New_York", "Europe/London", "2024-11-02T14:00:00Z", "2024-11-03T15:00:00Z"),
        # Half past one is skipped: it moves forward by the gap. Half past one comes twice: the first.
        ("Europe/London", "UTC", "2025-03-29T01:30:00Z", "2025-03-30T01:30:00Z"),
        ("Europe/London", "UTC", "2025-10-25T00:30:00Z", "2025-10-26T00:30:00Z"),
        # There are no clock changes in India, nor where nobody says a zone.
        ("Asia/Kolkata", "Europe/London", "2025-03-29T10:00:00Z", "2025-03-30T10:00:00Z"),
        ("", "UTC", "2025-03-29T10:00:00Z", "2025-03-30T10:00:00Z"),
    ],
)
def test_it_keeps_the_hour_of_the_restaurant_else_of_its_kam(
    cast: Cast, restaurants: str, kams: str, called: str, expected: str
) -> None:
    owner = person(team=cast.south, timezone=kams)
    plan = call_plan(restaurant(owner, timezone=restaurants), at=datetime(2024, 10, 1, tzinfo=UTC))
    assert due(cast, plan, called) == expected


# --- months -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frequency", "dates"),
    [
        ("MONTHLY", ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"]),
        ("MONTHLY", ["2025-01-30", "2025-02-28", "2025-03-30"]),
        ("MONTHLY", ["2024-01-30", "2024-02-29", "2024-03-30"]),
        ("MONTHLY", ["2025-02-28", "2025-03-28", "2025-04-28"]),
        ("QUARTERLY", ["2024-08-31", "2024-11-30", "2025-02-28", "2025-05-31"]),
    ],
)
def test_it_keeps_the_day_of_the_month_through_short_ones(cast: Cast, frequency: str, dates: list[str]) -> None:
    plan = call_plan(restaurant(cast.asha), frequency=frequency, at=datetime(2023, 12, 1, tzinfo=UTC))
    for called, expected in pairwise(dates):
        assert due(cast, plan, f"{called}T10:00:00Z") == f"{expected}T10:00:00Z"


def test_it_keeps_the_day_it_was_planned_on_through_a_short_month(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="MONTHLY", at=datetime(2025, 1, 31, 12, tzinfo=UTC))
    assert plan.next_call_date == datetime(2025, 2, 28, tzinfo=UTC)
    assert due(cast, plan, "2025-02-28T10:00:00Z") == "2025-03-31T10:00:00Z"


@pytest.mark.parametrize(
    ("frequency", "override", "called", "expected"),
    [
        ("MONTHLY", None, "2025-02-27", "2025-03-27"),  # a day early
        ("MONTHLY", "2025-03-10", "2025-02-28", "2025-03-28"),  # not due then
        ("QUARTERLY", None, "2025-02-28", "2025-05-28"),
        ("MONTHLY", "2025-02-20", "2025-02-20", "2025-03-20"),  # no month ends there
    ],
)
def test_it_takes_the_day_of_a_call_that_no_short_month_cut(
    cast: Cast, frequency: str, override: str | None, called: str, expected: str
) -> None:
    plan = call_plan(restaurant(cast.asha), frequency=frequency, at=datetime(2024, 12, 1, tzinfo=UTC))
    due(cast, plan, "2025-01-31T10:00:00Z")
    if override:
        api(cast.root).patch(f"/call/{plan.pk}/", {"next_call_date": f"{override}T10:00:00Z"})
    assert due(cast, plan, f"{called}T10:00:00Z") == f"{expected}T10:00:00Z"


def test_it_takes_the_last_day_of_a_month_when_a_call_was_put_there(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="MONTHLY", at=datetime(2024, 12, 1, tzinfo=UTC))
    due(cast, plan, "2025-03-15T10:00:00Z")
    api(cast.root).patch(f"/call/{plan.pk}/", {"next_call_date": "2025-04-30T10:00:00Z"})
    assert due(cast, plan, "2025-04-30T10:00:00Z") == "2025-05-30T10:00:00Z"


def test_it_takes_the_day_of_a_call_that_was_not_due_by_the_month(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=28, at=datetime(2024, 12, 1, tzinfo=UTC))
    due(cast, plan, "2025-01-31T10:00:00Z")
    due(cast, plan, "2025-02-28T10:00:00Z")
    answer = api(cast.root).patch(f"/call/{plan.pk}/", {"frequency": "MONTHLY"})
    assert answer.json()["next_call_date"] == "2025-03-28T10:00:00Z"


def test_it_keeps_the_day_when_the_cadence_is_set_again(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="MONTHLY", at=datetime(2024, 12, 1, tzinfo=UTC))
    due(cast, plan, "2025-01-31T10:00:00Z")
    due(cast, plan, "2025-02-28T10:00:00Z")
    answer = api(cast.root).patch(f"/call/{plan.pk}/set_frequency/", {"frequency": "MONTHLY"})
    assert answer.json()["next_call_date"] == "2025-03-31T10:00:00Z"
    answer = api(cast.root).patch(f"/call/{plan.pk}/set_frequency/", {"frequency": "WEEKLY"})
    assert answer.json()["next_call_date"] == "2025-03-07T10:00:00Z"


# --- late, twice, too early -------------------------------------------------------------------


def test_it_keeps_a_late_call_and_does_not_move_the_plan_back(cast: Cast, plan: CallPlan) -> None:
    record(cast, plan, "2024-12-28T10:00:00Z")
    before = api(cast.root).get(f"/call/{plan.pk}/").json()
    answer = record(cast, plan, "2024-12-20T09:00:00Z", now="2024-12-28T11:00:00Z")
    kept = answer.json()["interaction"]
    assert (answer.status_code, kept["date"]) == (200, "2024-12-20T09:00:00Z")
    assert answer.json() == {**before, "interaction": kept, "message": None}
    assert calls() == [
        (datetime(2024, 12, 20, 9, tzinfo=UTC), "DONE"),
        (datetime(2024, 12, 28, 10, tzinfo=UTC), "DONE"),
    ]


@pytest.mark.parametrize("moment", ["2024-12-28T10:00:00Z", "2024-12-20T09:00:00Z", "2024-12-20T14:30:00+05:30"])
def test_it_changes_nothing_the_second_time(cast: Cast, plan: CallPlan, moment: str) -> None:
    record(cast, plan, "2024-12-28T10:00:00Z")
    first = record(cast, plan, moment, now="2024-12-28T11:00:00Z")
    kept = calls()
    again = record(cast, plan, moment, now="2024-12-28T11:30:00Z")
    assert (again.status_code, again.json()) == (200, first.json())
    assert calls() == kept
    assert plan.updated_at == datetime(2024, 12, 28, 10, tzinfo=UTC)


def test_it_knows_the_call_again_whatever_became_of_its_interaction(cast: Cast, plan: CallPlan) -> None:
    record(cast, plan, "2024-12-28T10:00:00Z")
    call = Interaction.objects.get()
    api(cast.root).patch(f"/track/interactions/{call.pk}/", {"date": "2024-12-28T10:05:00Z"})
    record(cast, plan, "2024-12-28T10:00:00Z", now="2024-12-28T11:00:00Z")
    api(cast.root).delete(f"/track/interactions/{call.pk}/")
    record(cast, plan, "2024-12-28T10:00:00Z", now="2024-12-28T11:00:00Z")
    assert Interaction.objects.get() == call


@pytest.mark.parametrize(("ahead", "status"), [(0, 200), (300, 200), (301, 400), (86_400, 400)])
def test_it_is_not_more_than_five_minutes_ahead(cast: Cast, plan: CallPlan, ahead: int, status: int) -> None:
    moment = (NOON + timedelta(seconds=ahead)).isoformat()
    answer = record(cast, plan, moment, now=NOON.isoformat())
    assert answer.status_code == status
    assert len(calls()) == (status == 200)
    if status == 400:
        assert list(answer.json()["errors"]) == ["last_called"]
        assert (plan.last_called, plan.version) == (None, 1)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"last_called": "2024-12-28T10:00:00"}, "last_called"),
        ({"last_called": "today"}, "last_called"),
        ({"last_called": None}, "last_called"),
        ({"called_at": "2024-12-28T10:00:00Z"}, "called_at"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, plan: CallPlan, body: object, name: str) -> None:
    answer = api(cast.asha).post(f"/call/{plan.pk}/record_call/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert not calls()


# --- what was planned -------------------------------------------------------------------------


def planned(plan: CallPlan, **fields: Any) -> Interaction:
    given = {"status": "PLANNED", "details": "Call.", "date": plan.next_call_date, **fields}
    row: Interaction = Interaction.objects.add(
        lead=plan.lead, call_plan=plan, interaction_type="CALL", by=None, at=NOON, **given
    )
    return row


def test_it_completes_the_planned_call_instead_of_adding_one(cast: Cast, plan: CallPlan) -> None:
    for day in (29, 30):
        waiting = planned(plan)
        record(cast, plan, f"2024-12-{day}T09:00:00Z")
        waiting.refresh_from_db()
        moment = datetime(2024, 12, day, 9, tzinfo=UTC)
        assert (waiting.status, waiting.date, waiting.kam) == ("DONE", moment, cast.root)
        assert Interaction.objects.filter(date=moment).get() == waiting
        assert plan.next_call_date == moment + timedelta(days=1)
    assert Interaction.objects.count() == 2


def test_it_leaves_a_planned_call_alone_that_was_deleted(cast: Cast, plan: CallPlan) -> None:
    deleted = planned(plan)
    api(cast.root).delete(f"/track/interactions/{deleted.pk}/")
    record(cast, plan, "2024-12-29T09:00:00Z")
    deleted.refresh_from_db()
    assert (deleted.status, Interaction.objects.filter(status="DONE").count()) == ("PLANNED", 1)


def test_it_completes_the_earliest_and_none_that_is_missed_or_of_another_plan(cast: Cast, plan: CallPlan) -> None:
    missed = planned(plan, status="MISSED", date=NOON - timedelta(days=2))
    foreign = planned(call_plan(restaurant(cast.asha)))
    later, first = planned(plan, date=NOON + timedelta(days=2)), planned(plan)
    record(cast, plan, "2024-12-29T09:00:00Z")
    for row in (missed, foreign, later, first):
        row.refresh_from_db()
    assert [row.status for row in (missed, foreign, later, first)] == ["MISSED", "PLANNED", "PLANNED", "DONE"]


def test_it_leaves_what_is_planned_alone_when_the_call_is_a_late_one(cast: Cast, plan: CallPlan) -> None:
    record(cast, plan, "2024-12-28T10:00:00Z")
    waiting = planned(plan)
    record(cast, plan, "2024-12-20T09:00:00Z", now="2024-12-28T11:00:00Z")
    waiting.refresh_from_db()
    assert waiting.status == "PLANNED"
    assert Interaction.objects.filter(status="DONE").count() == 2


# --- who --------------------------------------------------------------------------------------


def test_it_is_recorded_by_who_may_change_the_restaurant(cast: Cast, plan: CallPlan) -> None:
    path = f"/call/{plan.pk}/record_call/"
    answers = {name: api(user).post(path).status_code for name, user in cast.everybody().items()}
    assert answers == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 403}
    assert api().post(path).status_code == 401
    assert api(cast.root).post("/call/999999/record_call/").status_code == 404
    assert len(calls()) == 1
    api(cast.root).delete(f"/lead/restaurants/{plan.lead_id}/")
    assert api(cast.root).post(path).status_code == 404
