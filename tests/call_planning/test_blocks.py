"""`/call/blocks/`: how many a restaurant has, and what their bounds may be."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from call_planning.models import Block
from kams.models import User
from leads.models import Restaurant
from tests.admin.browser import Browser, messages
from tests.cast import NOON, Cast, api, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)
FULL = "This restaurant has 10 blocks. Take one back, or make one of several."


def block(who: User, lead: Restaurant, *, day: int, **fields: Any) -> Any:
    spell = {"starts_at": (NOON + day * DAY).isoformat(), "ends_at": (NOON + (day + 1) * DAY).isoformat()}
    return api(who).post("/call/blocks/", {"restaurant": lead.pk, **spell, **fields})


@pytest.fixture
def full(cast: Cast) -> Restaurant:
    """A restaurant with as many blocks as one may have, one after the other from now on."""
    lead = restaurant(cast.asha)
    assert [block(cast.asha, lead, day=day).status_code for day in range(10)] == [201] * 10
    return lead


def is_refused(answer: Any) -> bool:
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json"), answer.content
    assert (answer.json()["code"], answer.json()["detail"]) == ("too_many_blocks", FULL)
    return True


def test_it_takes_ten_and_refuses_the_eleventh(cast: Cast, full: Restaurant) -> None:
    assert cast.root.is_admin
    before = marks()
    assert is_refused(block(cast.asha, full, day=20))
    assert is_refused(block(cast.root, full, day=20))
    assert marks() == before
    assert block(cast.asha, restaurant(cast.asha), day=20).status_code == 201


def test_it_does_not_count_what_is_over_or_taken_back(cast: Cast, full: Restaurant) -> None:
    with time_machine.travel(NOON + DAY - timedelta(microseconds=1), tick=False):
        assert is_refused(block(cast.asha, full, day=20))
    with time_machine.travel(NOON + DAY, tick=False):
        assert block(cast.asha, full, day=20).status_code == 201
        assert is_refused(block(cast.asha, full, day=21))
        taken_back = Block.objects.filter(restaurant=full).latest("pk")
        assert api(cast.asha).delete(f"/call/blocks/{taken_back.pk}/").status_code == 204
        assert block(cast.asha, full, day=21).status_code == 201


def test_it_takes_what_is_over_however_many_there_are(cast: Cast, full: Restaurant) -> None:
    assert block(cast.asha, full, day=-5).status_code == 201
    past = Block.objects.latest("pk")
    before = marks()
    assert is_refused(api(cast.asha).patch(f"/call/blocks/{past.pk}/", {"ends_at": "2025-06-01T00:00:00Z"}))
    assert marks() == before


def test_it_still_changes_the_ten(cast: Cast, full: Restaurant) -> None:
    one = Block.objects.filter(restaurant=full).latest("pk")
    answer = api(cast.asha).patch(f"/call/blocks/{one.pk}/", {"ends_at": "2025-06-01T00:00:00Z", "reason": "Longer."})
    assert (answer.status_code, answer.json()["ends_at"]) == (200, "2025-06-01T00:00:00Z")


def test_it_is_not_restored_beyond_ten(cast: Cast, full: Restaurant) -> None:
    one = Block.objects.filter(restaurant=full).latest("pk")
    assert api(cast.asha).delete(f"/call/blocks/{one.pk}/").status_code == 204
    assert block(cast.asha, full, day=20).status_code == 201
    (said,) = messages(Browser(cast.root).act("restore", one))
    assert FULL in said
    one.refresh_from_db()
    assert one.archived_at is not None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ends_at": "2024-12-28T12:00:00Z"}, "ends_at"),
        ({"starts_at": "2025-01-02T00:00:00Z", "ends_at": "2025-01-02T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2025-01-02T00:00:00Z", "ends_at": "2025-01-01T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2025-01-02T00:00:00Z"}, "ends_at"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": "2025-01-02"}, "ends_at"),
        ({"ends_at": "2025-01-02T00:00:00Z", "reason": "x" * 501}, "reason"),
        ({"ends_at": "2025-01-02T00:00:00Z", "made_for": 1}, "made_for"),
    ],
)
def test_it_refuses_by_name_what_is_no_block(cast: Cast, body: Any, field: str) -> None:
    lead = restaurant(cast.asha)
    before = marks()
    answer = api(cast.asha).post("/call/blocks/", {"restaurant": lead.pk, **body})
    assert answer.status_code == 400, answer.content
    assert list(answer.json()["errors"]) == [field]
    assert marks() == before
