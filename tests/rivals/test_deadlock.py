"""Two transactions that wait for each other: the database ends one of them, and it is done again."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from common.api.transactions import in_transaction
from leads.models import Restaurant
from tests.cast import Cast, restaurant
from tests.races import at_once, shared_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def test_it_does_the_work_of_both(cast: Cast) -> None:
    here, there = restaurant(cast.asha, notes=""), restaurant(cast.asha, notes="")
    both_hold_one = Barrier(2)

    def write(first: int, second: int, word: str) -> Callable[[], None]:
        def work() -> None:
            for number, key in enumerate((first, second)):
                row = Restaurant.objects.locked().get(pk=key)
                row.notes += word
                row.save(update_fields=["notes"])
                # SQLite lets nobody else begin; then nobody comes, and there is nothing to wait for.
                with suppress(BrokenBarrierError):
                    if number == 0:
                        both_hold_one.wait(timeout=0.5)

        return lambda: in_transaction(work)

    at_once(write(here.pk, there.pk, "a"), write(there.pk, here.pk, "b"))
    for row in (here, there):
        row.refresh_from_db()
        assert sorted(row.notes) == ["a", "b"]
