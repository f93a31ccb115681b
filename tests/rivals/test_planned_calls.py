"""The jobs meet each other, and meet people who work: each call is planned once, and what was made was not missed."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db.models import Count
from django.db.transaction import atomic

from call_planning.models import CallPlan
from call_planning.tasks import mark_missed, morning_plans, plan_calls
from interaction_tracking.models import Interaction
from notifications.models import Message
from tests import cast as builders
from tests.cast import NOON, Cast, api, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

DAY = timedelta(days=1)
# It locks the restaurant, which takes a transaction; no test here runs in one.
call_plan = atomic(builders.call_plan)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def due(cast: Cast, number: int) -> list[CallPlan]:
    """So many plans that are due, of four people."""
    owners = [cast.asha, cast.bela, cast.carl, cast.maya]
    return [call_plan(restaurant(owners[place % 4]), next_call_date=NOON) for place in range(number)]


def test_it_plans_each_of_200_calls_once_when_eight_plan_at_once(cast: Cast) -> None:
    due(cast, 200)
    assert sum(at_once(*[partial(plan_calls, NOON)] * 8)) == 200
    per_plan = Interaction.objects.values_list("call_plan").annotate(calls=Count("pk"))
    assert Counter(calls for _, calls in per_plan) == {1: 200}
    told = Message.objects.filter(kind="calls_planned")
    assert sorted(message.facts["count"] for message in told) == [50] * 4


def test_it_misses_each_call_once_when_four_look_at_once(cast: Cast) -> None:
    due(cast, 20)
    plan_calls(NOON)
    assert sum(at_once(*[partial(mark_missed, NOON + DAY)] * 4)) == 20
    assert set(Interaction.objects.values_list("status", "version")) == {("MISSED", 2)}
    assert Message.objects.filter(kind="calls_missed").count() == 4


def test_it_begins_each_day_once_when_four_tell_at_once(cast: Cast) -> None:
    due(cast, 8)
    seven = NOON - timedelta(hours=5)
    assert sum(at_once(*[partial(morning_plans, seven)] * 4)) == 4
    assert Message.objects.filter(kind="morning_plan").count() == 8  # by mail, and in the app


def test_it_does_not_miss_a_call_that_is_recorded_in_the_same_moment(cast: Cast) -> None:
    for number in range(6):
        (plan,) = due(cast, 1)
        plan_calls(NOON)
        moment = NOON - timedelta(minutes=number + 1)
        send = partial(api(cast.root).post, f"/call/{plan.pk}/record_call/", {"last_called": moment.isoformat()})
        answer, _ = at_once(send, partial(mark_missed, NOON + DAY))
        assert answer.status_code == 200
        call = Interaction.objects.get(call_plan=plan)
        assert (call.status, call.date, call.kam) == ("DONE", moment, cast.root)


def test_it_makes_one_call_of_two_ways_to_record_it(cast: Cast) -> None:
    for number in range(6):
        (plan,) = due(cast, 1)
        plan_calls(NOON)
        moment = (NOON - timedelta(minutes=number + 1)).isoformat()
        call = Interaction.objects.get(call_plan=plan)
        root = api(cast.root)
        answers = at_once(
            partial(root.post, f"/call/{plan.pk}/record_call/", {"last_called": moment}),
            partial(root.patch, f"/track/interactions/{call.pk}/", {"status": "DONE", "date": moment}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        plan.refresh_from_db()
        assert plan.last_called == datetime.fromisoformat(moment)
        assert plan.calls.get().status == "DONE"


def test_it_counts_each_of_three_attempts_at_once_and_moves_on(cast: Cast) -> None:
    for _ in range(4):
        (plan,) = due(cast, 1)
        plan_calls(NOON)
        moments = [(NOON - timedelta(minutes=number)).isoformat() for number in range(3)]
        path = f"/call/{plan.pk}/record_call/"
        sends = [partial(api(cast.root).post, path, {"last_called": at, "outcome": "NO_ANSWER"}) for at in moments]
        answers = at_once(*sends)
        assert [answer.status_code for answer in answers] == [200] * 3
        assert sum(answer.json()["message"] is not None for answer in answers) == 1
        plan.refresh_from_db()
        assert (plan.attempts, plan.last_called, plan.next_call_date) == (0, None, NOON + DAY)
        assert plan.calls.filter(status="DONE", outcome="NO_ANSWER").count() == plan.calls.count() == 3


def test_it_counts_one_attempt_that_comes_four_times(cast: Cast) -> None:
    for number in range(4):
        (plan,) = due(cast, 1)
        body = {"last_called": NOON.isoformat(), "outcome": "NO_ANSWER"}
        key = {"Idempotency_Key": f"tried-{number}"} if number % 2 else {}
        send = partial(api(cast.root).post, f"/call/{plan.pk}/record_call/", body, **key)
        statuses = {answer.status_code for answer in at_once(*[send] * 4)}
        assert 200 in statuses
        assert statuses <= ({200, 409} if key else {200})
        plan.refresh_from_db()
        assert (plan.attempts, plan.calls.count()) == (1, 1)


def test_it_leaves_nothing_planned_at_a_restaurant_that_is_lost_meanwhile(cast: Cast) -> None:
    for _ in range(6):
        (plan,) = due(cast, 1)
        lose = partial(api(cast.root).post, f"/lead/restaurants/{plan.lead_id}/change_status/", {"status": "LOST"})
        answer, _ = at_once(lose, partial(plan_calls, NOON))
        assert answer.status_code == 200
        assert not Interaction.objects.filter(call_plan=plan, status="PLANNED").exists()


def test_it_leaves_nothing_planned_that_is_snoozed_meanwhile(cast: Cast) -> None:
    for _ in range(6):
        (plan,) = due(cast, 1)
        snooze = partial(api(cast.root).post, f"/call/{plan.pk}/snooze/", {"until": "2025-01-06T10:00:00Z"})
        answer, _ = at_once(snooze, partial(plan_calls, NOON))
        assert answer.status_code == 200
        assert not Interaction.objects.filter(call_plan=plan, status="PLANNED").exists()


def test_it_ends_a_snooze_with_a_call_or_snoozes_what_was_called(cast: Cast) -> None:
    for number in range(6):
        (plan,) = due(cast, 1)
        moment = NOON - timedelta(minutes=number + 1)
        root = api(cast.root)
        answers = at_once(
            partial(root.post, f"/call/{plan.pk}/snooze/", {"until": "2025-01-06T10:00:00Z", "reason": "Away."}),
            partial(root.post, f"/call/{plan.pk}/record_call/", {"last_called": moment.isoformat()}),
        )
        assert [answer.status_code for answer in answers] == [200, 200]
        plan.refresh_from_db()
        assert (plan.last_called, plan.version) == (moment, 3)
        assert (plan.snoozed_until is None, plan.snooze_reason) in {(True, ""), (False, "Away.")}


def test_it_leaves_nothing_planned_that_a_plan_does_not_ask_for(cast: Cast) -> None:
    for _ in range(6):
        (plan,) = due(cast, 1)
        move = partial(api(cast.root).patch, f"/call/{plan.pk}/", {"next_call_date": "2025-06-01T10:00:00Z"})
        answer, _ = at_once(move, partial(plan_calls, NOON))
        assert answer.status_code == 200
        assert not Interaction.objects.filter(call_plan=plan, status="PLANNED").exists()
