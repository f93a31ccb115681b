"""`GET /performance/accounts/{id}/`: everything on one account."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kams.models import User
from leads.models import Restaurant
from performance_tracking.scores import score, thresholds
from performance_tracking.tasks import refresh_rhythms
from tests.cast import NOON, Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")


def account(owner: User, *days_ago: int, price: int = 100, **fields: Any) -> Restaurant:
    """A converted restaurant that ordered this many days ago, at this price."""
    row = restaurant(owner, lead_status="CONVERTED", **fields)
    who = contact(row, name="Jane")
    details = {"product_details": "…", "quantity": 1, "total_price": Decimal(price)}
    for days in days_ago:
        interaction(who, interaction_type="ORDER", date=NOON - timedelta(days=days), order=details)
    return row


def shown(caller: User, row: Restaurant) -> dict[str, Any]:
    answer = api(caller).get(f"/performance/accounts/{row.pk}/")
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_it_shows_the_row_the_rhythm_and_the_months(cast: Cast) -> None:
    row = account(cast.asha, *range(12, 55, 7), name="Regular", potential_revenue=Decimal(800))
    body = shown(cast.asha, row)
    assert {name: body[name] for name in ("id", "name", "lead_status", "potential_revenue", "assigned_to")} == {
        "id": row.pk,
        "name": "Regular",
        "lead_status": "CONVERTED",
        "potential_revenue": 800,
        "assigned_to": cast.asha.pk,
    }
    rhythm = body["rhythm"]
    assert (rhythm["state"], rhythm["median_days"], rhythm["expected_next_order"]) == ("LAPSED", 7, "2024-12-23")
    assert [(line["month"], line["orders"]) for line in body["months"]] == [("2024-12-01", 3), ("2024-11-01", 4)]
    assert body["share_of_potential"] == {"month": "2024-11-01", "revenue": 400, "share": 0.5}


def test_it_says_who_was_reached_last(cast: Cast) -> None:
    row = account(cast.asha, 1)
    who = row.contacts.get()
    at = datetime(2024, 12, 20, 15, tzinfo=UTC)
    met = interaction(who, interaction_type="MEETING", date=at)
    interaction(who, date=at + timedelta(days=2), outcome="NO_ANSWER")
    interaction(who, interaction_type="NOTE", date=at + timedelta(days=3))
    assert shown(cast.asha, row)["last_contact"] == {
        "id": met.pk,
        "date": "2024-12-20T15:00:00Z",
        "interaction_type": "MEETING",
        "contact": "Jane",
        "kam": "asha",
    }


def test_it_scores_against_all_accounts_and_prints_the_thresholds(cast: Cast) -> None:
    rows = [account(cast.asha, *range(days, days * 2), price=days * 10) for days in (1, 2, 3, 4, 5)]
    account(cast.asha, 1, name="Gone").archive(by=cast.root, at=NOON)
    assert shown(cast.asha, rows[0])["rfm"] is None
    refresh_rhythms(NOON)
    first, last = (shown(cast.asha, row)["rfm"] for row in (rows[0], rows[4]))
    assert first["recency"] == {"score": 5, "value": 1, "thresholds": [1, 2, 3, 4], "accounts": 5}
    assert first["frequency"] == {"score": 1, "value": 1, "thresholds": [1, 2, 3, 4], "accounts": 5}
    assert last["monetary"] == {"score": 5, "value": 250, "thresholds": [10, 40, 90, 160], "accounts": 5}
    assert [last[name]["score"] for name in ("recency", "frequency")] == [1, 5]


def test_it_says_nothing_of_what_is_not_known(cast: Cast) -> None:
    row = restaurant(cast.asha, potential_revenue=None)
    refresh_rhythms(NOON)
    body = shown(cast.asha, row)
    unknown = ("rhythm", "rfm", "last_contact", "share_of_potential")
    assert ([body[name] for name in unknown], body["months"]) == ([None] * 4, [])


def test_it_is_not_found_by_who_does_not_see_it(cast: Cast) -> None:
    row = account(cast.asha, 1)
    for caller, status in ((cast.bela, 404), (cast.carl, 404), (cast.maya, 200), (cast.nora, 200), (cast.root, 200)):
        assert api(caller).get(f"/performance/accounts/{row.pk}/").status_code == status
    row.archive(by=cast.root, at=NOON)
    assert api(cast.root).get(f"/performance/accounts/{row.pk}/").status_code == 404


def test_it_is_read_once(cast: Cast) -> None:
    row = account(cast.asha, 1)
    path, caller = f"/performance/accounts/{row.pk}/", api(cast.asha)
    tag = caller.get(path)["ETag"]
    assert caller.get(path, If_None_Match=tag).status_code == 304
    interaction(row.contacts.get())
    assert caller.get(path, If_None_Match=tag).status_code == 200


@given(values=st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_scores_are_fifths(values: list[int]) -> None:
    limits = thresholds(values)
    scores = [score(value, limits) for value in values]
    assert limits == sorted(limits)
    assert set(scores) <= {1, 2, 3, 4, 5}
    for one, other in zip(sorted(values), sorted(scores), strict=True):
        assert score(one, limits) == other
    for part in range(1, 5):
        assert sum(found > part for found in scores) <= len(values) * (5 - part) / 5
    assert [score(value, limits, less_is_better=True) for value in values] == [6 - found for found in scores]
