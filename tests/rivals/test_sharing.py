"""Collaborators and covers that are entered at the same moment: each is there once, and covers do not overlap."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from leads.models import Collaboration, Cover
from leads.tasks import tell_of_covers
from notifications.models import Message
from tests.cast import NOON, Cast, api, cover, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def test_it_adds_a_collaborator_once(cast: Cast) -> None:
    row, asha = restaurant(cast.asha), api(cast.asha)
    body = {"restaurant": row.pk, "kam": cast.bela.pk}
    answers = at_once(*[partial(asha.post, "/lead/collaborators/", body)] * 4)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert Collaboration.objects.count() == 1
    assert Message.objects.filter(user=cast.bela, channel="EMAIL").count() == 1


def test_it_covers_somebody_once_at_a_time(cast: Cast) -> None:
    asha, covering = api(cast.asha), cast.bela.pk
    bodies = [
        {"absent": cast.asha.pk, "covering": covering, "ends_at": (NOON + timedelta(days=days)).isoformat()}
        for days in (1, 2, 3, 4)
    ]
    answers = at_once(*(partial(asha.post, "/lead/covers/", body) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert Cover.objects.count() == 1


def test_it_tells_of_a_cover_once_whoever_looks(cast: Cast) -> None:
    begins = NOON + timedelta(days=1)
    with transaction.atomic():
        cover(cast.asha, cast.bela, starts_at=begins)
    assert sum(at_once(*[partial(tell_of_covers, begins)] * 4)) == 1
    assert Message.objects.filter(kind="cover_begun").count() == 4
