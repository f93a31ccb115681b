"""`GET /call/compliance/`: whether the planned calls were made, and the calls behind each figure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from call_planning.choices import Figure
from kams.models import Team, User
from tests.cast import NOON, Cast, api, collaboration, contact, cover, interaction, person, planned, restaurant
from tests.paging import ids, pages

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/call/compliance/"
FIGURES = [figure.value for figure in Figure]


def lines(caller: User, query: str = "") -> list[dict[str, Any]]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()
    return found


def line(caller: User, query: str = "") -> dict[str, Any]:
    (only,) = lines(caller, query)
    return only


def calls(caller: User, query: str = "") -> list[dict[str, Any]]:
    return [row for page in pages(api(caller), f"{PATH}calls/{query}") for row in page]


def on(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(f"2024-{day}T{hour:02}:00:00").replace(tzinfo=UTC)


def test_each_call_counts_in_one_figure(cast: Cast) -> None:
    row = restaurant(cast.asha)
    made = {
        "on_day": [planned(row, on("12-02"), "DONE", on("12-02", 23)), planned(row, on("12-03"), "DONE", on("12-02"))],
        "late": [planned(row, on("12-04"), "DONE", on("12-05", 0))],
        "missed": [planned(row, on("12-06"), "MISSED")],
        "unreached": [planned(row, on("12-09"), "DONE", on("12-12"), outcome="NO_ANSWER")],
        "cancelled": [planned(row, on("12-10"), "CANCELLED")],
        "open": [planned(row, on("12-28"))],
        "attempts": [interaction(contact(row), date=on("12-11"), outcome="BUSY")],
    }
    interaction(contact(row), date=on("12-11"), outcome="CONNECTED")
    planned(row, on("12-13"), "MISSED", archived_at=NOON)
    planned(row, on("11-30"), "MISSED")
    assert line(cast.asha) == {
        "kam": cast.asha.pk,
        "username": "asha",
        "team": cast.south.pk,
        "team_name": "South",
        "planned": 6,
        "on_day": 2,
        "late": 1,
        "missed": 1,
        "open": 1,
        "unreached": 1,
        "cancelled": 1,
        "attempts": 2,
        "on_day_rate": 0.5,
    }
    made["attempts"] += made["unreached"]
    made["planned"] = [call for figure in FIGURES[1:6] for call in made[figure]]
    for figure in FIGURES:
        assert set(ids(calls(cast.asha, f"?figure={figure}"))) == {call.pk for call in made[figure]}, figure
    assert calls(cast.asha) == calls(cast.asha, "?figure=planned")


def test_a_call_is_shown_as_it_is_elsewhere_and_with_its_figure(cast: Cast) -> None:
    row = restaurant(cast.asha)
    late = planned(row, on("12-04"), "DONE", on("12-05"))
    tried = interaction(contact(row), date=on("12-11"), outcome="BUSY")
    tried.participants.add(contact(row))
    for query, call, judged in (("?figure=late", late, "late"), ("?figure=attempts", tried, None)):
        as_elsewhere = api(cast.asha).get(f"/track/interactions/{call.pk}/").json()
        assert calls(cast.asha, query) == [{**as_elsewhere, "judged": judged}]


def test_a_call_belongs_to_the_day_on_which_it_was_due(cast: Cast) -> None:
    row = restaurant(cast.asha)
    planned(row, on("12-08"), "DONE", on("12-16"))
    planned(row, on("12-16"), "DONE", on("12-08"))
    assert line(cast.asha, "?from=2024-12-08&to=2024-12-08")["late"] == 1
    assert line(cast.asha, "?from=2024-12-16&to=2024-12-16")["on_day"] == 1
    assert line(cast.asha, "?from=2024-12-09&to=2024-12-15")["planned"] == 0


@pytest.mark.parametrize(("zone", "days"), [("Asia/Kolkata", "03 04"), ("America/New_York", "02 03"), ("UTC", "02 03")])
def test_the_days_are_those_of_who_has_the_restaurant(cast: Cast, settings: Any, zone: str, days: str) -> None:
    settings.TIME_ZONE = "Pacific/Auckland"
    cast.asha.revise(by=cast.root, at=NOON, timezone=zone)
    row = restaurant(cast.asha)
    planned(row, on("12-02", 20), "DONE", on("12-02", 21))
    planned(row, on("12-03", 20), "DONE", on("12-04", 4))
    first, second = days.split()
    assert line(cast.nora, f"?from=2024-12-{first}&to=2024-12-{first}")["on_day"] == 1
    there = line(cast.nora, f"?from=2024-12-{second}&to=2024-12-{second}")
    assert there["planned"] == 1
    assert there["late"] == int(zone == "UTC")


@pytest.mark.parametrize(
    ("zone", "due", "last", "next_day"),
    [
        # A day of 25 hours, one of 23, one that begins at one o'clock, and an ordinary one beside each.
        ("America/New_York", "2024-11-03T04:00", "2024-11-04T04:59:59.999999", "2024-11-04T05:00"),
        ("America/New_York", "2024-11-04T05:00", "2024-11-05T04:59:59.999999", "2024-11-05T05:00"),
        ("America/New_York", "2024-11-03T03:59:59.999999", "2024-11-03T03:59:59.999999", "2024-11-03T04:00"),
        ("Europe/London", "2024-03-31T00:00", "2024-03-31T22:59:59.999999", "2024-03-31T23:00"),
        ("Europe/London", "2024-03-31T23:00", "2024-04-01T22:59:59.999999", "2024-04-01T23:00"),
        ("Africa/Cairo", "2024-04-25T22:00", "2024-04-26T20:59:59.999999", "2024-04-26T21:00"),
        ("Africa/Cairo", "2024-04-25T21:59", "2024-04-25T21:59:59.999999", "2024-04-25T22:00"),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(cast: Cast, zone: str, due: str, last: str, next_day: str) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone=zone)
    due_at, in_time, late = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (due, last, next_day))
    planned(restaurant(cast.asha), due_at, "DONE", in_time)
    planned(restaurant(cast.asha), due_at, "DONE", late)
    found = line(cast.asha, "?from=2024-03-30&to=2024-11-06")
    assert (found["on_day"], found["late"]) == (1, 1)


def test_attempts_are_those_of_the_persons_days(cast: Cast) -> None:
    cast.asha.revise(by=cast.root, at=NOON, timezone="Asia/Kolkata")
    who = contact(restaurant(cast.asha))
    interaction(who, date=on("12-02", 20), outcome="NO_ANSWER")
    interaction(who, date=on("12-02", 20), outcome="NO_ANSWER", interaction_type="VISIT")
    interaction(who, date=on("12-02", 20), outcome="NO_ANSWER").archive(by=cast.root, at=NOON)
    planned(who.restaurant, on("12-02", 20), "CANCELLED", outcome="NO_ANSWER")
    assert line(cast.asha, "?from=2024-12-02&to=2024-12-02")["attempts"] == 0
    assert line(cast.asha, "?from=2024-12-03&to=2024-12-03")["attempts"] == 1


def test_a_team_is_the_sum_of_its_own_people(cast: Cast) -> None:
    below = Team.objects.add(by=cast.root, at=NOON, name="Below", parent=cast.south)
    dan = person("dan", team=below)
    free = person("free")
    for owner, missed in ((cast.asha, 1), (cast.bela, 2), (dan, 3), (free, 4), (cast.carl, 0)):
        row = restaurant(owner)
        for day in range(missed):
            planned(row, on(f"12-0{day + 1}"), "MISSED")
        planned(row, on("12-09"), "DONE")
        interaction(contact(row), date=on("12-09"), outcome="BUSY")
    found = {
        one["team_name"]: [one[name] for name in ("team", "planned", "on_day", "missed", "attempts", "on_day_rate")]
        for one in lines(cast.nora, "?by=team")
    }
    assert found == {
        "Below": [below.pk, 4, 1, 3, 1, 0.25],
        "North": [cast.north.pk, 1, 1, 0, 1, 1],
        "South": [cast.south.pk, 5, 2, 3, 2, 0.4],
        None: [None, 5, 1, 4, 1, 0.2],
    }
    assert [one["team_name"] for one in lines(cast.maya, "?by=team")] == ["Below", "South"]
    assert [(one["kam"], one["username"]) for one in lines(cast.maya, "?by=team")] == [(None, None)] * 2
    assert [one["planned"] for one in lines(cast.asha, "?by=team")] == [2]
    assert lines(cast.asha, "?by=kam") == lines(cast.asha)


def test_everybody_sees_the_calls_of_whose_lines_they_see(cast: Cast) -> None:
    made = {}
    for owner in (cast.asha, cast.bela, cast.carl):
        made[owner.username] = planned(restaurant(owner), on("12-02"), "MISSED").pk
    planned(restaurant(None, by=cast.root), on("12-02"), "MISSED")
    gone = restaurant(cast.asha)
    planned(gone, on("12-02"), "MISSED")
    gone.archive(by=cast.root, at=NOON)
    for caller, seen in (
        (cast.asha, "asha"),
        (cast.carl, "carl"),
        (cast.maya, "asha bela"),
        (cast.nora, "asha bela carl"),
        (cast.root, "asha bela carl"),
    ):
        assert [one["username"] for one in lines(caller) if one["missed"]] == seen.split()
        assert sorted(ids(calls(caller))) == sorted(made[name] for name in seen.split())
    for query in (f"?assigned_to={cast.carl.pk}", f"?team={cast.north.pk}"):
        assert lines(cast.maya, query) == calls(cast.maya, query) == []
        assert ids(calls(cast.root, query)) == [made["carl"]]


def test_what_is_shared_with_somebody_stays_in_the_line_of_who_has_it(cast: Cast) -> None:
    row = restaurant(cast.carl)
    planned(row, on("12-02"), "MISSED")
    collaboration(row, cast.asha, by=cast.carl)
    assert (line(cast.asha)["planned"], calls(cast.asha)) == (0, [])
    cover(cast.carl, cast.asha)
    assert [one["username"] for one in lines(cast.asha)] == ["asha"]
    assert calls(cast.asha) == calls(cast.asha, f"?assigned_to={cast.carl.pk}") == []


def test_what_moves_takes_its_calls_along(cast: Cast) -> None:
    row = restaurant(cast.asha)
    call = planned(row, on("12-16"), "MISSED")
    row.allocate(to=cast.bela, by=cast.root, at=NOON)
    assert [line(caller)["missed"] for caller in (cast.asha, cast.bela)] == [0, 1]
    assert (ids(calls(cast.asha)), ids(calls(cast.bela))) == ([], [call.pk])


def test_the_calls_come_in_pages_by_when_they_were_due(cast: Cast) -> None:
    row = restaurant(cast.asha)
    made = [planned(row, on(f"12-{day:02}"), "DONE", on(f"12-{28 - day:02}", 9)).pk for day in range(1, 9)]
    found = pages(api(cast.asha), f"{PATH}calls/?figure=late&page_size=3")
    assert [len(page) for page in found] == [3, 3, 2]
    assert [key for page in found for key in ids(page)] == made
    assert ids(calls(cast.asha, "?figure=late&page_size=3&ordering=date")) == made[::-1]
    assert api(cast.asha).get(f"{PATH}calls/?figure=late&page_size=3&count=exact")["X-Total-Count"] == "8"


def test_attempts_come_by_their_date(cast: Cast) -> None:
    row = restaurant(cast.asha)
    made = [interaction(contact(row), date=on("12-12"), outcome="BUSY").pk]
    made.insert(0, planned(row, on("12-09"), "DONE", on("12-10"), outcome="NO_ANSWER").pk)
    made.insert(0, interaction(contact(row), date=on("12-03"), outcome="WRONG_NUMBER").pk)
    assert ids(calls(cast.asha, "?figure=attempts&page_size=1")) == made
    by_due_date = ids(calls(cast.asha, "?figure=attempts&page_size=1&ordering=due_at"))
    assert by_due_date == [made[1], *sorted([made[0], made[2]])]  # what was not due comes last


@pytest.mark.parametrize("path", [PATH, f"{PATH}calls/"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2024-12-29", "from"),
        ("from=2023-12-01", "from"),
        ("to=2024-11-30", "from"),
        ("to=tomorrow", "to"),
        ("assigned_to=none", "assigned_to"),
        ("team=South", "team"),
        ("since=2024-12-01", "since"),
    ],
)
def test_it_names_what_makes_no_sense(cast: Cast, path: str, query: str, field: str) -> None:
    answer = api(cast.asha).get(f"{path}?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{PATH}?by=city", "Use one of kam, team."),
        (f"{PATH}?figure=late", "Unknown parameter. Known: assigned_to, by, from, team, to."),
        (f"{PATH}calls/?by=team", "Unknown parameter. Known: assigned_to, count, cursor, figure, from,"),
        (
            f"{PATH}calls/?figure=made",
            "Use one of planned, on_day, late, missed, open, unreached, cancelled, attempts.",
        ),
    ],
)
def test_it_says_what_there_is(cast: Cast, path: str, words: str) -> None:
    answer = api(cast.asha).get(path)
    (messages,) = answer.json()["errors"].values()
    assert answer.status_code == 400
    assert messages[0].startswith(words)
