"""Who waits for a row comes after those who had it, also in the histories: they are told by time."""

from collections.abc import Callable, Iterator
from functools import partial
from threading import Event
from time import sleep
from typing import Any

import pytest
import time_machine
from django.db.transaction import atomic
from django.utils import timezone

from leads.models import Allocation, Restaurant, StatusChange
from tests.cast import NOON, Cast, api, restaurant
from tests.races import at_once, shared_database

pytestmark = pytest.mark.django_db(transaction=True)

LONG = 0.5  # seconds, for a request to come and to wait


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database(), time_machine.travel(NOON, tick=True):
        yield


def while_somebody_waits(place: Restaurant, change: Callable[[Any], Any], request: Callable[[], Any]) -> None:
    """Change the row after the request has come for it."""
    held = Event()

    def first() -> None:
        with atomic():
            row = Restaurant.objects.locked().get(pk=place.pk)
            held.set()
            sleep(LONG)
            change(row)

    def second() -> None:
        assert held.wait(timeout=10)
        assert request().status_code == 200

    at_once(first, second)


def test_it_steps_after_the_step_it_waited_for(cast: Cast) -> None:
    place = restaurant(cast.asha)
    path = f"/lead/restaurants/{place.pk}/change_status/"
    while_somebody_waits(
        place,
        lambda row: row.change_status("CONTACTED", by=cast.asha, at=timezone.now()),
        partial(api(cast.asha).post, path, {"status": "LOST"}),
    )
    steps = StatusChange.objects.of(place.pk).order_by("changed_at", "id")
    assert list(steps.values_list("old_status", "new_status")) == [("NEW", "CONTACTED"), ("CONTACTED", "LOST")]
    assert steps[1].lasted == steps[1].changed_at - steps[0].changed_at


@pytest.mark.parametrize("door", ["one", "many"])
def test_it_begins_after_the_spell_it_ends(cast: Cast, door: str) -> None:
    place, to, bela = restaurant(cast.asha), cast.maya.pk, cast.bela
    doors: dict[str, tuple[str, dict[str, Any]]] = {
        "one": (f"/lead/restaurants/{place.pk}/allocate/", {"to": to}),
        "many": ("/lead/restaurants/allocate/", {"to": to, "ids": [place.pk]}),
    }
    while_somebody_waits(
        place,
        lambda row: row.allocate(to=bela, by=cast.maya, at=timezone.now()),
        partial(api(cast.maya).post, *doors[door]),
    )
    first, second, third = Allocation.objects.of(place.pk).order_by("started_at", "id")
    assert [first.kam, second.kam, third.kam] == [cast.asha, bela, cast.maya]
    assert first.ended_at == second.started_at
    assert second.started_at <= second.ended_at == third.started_at
