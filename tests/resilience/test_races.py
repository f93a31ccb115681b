"""Thirty-two callers at once and a server of four processes: nothing is lost, nothing is there twice, one wins.

`make test-resilience ROUNDS=500` plays each race so often. `tests/rivals` has more races, without a server.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.db.transaction import atomic
from django.utils import timezone

from call_planning.models import CallPlan
from interaction_tracking.models import Interaction
from kams import tokens
from kams.models import Session, User
from leads.models import Allocation, Restaurant, StatusChange
from tests import cast as builders
from tests.cast import Cast, person, token_for
from tests.races import at_once, database_url
from tests.resilience.service import BODY, Service

ROUNDS = int(os.environ.get("RESILIENCE_ROUNDS", "5"))
THREADS, PROCESSES = 32, 4
APPLICATION = "LeadManagementSystem.wsgi:application"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(120 + 8 * ROUNDS),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="real locks; the others have tests/rivals"),
]

Ask = Callable[[], tuple[int, dict[str, str], Any]]
Answers = Sequence[tuple[int, dict[str, str], Any]]


@pytest.fixture(scope="module")
def service(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:  # noqa: ARG001
    log = tmp_path_factory.mktemp("races") / "log"
    service = Service(database_url(), log, application=APPLICATION)
    service.workers = PROCESSES
    with service.running():
        yield service


class Caller:
    """Somebody who asks the service."""

    def __init__(self, service: Service, token: str) -> None:
        self.service, self.token = service, token

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.service.ask(method, path, body, Authorization=f"Bearer {self.token}", **headers)

    def does(self, method: str, path: str, body: Any = None, **headers: str) -> Ask:
        return partial(self.ask, method, path, body, **headers)


@pytest.fixture
def asha(service: Service, cast: Cast) -> Caller:
    return Caller(service, token_for(cast.asha))


def races(rivals: int) -> Iterator[range]:
    """The numbers of the rounds, as many at a time as there are threads for."""
    beside = THREADS // rivals
    for first in range(0, ROUNDS, beside):
        yield range(first, min(first + beside, ROUNDS))


def met(*rounds: Sequence[Ask]) -> list[Answers]:
    """What each round was answered, when all of them began at the same moment. Nobody was answered with a 5xx."""
    answers = iter(at_once(*(ask for one in rounds for ask in one)))
    played: list[Answers] = [[next(answers) for _ in one] for one in rounds]
    failed = [answer for one in played for answer in one if answer[0] >= 500]
    assert not failed, failed[:3]
    return played


def statuses(answers: Answers) -> Counter[int]:
    return Counter(status for status, _, _ in answers)


def restaurants(owner: User | None, count: int, **fields: Any) -> list[Restaurant]:
    return [builders.restaurant(owner, by=owner, at=timezone.now(), **fields) for _ in range(count)]


def call_plans(owner: User, count: int) -> list[CallPlan]:
    with atomic():
        return [builders.call_plan(place, at=timezone.now()) for place in restaurants(owner, count)]


# --- changes meet -----------------------------------------------------------------------------------
def test_it_keeps_two_changes_of_different_fields(cast: Cast, asha: Caller) -> None:
    places = restaurants(cast.asha, THREADS // 2)
    for numbers in races(2):
        here = dict(zip(numbers, places, strict=False))
        changes = {number: ({"notes": f"Note {number}"}, {"city": f"City {number}"}) for number in numbers}
        paths = {number: f"/lead/restaurants/{place.pk}/" for number, place in here.items()}
        answered = met(*([asha.does("PATCH", paths[number], body) for body in changes[number]] for number in numbers))
        assert {*map(frozenset, map(statuses, answered))} == {frozenset({200})}
        for number, place in here.items():
            place.refresh_from_db()
            assert (place.notes, place.city) == (f"Note {number}", f"City {number}")
    assert sum(Restaurant.objects.values_list("version", flat=True)) == len(places) + 2 * ROUNDS


def test_it_keeps_a_change_beside_a_recorded_call(cast: Cast, asha: Caller) -> None:
    for numbers in races(2):
        plans = call_plans(cast.asha, len(numbers))
        answered = met(
            *(
                [
                    asha.does("PATCH", f"/call/{plan.pk}/", {"notes": "Ask for Meera."}),
                    asha.does("POST", f"/call/{plan.pk}/record_call/"),
                ]
                for plan in plans
            )
        )
        assert all(statuses(one) == {200: 2} for one in answered)
        for plan in plans:
            plan.refresh_from_db()
            assert (plan.notes, plan.version, plan.calls.count()) == ("Ask for Meera.", 3, 1)
            assert plan.last_called == plan.calls.get().date


def test_it_counts_from_the_call_by_the_new_cadence(cast: Cast, asha: Caller) -> None:
    for numbers in races(2):
        plans = call_plans(cast.asha, len(numbers))
        answered = met(
            *(
                [
                    asha.does("PATCH", f"/call/{plan.pk}/set_frequency/", {"frequency": "WEEKLY"}),
                    asha.does("POST", f"/call/{plan.pk}/record_call/"),
                ]
                for plan in plans
            )
        )
        assert all(statuses(one) == {200: 2} for one in answered)
        for plan in plans:
            plan.refresh_from_db()
            assert (plan.frequency, plan.version, plan.calls.count()) == ("WEEKLY", 3, 1)
            assert plan.next_call_date == plan.calls.get().date + timedelta(days=7)


def test_it_keeps_the_history_a_chain_that_ends_at_the_status(cast: Cast, asha: Caller) -> None:
    places, chance = restaurants(cast.asha, 25), Random(ROUNDS)  # noqa: S311 - who asks for what, not a secret
    steps = ("NEW", "CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED", "LOST", "INACTIVE")
    for numbers in races(4):
        paths = [f"/lead/restaurants/{places[number % 25].pk}/change_status/" for number in numbers]
        asked = [[asha.does("POST", path, {"status": step}) for step in chance.sample(steps, 4)] for path in paths]
        assert all(statuses(one).keys() <= {200, 409} for one in met(*asked))
    for place in places:
        place.refresh_from_db()
        # As it is shown: by the time, and only then by the key.
        history = StatusChange.objects.of(place.pk).order_by("changed_at", "id")
        chain = [("", "NEW"), *history.values_list("old_status", "new_status"), (place.lead_status, "")]
        assert all(earlier[1] == later[0] for earlier, later in pairwise(chain)), chain
        assert len(history) == place.version - 1
        moments = [place.created_at, *history.values_list("changed_at", flat=True)]
        assert [step.lasted for step in history] == [later - earlier for earlier, later in pairwise(moments)]


def test_it_keeps_the_allocations_a_chain_that_ends_with_the_owner(cast: Cast, service: Service) -> None:
    maya = Caller(service, token_for(cast.maya))
    places, people = restaurants(cast.asha, THREADS // 4), (cast.bela.pk, cast.maya.pk, cast.asha.pk)
    for numbers in races(4):
        asked = [
            [
                *(
                    maya.does("POST", f"/lead/restaurants/{place.pk}/allocate/", {"to": to})
                    for to in (*people[:2], None)
                ),
                maya.does("POST", "/lead/restaurants/allocate/", {"ids": [place.pk], "to": people[2]}),
            ]
            for _, place in zip(numbers, places, strict=False)
        ]
        assert all(statuses(one) == {200: 4} for one in met(*asked))
    for place in places:
        place.refresh_from_db()
        spells = list(Allocation.objects.of(place.pk).order_by("started_at", "id"))
        assert all(spell.ended_at is None or spell.started_at <= spell.ended_at for spell in spells)
        assert all(earlier.ended_at and earlier.ended_at <= later.started_at for earlier, later in pairwise(spells))
        owner = [place.assigned_to_id] if place.assigned_to_id else []
        assert [spell.kam_id for spell in spells if spell.ended_at is None] == owner


def test_it_lets_one_of_four_who_read_the_same_version_write(cast: Cast, asha: Caller) -> None:
    places = restaurants(cast.asha, THREADS // 4)
    for numbers in races(4):
        paths = [f"/lead/restaurants/{place.pk}/" for _, place in zip(numbers, places, strict=False)]
        read = [asha.ask("GET", path)[1]["ETag"] for path in paths]
        asked = [
            [asha.does("PATCH", path, {"notes": f"{tag} {writer}"}, If_Match=tag) for writer in range(4)]
            for path, tag in zip(paths, read, strict=True)
        ]
        for place, answers in zip(places, met(*asked), strict=False):
            assert statuses(answers) == {200: 1, 412: 3}
            place.refresh_from_db()
            assert place.notes == next(body["notes"] for status, _, body in answers if status == 200)
    assert sum(Restaurant.objects.values_list("version", flat=True)) == len(places) + ROUNDS


# --- what is one stays one --------------------------------------------------------------------------
def test_it_makes_one_restaurant_of_one_key(asha: Caller) -> None:
    for numbers in races(4):
        sends = [
            asha.does("POST", "/lead/restaurants/", {**BODY, "name": f"Place {number}"}, Idempotency_Key=f"{number}")
            for number in numbers
        ]
        for send, answers in zip(sends, met(*([send] * 4 for send in sends)), strict=True):
            assert statuses(answers).keys() <= {201, 409}
            waits = {(body["code"], said["Retry-After"]) for status, said, body in answers if status == 409}
            assert waits <= {("still_running", "1")}
            again, said, kept = send()
            assert (again, said["Idempotency-Replayed"]) == (201, "true")
            assert {body["id"] for status, _, body in answers if status == 201} == {kept["id"]}
    assert Restaurant.objects.count() == ROUNDS


def test_it_makes_one_call_plan_of_a_restaurant(cast: Cast, asha: Caller) -> None:
    for numbers in races(4):
        bodies = [{"lead": place.pk, "frequency": "DAILY"} for place in restaurants(cast.asha, len(numbers))]
        answered = met(*([asha.does("POST", "/call/", body)] * 4 for body in bodies))
        assert all(statuses(one) == {201: 1, 409: 3} for one in answered)
    assert CallPlan.objects.count() == ROUNDS


def test_it_gives_a_restaurant_of_the_pool_to_one_of_four(service: Service) -> None:
    kams = [person() for _ in range(4)]
    callers = [Caller(service, token_for(kam)) for kam in kams]
    for numbers in races(4):
        places = restaurants(None, len(numbers))
        paths = [f"/lead/restaurants/{place.pk}/claim/" for place in places]
        answered = met(*([caller.does("POST", path, {}) for caller in callers] for path in paths))
        for place, answers in zip(places, answered, strict=True):
            assert statuses(answers)[200] == 1
            assert statuses(answers).keys() <= {200, 404, 409}
            place.refresh_from_db()
            winner = next(kam.pk for kam, (status, _, _) in zip(kams, answers, strict=True) if status == 200)
            assert place.assigned_to_id == place.allocations.get().kam_id == winner


def test_it_lets_one_of_sixteen_uses_of_a_refresh_token_win(cast: Cast, service: Service) -> None:
    for numbers in races(16):
        given = [tokens.log_in(cast.asha, at=timezone.now())["refresh"] for _ in numbers]
        use = [partial(service.ask, "POST", "/api/token/refresh/", {"refresh": token}) for token in given]
        answered = met(*([one] * 16 for one in use))
        assert all(statuses(one) == {200: 1, 401: 15} for one in answered)
    assert Session.objects.count() == ROUNDS
    assert not Session.objects.alive(at=timezone.now()).exists(), "fifteen were copies, which ends the session"


# --- archived meanwhile -----------------------------------------------------------------------------
def test_it_archives_once(cast: Cast, asha: Caller) -> None:
    for numbers in races(2):
        with atomic():
            paths = [path_of(cast.asha, number) for number in numbers]
        for answers in met(*([asha.does("DELETE", path)] * 2 for path in paths)):
            assert sorted(statuses(answers)) in ([200, 404], [204, 404])


def path_of(owner: User, number: int) -> str:
    """Where a new row is, of a kind that the number says."""
    [place] = restaurants(owner, 1)
    if number % 4 == 0:
        return f"/contact/contacts/{builders.contact(place).pk}/"
    if number % 4 == 1:
        return f"/track/interactions/{builders.interaction(builders.contact(place)).pk}/"
    if number % 4 == 2:
        return f"/call/{builders.call_plan(place).pk}/"
    return f"/lead/restaurants/{place.pk}/"


def test_it_adds_nothing_to_a_restaurant_that_is_gone(cast: Cast, asha: Caller) -> None:
    for numbers in races(4):
        places = restaurants(cast.asha, len(numbers))
        with atomic():
            people = [builders.contact(place) for place in places]
        asked = [
            [
                asha.does("DELETE", f"/lead/restaurants/{place.pk}/"),
                asha.does("POST", "/contact/contacts/", {**CONTACT, "restaurant": place.pk}),
                asha.does("POST", "/track/interactions/", {**TALK, "lead": place.pk, "contact": who.pk}),
                asha.does("POST", "/call/", {"lead": place.pk, "frequency": "DAILY"}),
            ]
            for place, who in zip(places, people, strict=True)
        ]
        for place, (gone, *added) in zip(places, met(*asked), strict=True):
            assert gone[0] == 204
            # Who came before is put away with it, who came after is told so.
            assert {status for status, _, _ in added} <= {201, 400}
            kept = (place.contacts.count() - 1, place.interactions.count(), place.call_plans.count())
            assert kept == tuple(int(status == 201) for status, _, _ in added)
    assert not Restaurant.objects.filter(archived_at=None).exists()
    assert not Interaction.objects.visible_to(cast.asha).exists()


CONTACT = {"name": "Meera", "role": "Owner", "email": "meera@example.com"}
TALK = {"interaction_type": "NOTE", "details": "Followed up."}
