"""The plan of the day: one message each morning of a person's own, with all that they have to know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from call_planning.models import CallPlan, Morning
from call_planning.tasks import mark_missed, morning_plans, plan_calls
from kams.models import User
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, call_plan, collaboration, cover, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SEVEN = datetime(2024, 12, 29, 7, tzinfo=UTC)  # a Sunday


def due(owner: User | None, when: datetime, name: str, **fields: Any) -> CallPlan:
    return call_plan(restaurant(owner, name=name, **fields), next_call_date=when)


def mails(user: User) -> list[Message]:
    return list(Message.objects.filter(user=user, kind="morning_plan", channel="EMAIL").order_by("pk"))


def text(user: User) -> str:
    (message,) = mails(user)
    return words_of(message).text


def names(user: User, part: str) -> list[str]:
    """The restaurants that a part of the newest plan names."""
    return [row["name"] for row in mails(user)[-1].facts[part]["rows"]]


# --- when ---------------------------------------------------------------------------------------


def test_it_comes_once_each_morning_at_seven(cast: Cast) -> None:
    due(cast.asha, SEVEN, "Spice")
    told = [morning_plans(SEVEN + timedelta(minutes=minutes)) for minutes in (-1, 0, 5, 10, 24 * 60 - 1, 24 * 60)]
    assert told == [0, 1, 0, 0, 0, 1]
    assert [message.created_at for message in mails(cast.asha)] == [SEVEN, SEVEN + DAY]
    assert Message.objects.filter(kind="morning_plan", channel="IN_APP").count() == 2


@pytest.mark.parametrize(("late", "told"), [(timedelta(hours=5) - timedelta(minutes=1), 1), (timedelta(hours=5), 0)])
def test_it_comes_late_until_noon(cast: Cast, late: timedelta, told: int) -> None:
    due(cast.asha, SEVEN, "Spice")
    assert morning_plans(SEVEN + late) == told


def test_it_comes_when_the_setting_says(cast: Cast, settings: Any) -> None:
    settings.MORNING_PLAN_AT = datetime(2024, 1, 1, 9, 30).time()  # noqa: DTZ001 - a clock
    due(cast.asha, SEVEN, "Spice")
    assert [morning_plans(SEVEN + minutes * timedelta(minutes=1)) for minutes in (0, 149, 150)] == [0, 0, 1]


def test_it_says_nothing_when_there_is_nothing_to_say(cast: Cast) -> None:
    due(cast.asha, SEVEN + 2 * DAY, "Spice")
    due(cast.bela, SEVEN, "Curry", lead_status="LOST")
    archived, ended = due(cast.bela, SEVEN, "Dosa"), due(cast.bela, SEVEN, "Thali")
    api(cast.bela).delete(f"/lead/restaurants/{archived.lead_id}/")
    api(cast.bela).delete(f"/call/{ended.pk}/")
    due(None, SEVEN, "Of the pool")
    assert morning_plans(SEVEN) == 0
    due(cast.asha, SEVEN + HOUR, "Too late for this morning")
    assert morning_plans(SEVEN + HOUR) == 0
    assert not Message.objects.filter(kind="morning_plan").exists()


def test_it_does_not_come_to_who_is_inactive(cast: Cast) -> None:
    due(cast.asha, SEVEN, "Spice")
    User.objects.filter(pk=cast.asha.pk).update(is_active=False)
    assert morning_plans(SEVEN) == 0
    assert not Message.objects.filter(kind="morning_plan").exists()


def test_it_comes_once_a_day_to_who_moves_to_another_zone(cast: Cast) -> None:
    due(cast.asha, SEVEN, "Spice")
    api(cast.asha).patch("/kam/me/", {"timezone": "Asia/Kolkata"})
    told = [morning_plans(datetime(2024, 12, 29, 1, 30, tzinfo=UTC))]
    api(cast.asha).patch("/kam/me/", {"timezone": "America/New_York"})
    told += [morning_plans(datetime(2024, 12, day, 12, tzinfo=UTC)) for day in (29, 30)]
    assert told == [1, 0, 1]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Pacific/Apia", "2011-12-30T17:00Z"),  # where there was no 30 December
        ("America/Sao_Paulo", "2018-11-04T09:00Z"),  # where that day began at one
        ("Europe/London", "2025-10-26T07:00Z"),
    ],
)
def test_it_comes_once_on_a_day_of_another_length(cast: Cast, zone: str, moment: str) -> None:
    caller, seven = person(team=cast.south, timezone=zone), datetime.fromisoformat(moment)
    due(caller, seven - 30 * DAY, "Spice")
    # Every quarter of an hour from the evening before until the evening.
    told = [morning_plans(seven + quarter * timedelta(minutes=15)) for quarter in range(-40, 48)]
    assert sum(told) == 1
    assert told.index(1) == 40


@pytest.mark.parametrize(("zone", "seven"), [("Antarctica/Troll", "02:30"), ("Europe/London", "01:30")])
@pytest.mark.parametrize("day", ["2025-03-30", "2025-10-26"])
def test_it_comes_once_when_its_hour_is_skipped_or_comes_twice(
    cast: Cast, settings: Any, zone: str, seven: str, day: str
) -> None:
    settings.MORNING_PLAN_AT = datetime.fromisoformat(f"2025-01-01T{seven}").time()
    caller, midnight = person(team=cast.south, timezone=zone), datetime.fromisoformat(f"{day}T00:00Z")
    due(caller, midnight - 9 * DAY, "Spice")
    told = [morning_plans(midnight + quarter * timedelta(minutes=15)) for quarter in range(-8, 48)]
    assert sum(told) == 1


# --- what ---------------------------------------------------------------------------------------


def test_it_holds_the_calls_of_the_day_the_overdue_ones_first(cast: Cast) -> None:
    for hours, name in (
        (9, "Afternoon"),
        (2, "Early"),
        (-30, "Since Friday"),
        (-100, "Since Wednesday"),
        (40, "Tomorrow"),
    ):
        due(cast.asha, SEVEN + hours * HOUR, name)
    due(cast.asha, datetime(2024, 12, 29, tzinfo=UTC), "Whenever")
    due(cast.bela, SEVEN, "Another's")
    morning_plans(SEVEN)
    assert mails(cast.asha)[0].title == "Your day, 29 December 2024: 5 calls to make"
    assert text(cast.asha) == (
        "Overdue:\n"
        "- 25 December 2024: Since Wednesday, New York (John Doe, +1234567890)\n"
        "- 28 December 2024: Since Friday, New York (John Doe, +1234567890)\n"
        "\n"
        "Today:\n"
        "- any time: Whenever, New York (John Doe, +1234567890)\n"
        "- 09:00: Early, New York (John Doe, +1234567890)\n"
        "- 16:00: Afternoon, New York (John Doe, +1234567890)\n"
    )
    html = words_of(mails(cast.asha)[0]).html
    assert html.index("Since Wednesday") < html.index("Since Friday") < html.index("Whenever") < html.index("Early")


def test_it_holds_what_was_missed_yesterday_whether_it_is_marked_yet_or_not(cast: Cast) -> None:
    older = due(cast.asha, NOON - 3 * DAY, "Of another day")
    plan_calls(NOON - 3 * DAY)
    mark_missed(NOON)
    api(cast.asha).patch(f"/call/{older.pk}/", {"next_call_date": "2025-06-01T10:00:00Z"})
    due(cast.asha, NOON, "Marked")
    plan_calls(NOON)
    mark_missed(SEVEN)
    due(cast.asha, NOON, "Not yet")
    plan_calls(NOON)
    made = due(cast.asha, NOON, "Made")
    plan_calls(NOON)
    api(cast.asha).post(f"/call/{made.pk}/record_call/")
    morning_plans(SEVEN)
    assert sorted(names(cast.asha, "missed")) == ["Marked", "Not yet"]
    assert names(cast.asha, "overdue") == ["Marked", "Not yet"]
    assert "Missed yesterday:\n- 28 December 2024: " in text(cast.asha)


def test_it_holds_what_others_changed_since_the_last_plan(cast: Cast) -> None:
    maya, asha = api(cast.maya), api(cast.asha)
    long_ago = NOON - 9 * DAY
    place = {name: restaurant(cast.asha, name=name, at=long_ago) for name in ("Kept", "Lost", "Mine", "There and back")}
    pool, given = (
        restaurant(by=cast.root, name="Claimed", at=long_ago),
        restaurant(cast.bela, name="Given", at=long_ago),
    )
    morning_plans(SEVEN - DAY)
    with time_machine.travel(NOON, tick=False):
        maya.patch(f"/lead/restaurants/{place['Lost'].pk}/", {"assigned_to": cast.bela.pk})
        maya.patch(f"/lead/restaurants/{given.pk}/", {"assigned_to": cast.asha.pk})
        for to in (cast.bela.pk, cast.asha.pk):
            maya.patch(f"/lead/restaurants/{place['There and back'].pk}/", {"assigned_to": to})
        asha.patch(f"/lead/restaurants/{pool.pk}/", {"assigned_to": cast.asha.pk})
        for status in ("CONTACTED", "NEGOTIATING"):
            maya.post(f"/lead/restaurants/{place['Kept'].pk}/change_status/", {"status": status})
        asha.post(f"/lead/restaurants/{place['Mine'].pk}/change_status/", {"status": "LOST"})
    Message.objects.all().delete()
    assert morning_plans(SEVEN) >= 1
    assert text(cast.asha) == (
        "New in your portfolio:\n"
        "- Given, given by maya\n"
        "- There and back, given by maya\n"
        "\n"
        "No longer in your portfolio:\n"
        "- Lost, now with bela\n"
        "\n"
        "What others changed:\n"
        "- Kept: from New to Negotiating, by maya\n"
    )
    assert mails(cast.asha)[0].title == "Your day, 29 December 2024: no calls to make"
    assert morning_plans(SEVEN + DAY) == 0  # and nothing of it the next day


def test_it_holds_nothing_of_what_is_put_away(cast: Cast) -> None:
    place = restaurant(cast.bela, name="Given")
    api(cast.maya).patch(f"/lead/restaurants/{place.pk}/", {"assigned_to": cast.asha.pk, "lead_status": "CONTACTED"})
    api(cast.maya).delete(f"/lead/restaurants/{place.pk}/")
    assert morning_plans(SEVEN) == 0


def test_it_holds_what_is_shared_and_what_is_covered_as_long_as_it_is(cast: Cast) -> None:
    shared, covered = due(cast.bela, SEVEN, "Shared"), due(cast.carl, SEVEN, "Covered")
    due(cast.bela, SEVEN, "Not shared")
    collaboration(shared.lead, cast.asha, by=cast.root)
    cover(cast.carl, cast.asha, at=SEVEN - HOUR, ends_at=SEVEN + HOUR)
    morning_plans(SEVEN)
    assert names(cast.asha, "today") == ["Shared", "Covered"]
    assert names(cast.bela, "today") == ["Shared", "Not shared"]
    assert names(cast.carl, "today") == [covered.lead.name]
    morning_plans(SEVEN + DAY)
    assert names(cast.asha, "overdue") == ["Shared"]


def test_it_looks_back_a_week_at_most(cast: Cast) -> None:
    morning_plans(SEVEN - 30 * DAY)
    place = restaurant(cast.bela, name="Given", at=NOON - 40 * DAY)
    with time_machine.travel(SEVEN - 7 * DAY - HOUR, tick=False):
        api(cast.maya).patch(f"/lead/restaurants/{place.pk}/", {"assigned_to": cast.asha.pk})
    Morning.objects.update(told_at=SEVEN - 30 * DAY)
    assert morning_plans(SEVEN) == 0


def test_it_costs_the_same_for_few_and_for_many_people_and_restaurants(cast: Cast) -> None:
    costs = []
    for people, places in ((1, 3), (20, 30)):
        callers = [person(team=cast.south) for _ in range(people)]
        for number in range(places):
            due(callers[number % people], SEVEN + number * timedelta(minutes=10), f"Place {number}")
        with CaptureQueriesContext(connection) as captured:
            assert morning_plans(SEVEN) == people
        costs.append(len(captured))
    assert costs[0] == costs[1]


# --- the days on which the clocks change ----------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "kolkata", "new_york", "noon"),
    [
        ("9 March 2025", "2025-03-09T01:30Z", "2025-03-09T11:00Z", "2025-03-09T16:00Z"),
        ("2 November 2025", "2025-11-02T01:30Z", "2025-11-02T12:00Z", "2025-11-02T17:00Z"),
    ],
)
def test_it_is_seven_in_kolkata_and_in_new_york(cast: Cast, day: str, kolkata: str, new_york: str, noon: str) -> None:
    indra = person("indra", team=cast.south, timezone="Asia/Kolkata")
    nick = person("nick", team=cast.south, timezone="America/New_York")
    at_noon = datetime.fromisoformat(noon)
    due(nick, at_noon, "Diner")
    due(nick, at_noon - DAY, "Deli")
    due(indra, datetime.fromisoformat(kolkata) + 5 * HOUR, "Dosa")  # 12:00 in India
    begin = at_noon.replace(hour=0, minute=0) - 6 * HOUR
    told: dict[datetime, int] = {}
    for step in range(5 * 24):
        at = begin + step * timedelta(minutes=15)
        if number := morning_plans(at):
            told[at] = number
    assert told == {datetime.fromisoformat(kolkata): 1, datetime.fromisoformat(new_york): 1}
    assert mails(indra)[0].title == f"Your day, {day}: 1 call to make"
    assert text(indra) == "Today:\n- 12:00: Dosa, New York (John Doe, +1234567890)\n"
    assert mails(nick)[0].title == f"Your day, {day}: 2 calls to make"
    yesterday = {"9 March 2025": "8 March 2025", "2 November 2025": "1 November 2025"}[day]
    assert text(nick) == (
        f"Overdue:\n- {yesterday}: Deli, New York (John Doe, +1234567890)\n\n"
        "Today:\n- 12:00: Diner, New York (John Doe, +1234567890)\n"
    )
