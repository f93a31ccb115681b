"""A plan is made while its restaurant changes hands: whoever comes second knows what the first has done."""

from collections.abc import Iterator
from functools import partial

import pytest

from call_planning.models import CallPlan
from tests.cast import Cast, api, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

ROUNDS = range(6)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def test_it_knows_whose_it_is_when_it_is_made_during_an_allocation(cast: Cast) -> None:
    root = api(cast.root)
    for _ in ROUNDS:
        row = restaurant(cast.asha)
        answers = at_once(
            partial(root.post, f"/lead/restaurants/{row.pk}/allocate/", {"to": cast.bela.pk}),
            partial(root.post, "/call/", {"lead": row.pk, "frequency": "DAILY"}),
        )
        assert [answer.status_code for answer in answers] == [200, 201]
        assert CallPlan.objects.get(lead=row).owner == cast.bela


def test_it_rests_when_it_is_taken_up_while_its_restaurant_is_lost(cast: Cast) -> None:
    root = api(cast.root)
    for _ in ROUNDS:
        row = restaurant(cast.asha)
        answers = at_once(
            partial(root.post, f"/lead/restaurants/{row.pk}/change_status/", {"status": "LOST"}),
            partial(root.post, f"/lead/restaurants/{row.pk}/allocate/", {"to": cast.carl.pk}),
            partial(root.post, "/call/", {"lead": row.pk, "frequency": "DAILY"}),
        )
        assert [answer.status_code for answer in answers] == [200, 200, 201]
        plan = CallPlan.objects.get(lead=row)
        assert (plan.owner, plan.rests) == (cast.carl, True)
