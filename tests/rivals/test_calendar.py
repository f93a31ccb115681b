"""Two requests for a calendar feed meet: a person has one, and it is one that somebody was given."""

from collections.abc import Iterator
from functools import partial

import pytest

from call_planning.models import CalendarFeed
from tests.cast import Cast, api
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def test_it_opens_one_feed_when_four_ask_at_once(cast: Cast) -> None:
    asha = api(cast.asha)
    answers = at_once(*[partial(asha.post, "/call/calendar/")] * 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert CalendarFeed.objects.filter(user=cast.asha).count() == 1
    paths = [answer.json()["url"].partition("/call/")[2] for answer in answers]
    assert sorted(api().get(f"/call/{path}").status_code for path in paths) == [200, 404, 404, 404]


def test_it_is_open_or_closed_when_both_are_asked_for_at_once(cast: Cast) -> None:
    asha = api(cast.asha)
    for _ in range(4):
        opened, closed = at_once(partial(asha.post, "/call/calendar/"), partial(asha.delete, "/call/calendar/"))
        assert (opened.status_code, closed.status_code) == (201, 204)
        found = api().get(f"/call/{opened.json()['url'].partition('/call/')[2]}").status_code
        assert (found == 200) == CalendarFeed.objects.exists()
