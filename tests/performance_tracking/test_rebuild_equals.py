"""Stored figures equal a rebuild, row for row, after random orders, edits, deletions and restores at the same time.

The suite makes a few hundred changes; `REBUILD_CHANGES=10000` makes as many.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from common.api.transactions import in_transaction
from interaction_tracking.models import Interaction
from kams.models import User
from performance_tracking.models import Month, OrderRhythm
from tests.cast import NOON, Api, Cast, api, contact, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon"), pytest.mark.timeout(3_600)]

CHANGES = int(os.environ.get("REBUILD_CHANGES", "240"))
THREADS, PLACES = 6, 3
# So that there are empty months, full ones, and answers across their borders.
MOST_DAYS_AGO = 150
PATH = "/track/interactions/"


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


class Hand:
    """Somebody who changes one thing after another, by chance."""

    def __init__(self, caller: Api, root: User, people: list[tuple[int, int]], *, seed: int) -> None:
        self.caller, self.root, self.people = caller, root, people
        # The numbers are no secret: the same seed makes the same changes.
        self.chance = Random(seed)  # noqa: S311
        self.made: list[int] = []

    def __call__(self) -> list[int]:
        steps = (self.add, self.add, self.move, self.retype, self.price, self.delete, self.restore)
        return [self.chance.choice(steps if self.made else (self.add,))() for _ in range(CHANGES // THREADS)]

    def day(self) -> str:
        hours = self.chance.randrange(MOST_DAYS_AGO * 24)
        return (NOON - timedelta(hours=hours)).isoformat()

    def order(self) -> dict[str, Any]:
        return {"product_details": "…", "quantity": 1, "total_price": self.chance.randrange(10_000) / 4}

    def one(self) -> str:
        return f"{PATH}{self.chance.choice(self.made)}/"

    def add(self) -> int:
        lead, who = self.chance.choice(self.people)
        kind = self.chance.choice(("CALL", "VISIT", "ORDER", "ORDER", "NOTE"))
        body = {"lead": lead, "contact": who, "interaction_type": kind, "details": "…", "date": self.day()}
        if self.chance.random() < 0.4:
            body["order"] = self.order()
        answer = self.caller.post(PATH, body)
        self.made.append(answer.json()["id"])
        return int(answer.status_code)

    def move(self) -> int:
        return int(self.caller.patch(self.one(), {"date": self.day()}).status_code)

    def retype(self) -> int:
        said = self.chance.choice(
            ({"interaction_type": "CALL"}, {"interaction_type": "NOTE"}, {"order_placed": True}, {"status": "MISSED"})
        )
        return int(self.caller.patch(self.one(), {**said}).status_code)

    def price(self) -> int:
        return int(self.caller.put(f"{self.one()}order_details/", self.order()).status_code)

    def delete(self) -> int:
        return int(self.caller.delete(self.one()).status_code)

    def restore(self) -> int:
        def work() -> bool:
            row = Interaction.objects.locked().get(pk=self.chance.choice(self.made))
            return bool(row.restore(by=self.root, at=NOON))

        return 200 if in_transaction(work) else 404


def kept() -> list[Any]:
    months = Month.objects.order_by("restaurant", "month").values_list("restaurant", "month", *FIGURES)
    return [*months, *OrderRhythm.objects.order_by("pk").values()]


FIGURES = ("orders", "revenue", "calls", "visits", "responses", "response_days")


def test_it_ends_as_if_it_were_worked_out_anew() -> None:
    cast = Cast()
    with transaction.atomic():
        places = [restaurant(cast.asha) for _ in range(PLACES)]
        people = [(place.pk, contact(place).pk) for place in places]
    root = cast.root
    hands = [Hand(api(cast.asha), root, people, seed=number) for number in range(THREADS)]
    shared = hands[0].made
    for hand in hands:
        hand.made = shared  # they get at each other's
    answers = [status for statuses in at_once(*hands) for status in statuses]
    assert set(answers) <= {200, 201, 400, 404}
    assert answers.count(201) > len(answers) / 5
    followed = kept()
    assert len(followed) > PLACES
    call_command("rebuild_figures", verbosity=0)
    call_command("rebuild_rhythms", verbosity=0)
    assert kept() == followed
