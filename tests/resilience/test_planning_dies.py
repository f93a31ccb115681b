"""The job that plans calls is killed in the middle, twice: what it had not done is done by the others, once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.db.transaction import atomic

from call_planning.tasks import plan_calls
from interaction_tracking.models import Interaction
from notifications.models import Message
from tests import cast as builders
from tests.cast import NOON, person, restaurant
from tests.races import database_url, shared_database
from tests.runner import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

# Plans again and again, so that whenever it is killed it is at it.
WORKER = """
import django
django.setup()
from datetime import datetime
from call_planning.tasks import plan_calls
while True:
    plan_calls(datetime.fromisoformat({noon!r}))
"""
call_plan = atomic(builders.call_plan)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def worker() -> subprocess.Popen[bytes]:
    variables = {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "LeadManagementSystem.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER.format(noon=NOON.isoformat())], cwd=ROOT, env={**os.environ, **variables}
    )


def planned() -> int:
    return Interaction.objects.count()


def wait_for(number: int) -> None:
    """Until so many calls are planned."""
    for _ in range(8_000):
        if planned() >= number:
            return
        time.sleep(0.01)
    pytest.fail(f"Only {planned()} of {number} calls were planned.")


@pytest.mark.usefixtures("cast")
def test_it_plans_each_call_once_although_two_are_killed() -> None:
    # Forty people with five restaurants each: forty transactions to die in.
    people = [person() for _ in range(40)]
    plans = [call_plan(restaurant(people[number % 40]), next_call_date=NOON) for number in range(200)]
    workers = [worker() for _ in range(8)]
    try:
        for number, one in enumerate(workers[:2]):
            wait_for(20 + 40 * number)
            one.kill()
        wait_for(200)
    finally:
        for one in workers:
            one.kill()
            one.wait()
    assert plan_calls(NOON) == 0
    assert sorted(Interaction.objects.values_list("call_plan", "status")) == [(plan.pk, "PLANNED") for plan in plans]
    told = Message.objects.filter(kind="calls_planned").values_list("user", "facts__count")
    assert sorted(told) == [(one.pk, 5) for one in people]
