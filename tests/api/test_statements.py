"""The statements of lists are made once, and answer as if they were made each time, for whomever and whenever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import override_settings

from call_planning.views import CallPlanViewSet
from common.api import pagination, statements
from common.models import Unpreparable
from leads.views import RestaurantViewSet
from performance_tracking.views import OrderPatternsViewSet
from tests.cast import NOON, Cast, api, call_plan, collaboration, contact, cover, interaction, restaurant
from tests.paging import links

pytestmark = pytest.mark.usefixtures("noon")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="others have their own forms of values")

LISTS = (
    "/lead/restaurants/?page_size=2",
    "/lead/restaurants/?page_size=2&ordering=-potential_revenue",
    "/lead/restaurants/?status=NEW,CONVERTED&city=Pune&assigned_to=none",
    "/lead/restaurants/?search=great+restaurant",
    "/call/?page_size=1&ordering=last_called",
    "/call/today/?page_size=1",
    "/track/interactions/?page_size=1&ordering=date",
    "/track/interactions/orders/?date_after=2024-01-01T00:00:00Z",
    "/contact/contacts/",
    "/performance/order-patterns/?ordering=-orders_this_month",
    "/performance/performing-accounts/",
    "/performance/underperforming-accounts/?rule=order_count",
    "/performance/rhythm/",
    "/kam/people/",
    "/notifications/messages/",
)


def known(view: Any) -> list[Any]:
    """What is known of the pages of a view."""
    return list(statements._prepared_for(view, pagination._parts).known.values())


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("who", ["asha", "maya", "nora", "root"])
def test_each_page_is_the_same_the_third_time(cast: Cast, path: str, who: str) -> None:
    for owner in (cast.asha, cast.asha, cast.bela, cast.carl, None):
        place = restaurant(owner, by=cast.root, lead_status="CONVERTED", city="Pune")
        call_plan(place, at=NOON - timedelta(days=9))
        interaction(contact(place), order_placed=True)
    collaboration(place, cast.asha, by=cast.root)
    cover(cast.carl, cast.asha, by=cast.root)

    asked: str | None = path
    while asked:
        first, *others = [api(getattr(cast, who)).get(asked) for _ in range(4)]
        assert first.status_code == 200, first.content
        assert {answer.content for answer in others} == {first.content}
        asked = links(first).get("next")


@on_postgresql
def test_a_page_is_compiled_once_for_all_kams_of_a_zone(cast: Cast) -> None:
    for person in (cast.asha, cast.bela, cast.carl):
        for city in ("Pune", "Goa"):
            assert api(person).get(f"/lead/restaurants/?city={city}&page_size=7").status_code == 200

    [made] = [each for each in known(RestaurantViewSet) if isinstance(each, tuple)]
    assert len(made) == 1
    assert not made[0].planned_once


@on_postgresql
@pytest.mark.parametrize(
    ("path", "view"),
    [("/call/today/", CallPlanViewSet), ("/performance/order-patterns/", OrderPatternsViewSet)],
)
def test_what_hangs_on_the_day_is_compiled_once_a_day(cast: Cast, path: str, view: Any) -> None:
    for minutes in (0, 1, 700, 721, 722):  # from noon to the minutes after midnight, of UTC as of the KAM
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            assert api(cast.asha).get(path).status_code == 200

    assert [type(each) for each in known(view)] == [tuple, tuple]


def test_who_asks_after_midnight_sees_the_next_day(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="DAILY", at=NOON)
    due = plan.next_call_date
    before = due.replace(hour=0, minute=0, second=0) - timedelta(minutes=1)
    for moment, expected in ((before, 0), (before, 0), (before, 0), (before + timedelta(minutes=2), 1)):
        with time_machine.travel(moment, tick=False):
            assert len(api(cast.asha).get("/call/today/").json()) == expected


def test_what_is_lent_is_listed_at_once_and_no_longer_than_it_is(cast: Cast) -> None:
    place, other = restaurant(cast.carl, by=cast.root), restaurant(cast.bela, by=cast.root)

    def listed() -> set[int]:
        return {row["id"] for _ in range(3) for row in api(cast.asha).get("/lead/restaurants/").json()}

    assert listed() == set()
    shared = collaboration(place, cast.asha, by=cast.root)
    assert listed() == {place.pk}
    stands_in = cover(cast.bela, cast.asha, by=cast.root)
    assert listed() == {place.pk, other.pk}
    shared.archive(by=cast.root, at=NOON)
    assert listed() == {other.pk}
    with time_machine.travel(stands_in.ends_at, tick=False):
        assert listed() == set()


def test_a_manager_sees_a_new_team_at_once(cast: Cast) -> None:
    place = restaurant(cast.carl, by=cast.root)
    maya = api(cast.maya)
    for _ in range(3):
        assert maya.get(f"/lead/restaurants/{place.pk}/").status_code == 404
        assert maya.get("/lead/restaurants/").json() == []
    cast.carl.revise(team=cast.asha.team, by=cast.root, at=NOON)
    for _ in range(3):
        assert maya.get(f"/lead/restaurants/{place.pk}/").status_code == 200
        assert [row["id"] for row in maya.get("/lead/restaurants/").json()] == [place.pk]


@on_postgresql
def test_other_settings_are_other_statements(cast: Cast) -> None:
    restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=70)
    asha = api(cast.asha)
    for revenue, found in ((60, 1), (80, 0)):
        with override_settings(PERFORMING_REVENUE=revenue):
            for _ in range(3):
                assert len(asha.get("/performance/performing-accounts/").json()) == found


@on_postgresql
def test_a_view_that_looks_at_more_of_its_request_stays_with_the_orm(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(view: RestaurantViewSet) -> Any:
        return view.get_queryset().filter(city=view.request.query_params["city"])

    restaurant(cast.asha, city="Pune")
    monkeypatch.setattr(RestaurantViewSet, "listed", listed)
    for city, found in (("Pune", 1), ("Pune", 1), ("Goa", 0), ("Goa", 0)):
        assert len(api(cast.asha).get(f"/lead/restaurants/?city={city}&page_size=9").json()) == found
    assert [type(each) for each in known(RestaurantViewSet)] == [Unpreparable]


@pytest.fixture(autouse=True)
def _knowing_nothing() -> None:
    for view in (RestaurantViewSet, CallPlanViewSet, OrderPatternsViewSet):
        statements._prepared_for(view, pagination._parts).known.clear()
