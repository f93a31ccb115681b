"""`GET /performance/summary/`: for each KAM how the calls went, and what the restaurants bring."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from kams.models import Team, User
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, contact, interaction, person, planned, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/summary/"


def lines(caller: User, query: str = "") -> dict[str, dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    return {line["username"]: line for line in answer.json()}


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"2024-{day}T{hour:02}:00:00").replace(tzinfo=UTC)


def order(row: Restaurant, day: str, price: str) -> None:
    details = {"product_details": "…", "quantity": 1, "total_price": Decimal(price)}
    interaction(contact(row), interaction_type="ORDER", date=on(day), order=details)


def test_it_sums_up_the_calls_and_the_accounts(cast: Cast) -> None:
    row = restaurant(cast.asha, lead_status="CONVERTED")
    restaurant(cast.asha)
    restaurant(cast.asha).archive(by=cast.root, at=NOON)
    planned(row, on("12-02"), "DONE", on("12-02", 17))
    planned(row, on("12-09"), "DONE", on("12-10", 9))
    planned(row, on("12-16"), "MISSED")
    planned(row, on("12-28"))
    planned(row, on("11-30"), "MISSED")
    interaction(contact(row))
    for day, price in (("12-03", "10.50"), ("11-04", "300"), ("11-05", "1"), ("10-04", "351")):
        order(row, day, price)
    assert lines(cast.asha) == {
        "asha": {
            "kam": cast.asha.pk,
            "username": "asha",
            "team": cast.south.pk,
            "portfolio": 2,
            "accounts": 1,
            "due": 4,
            "done": 2,
            "missed": 1,
            "on_day": 1,
            "on_day_rate": 0.333,
            "revenue_this_month": 10.50,
            "revenue_last_month": 301,
            "revenue_trend": -50,
        }
    }
    assert lines(cast.asha, "?from=2024-11-30&to=2024-12-01")["asha"]["missed"] == 1
    assert lines(cast.asha, "?from=2024-12-16&to=2024-12-16")["asha"]["due"] == 1


def test_the_day_is_one_of_the_persons_clock(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone="Asia/Kolkata")
    row = restaurant(cast.asha)
    planned(row, on("12-02", 18), "DONE", on("12-02", 19))
    planned(row, on("12-03", 18), "DONE", on("12-03", 17))
    assert [lines(cast.asha)["asha"][name] for name in ("on_day", "on_day_rate")] == [1, 0.5]


def test_what_was_called_off_is_not_due_and_what_reached_nobody_is_not_done(cast: Cast) -> None:
    row = restaurant(cast.asha)
    planned(row, on("12-02"), "CANCELLED")
    planned(row, on("12-03"), "DONE", outcome="NO_ANSWER")
    planned(row, on("12-04"), "DONE", outcome="CONNECTED")
    line = lines(cast.asha)["asha"]
    assert [line[name] for name in ("due", "done", "on_day", "on_day_rate")] == [2, 1, 1, 1]


def test_a_call_belongs_to_the_day_on_which_it_was_due(cast: Cast) -> None:
    planned(restaurant(cast.asha), on("12-03"), "DONE", on("12-10"))
    assert lines(cast.asha, "?from=2024-12-03&to=2024-12-03")["asha"]["done"] == 1
    assert lines(cast.asha, "?from=2024-12-10&to=2024-12-10")["asha"]["due"] == 0


def test_it_says_nothing_of_days_on_which_nothing_was_decided(cast: Cast) -> None:
    planned(restaurant(cast.asha), NOON)
    line = lines(cast.asha)["asha"]
    assert (line["due"], line["on_day_rate"], line["revenue_trend"]) == (1, None, 0)


def test_everybody_sees_the_lines_of_whose_restaurants_they_see(cast: Cast) -> None:
    below = Team.objects.add(by=cast.root, at=NOON, name="Below", parent=cast.south)
    person("dan", team=below)
    maya = cast.maya
    cast.everybody()
    person("eve", team=cast.south, is_active=False)
    assert [set(lines(caller)) for caller in (cast.asha, cast.carl)] == [{"asha"}, {"carl"}]
    assert list(lines(maya)) == ["asha", "bela", "dan"]
    assert list(lines(cast.nora)) == list(lines(cast.root)) == ["asha", "bela", "carl", "dan"]
    restaurant(maya)
    assert list(lines(maya)) == ["asha", "bela", "dan", "maya"]
    assert list(lines(cast.root, f"?team={cast.south.pk}")) == ["asha", "bela", "dan"]
    assert list(lines(maya, f"?assigned_to={cast.carl.pk}")) == []
    assert list(lines(cast.asha, f"?team={cast.south.pk}")) == ["asha"]


def test_what_moves_takes_its_figures_along(cast: Cast) -> None:
    row = restaurant(cast.asha)
    planned(row, on("12-16"), "MISSED")
    row.allocate(to=cast.bela, by=cast.root, at=NOON)
    assert [lines(caller)[caller.username]["missed"] for caller in (cast.asha, cast.bela)] == [0, 1]


@pytest.mark.parametrize("query", ["from=2024-12-29", "from=2023-12-01", "to=2024-11-30"])
def test_it_names_a_period_that_makes_no_sense(cast: Cast, query: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["from"])


@pytest.mark.parametrize("day", ["2024-13-01", "2024-12-1", "today", "0001-01-01", "9000-01-01"])
def test_it_names_a_day_that_is_none(cast: Cast, day: str) -> None:
    answer = api(cast.asha).get(f"{PATH}?to={day}")
    assert (answer.status_code, answer.json()["errors"]) == (400, {"to": ["Send a day, such as 2024-12-28."]})


def test_today_is_one_of_the_organisation(cast: Cast, settings: Any) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    planned(restaurant(cast.asha), datetime(2024, 12, 31, 10, 30, tzinfo=UTC))
    with time_machine.travel(datetime(2024, 12, 31, 11, 30, tzinfo=UTC), tick=False):
        assert lines(cast.asha)["asha"]["due"] == 0
        assert lines(cast.asha, "?from=2024-12-31")["asha"]["due"] == 1
