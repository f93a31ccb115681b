"""`GET /lead/restaurants/{id}/suggestions/`: who could have it, and why."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from kams.models import User
from leads.models import Restaurant
from leads.suggestions import MOST_SUGGESTED
from tests.cast import NOON, Cast, api, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PUNE: dict[str, Any] = {"city": "Pune", "state": "Maharashtra", "timezone": "Asia/Kolkata"}
MUMBAI: dict[str, Any] = {**PUNE, "city": "Mumbai"}


def suggestions(row: Restaurant, *, by: User) -> Any:
    answer = api(by).get(f"/lead/restaurants/{row.pk}/suggestions/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(row: Restaurant, *, by: User) -> list[str]:
    return [one["username"] for one in suggestions(row, by=by)]


def points(row: Restaurant, who: User, *, by: User) -> dict[str, int]:
    (one,) = (one for one in suggestions(row, by=by) if one["kam"] == who.pk)
    assert one["score"] == sum(reason["points"] for reason in one["reasons"])
    return {reason["code"]: reason["points"] for reason in one["reasons"]}


def test_it_ranks_by_hours_load_and_place_and_says_why(cast: Cast) -> None:
    row = restaurant(**PUNE)
    near = person("near", team=cast.south, timezone="Asia/Kolkata")
    far = person("far", team=cast.south, timezone="America/New_York")
    for fields in (PUNE, MUMBAI):
        restaurant(near, **fields)
    restaurant(far, city="Albany")
    assert suggestions(row, by=cast.maya) == [
        {
            "kam": near.pk,
            "username": "near",
            "score": 58,
            "reasons": [
                {
                    "code": "working_hours",
                    "points": 40,
                    "text": "Works 9 of the restaurant's 9 working hours.",
                    "facts": {
                        "shared_minutes": 540,
                        "kam_timezone": "Asia/Kolkata",
                        "restaurant_timezone": "Asia/Kolkata",
                    },
                },
                {
                    "code": "load",
                    "points": 13,
                    "text": "Looks after 2; the median of those who could is 1.5.",
                    "facts": {"restaurants": 2, "median": 1.5},
                },
                {
                    "code": "place",
                    "points": 5,
                    "text": "Looks after 1 in Pune, and 1 elsewhere in Maharashtra.",
                    "facts": {"in_city": 1, "elsewhere_in_state": 1},
                },
            ],
        },
        {
            "kam": far.pk,
            "username": "far",
            "score": 26,
            "reasons": [
                {
                    "code": "working_hours",
                    "points": 0,
                    "text": "Works 0 of the restaurant's 9 working hours.",
                    "facts": {
                        "shared_minutes": 0,
                        "kam_timezone": "America/New_York",
                        "restaurant_timezone": "Asia/Kolkata",
                    },
                },
                {
                    "code": "load",
                    "points": 26,
                    "text": "Looks after 1; the median of those who could is 1.5.",
                    "facts": {"restaurants": 1, "median": 1.5},
                },
                {
                    "code": "place",
                    "points": 0,
                    "text": "Looks after 0 in Pune, and 0 elsewhere in Maharashtra.",
                    "facts": {"in_city": 0, "elsewhere_in_state": 0},
                },
            ],
        },
    ]


def test_it_suggests_only_kams_the_caller_may_allocate_to(cast: Cast) -> None:
    cast.everybody()
    person("gone", team=cast.south, is_active=False)
    row = restaurant(cast.carl)
    assert names(row, by=cast.root) == ["asha", "bela"]  # Carl has it already
    assert names(restaurant(), by=cast.maya) == ["asha", "bela"]
    assert names(restaurant(), by=cast.root) == ["asha", "bela", "carl"]
    assert names(restaurant(cast.asha), by=cast.maya) == ["bela"]


def test_it_counts_no_load_that_is_over(cast: Cast) -> None:
    row = restaurant(**PUNE)
    free = person("free", team=cast.south)
    busy = person("busy", team=cast.south)
    restaurant(free, **PUNE, lead_status="LOST")
    restaurant(free, **PUNE, lead_status="INACTIVE")
    restaurant(free, **PUNE).archive(by=cast.root, at=NOON)
    restaurant(busy, **PUNE)
    assert points(row, free, by=cast.maya) | {"working_hours": 0} == {"working_hours": 0, "load": 40, "place": 0}
    assert points(row, busy, by=cast.maya)["place"] == 4


def test_it_means_the_city_of_the_same_state(cast: Cast) -> None:
    row = restaurant(city="Springfield", state="Illinois")
    restaurant(cast.asha, city="Springfield", state="Oregon")
    assert points(row, cast.asha, by=cast.root)["place"] == 0


@pytest.mark.parametrize(("moment", "hours"), [("2024-01-15T12:00:00Z", 6), ("2024-07-15T12:00:00Z", 5)])
def test_it_goes_by_the_clocks_of_the_day(cast: Cast, moment: str, hours: int) -> None:
    """London moves its clocks, São Paulo, three hours behind UTC, does not."""
    row = restaurant(timezone="Europe/London")
    cast.asha.timezone = "America/Sao_Paulo"
    cast.asha.save()
    with time_machine.travel(moment, tick=False):
        (found,) = suggestions(row, by=cast.maya)
    assert found["reasons"][0]["facts"]["shared_minutes"] == hours * 60


def test_it_takes_the_zone_of_the_organisation_where_there_is_none(cast: Cast, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Kolkata"
    cast.asha.timezone = "Asia/Kolkata"
    cast.asha.save()
    assert points(restaurant(timezone=""), cast.asha, by=cast.maya)["working_hours"] == 40


def test_it_suggests_twenty_at_most(cast: Cast) -> None:
    crowd = [person(team=cast.south) for _ in range(MOST_SUGGESTED + 2)]
    found = suggestions(restaurant(), by=cast.maya)
    assert [one["kam"] for one in found] == [one.pk for one in crowd][:MOST_SUGGESTED]


def test_it_is_for_those_who_allocate(cast: Cast) -> None:
    row = restaurant(cast.asha)
    seen = {
        name: api(user).get(f"/lead/restaurants/{row.pk}/suggestions/").status_code
        for name, user in cast.everybody().items()
    }
    assert seen == {"root": 200, "asha": 403, "bela": 404, "carl": 404, "maya": 200, "nora": 403}
