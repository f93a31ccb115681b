"""Lists by year, month and day: the same on every database, whether or not it knows time zones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from interaction_tracking.models import Interaction
from tests.admin.browser import Browser, listing
from tests.cast import Cast, contact, interaction, restaurant

KOLKATA = ZoneInfo("Asia/Kolkata")
LATER = datetime(2025, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False), timezone.override(KOLKATA):
        yield


@pytest.fixture
def _calls(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    # In Kolkata the first is on New Year's Day.
    for moment in ("2024-12-31T20:00", "2025-01-05T10:00", "2025-03-01T10:00", "2025-03-01T18:29", "2025-03-01T18:30"):
        interaction(who, date=datetime.fromisoformat(moment).replace(tzinfo=UTC), at=LATER)
    interaction(who, date=datetime(2023, 7, 7, 12, tzinfo=UTC), at=LATER)


def dates(page: Any) -> list[str]:
    return [choice["title"] for choice in page.context["cl"].dates["choices"]]


@pytest.mark.usefixtures("_calls")
def test_it_leads_from_years_to_months_to_days(root: Browser) -> None:
    page = root.get(listing(Interaction))
    assert dates(page) == ["2023", "2024", "2025"]
    assert "?date__year=2025" in page.content.decode()

    page = root.get(listing(Interaction), date__year="2025")
    assert dates(page) == ["January 2025", "February 2025", "March 2025"]
    assert len(page.context["cl"].result_list) == 5
    assert page.context["cl"].dates["back"] == {"link": "?", "title": "All dates"}

    page = root.get(listing(Interaction), date__year="2025", date__month="3")
    assert dates(page) == ["March 1", "March 2"]
    assert len(page.context["cl"].result_list) == 3

    page = root.get(listing(Interaction), date__year="2025", date__month="3", date__day="2")
    assert dates(page) == ["March 2"]
    assert len(page.context["cl"].result_list) == 1
    assert page.context["cl"].dates["back"] == {"link": "?date__month=3&date__year=2025", "title": "March 2025"}


def test_it_offers_no_dates_where_there_are_no_rows(root: Browser) -> None:
    assert dates(root.get(listing(Interaction))) == []
    assert dates(root.get(listing(Interaction), date__year="2025")) == []


@pytest.mark.usefixtures("_calls")
@pytest.mark.parametrize(
    "query",
    [
        {"date__year": "9999"},
        {"date__year": "0"},
        {"date__year": "x"},
        {"date__year": "2025", "date__month": "13"},
        {"date__year": "2025", "date__month": "2", "date__day": "30"},
        {"date__year": "9999", "date__month": "12"},
        {"date__month": "3"},
        {"date__day": "3"},
        {"date__gte": "yesterday"},
        {"status__exact": "\0"},
        {"kam__id__exact": "99999999999999999999"},
        {"id__in": "99999999999999999999"},
        {"p": "99999"},
        {"o": "99"},
        {"q": "\0"},
        {"nonsense": "1"},
    ],
    ids=str,
)
def test_it_answers_odd_addresses_without_falling_over(root: Browser, query: dict[str, str]) -> None:
    assert root.get(listing(Interaction), **query).status_code in {200, 302}
