"""Whatever became of the calls, in whichever zones: the figures add up, agree, and are the rows behind them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from call_planning.choices import Figure
from common.clock import local_date, zone
from interaction_tracking.choices import UNANSWERED
from interaction_tracking.models import Interaction
from kams.models import User
from leads.models import Restaurant
from tests.cast import Cast, api, call_plan, contact, interaction, planned, restaurant
from tests.paging import ids, pages

pytestmark = pytest.mark.usefixtures("noon")

# Where clocks change, and when: back, forward, at midnight, over a whole day; and where they do not.
CHANGES = {
    "America/New_York": "2024-11-03",
    "Europe/London": "2024-03-31",
    "Africa/Cairo": "2024-04-26",
    "Pacific/Apia": "2011-12-30",
    "Asia/Kolkata": "2024-08-01",
}
ZONES = (*CHANGES, "UTC", "Pacific/Auckland")
JUDGED = [figure.value for figure in Figure][1:-1]


class Call(NamedTuple):
    owner: int
    due: timedelta
    made: timedelta
    status: str
    outcome: str


def quarters(days: int) -> st.SearchStrategy[timedelta]:
    """So many days either way, in quarters of an hour, to the tick."""
    steps = st.integers(-96 * days, 96 * days).map(lambda step: timedelta(minutes=15) * step)
    return steps | steps.map(lambda step: step - timedelta(microseconds=1))


CALLS = st.lists(
    st.builds(
        Call,
        owner=st.integers(0, 2),
        due=quarters(1),
        made=quarters(1),
        status=st.sampled_from([*["DONE"] * 6, "PLANNED", "MISSED", "CANCELLED"]),
        outcome=st.sampled_from(["", "", "", "CONNECTED", "NO_ANSWER", "BUSY"]),
    ),
    min_size=6,
    max_size=20,
    unique_by=lambda call: (call.owner, call.due),
)


def make(places: list[Restaurant], calls: list[Call], *, anchor: datetime) -> None:
    """The calls; of several that are open, which a plan cannot have, the first stays so."""
    is_open: set[int] = set()
    for owner, due, made, status, outcome in calls:
        place = places[owner]
        became = "MISSED" if status == "PLANNED" and owner in is_open else status
        if became == "PLANNED":
            is_open.add(owner)
        due_at = anchor + due
        planned(place, due_at, became, due_at + made if became == "DONE" else due_at, outcome=outcome)
        interaction(contact(place), date=due_at + made, outcome=outcome)


def judged(call: Interaction) -> str:
    """The same question, asked of one call in plain words."""
    here = zone(call.lead.assigned_to.timezone)  # type: ignore[union-attr] # somebody has it
    match call.status:
        case "PLANNED":
            return "open"
        case "MISSED" | "CANCELLED":
            return call.status.lower()
    if call.outcome in UNANSWERED:
        return "unreached"
    assert call.due_at is not None
    return "on_day" if local_date(call.date, here) <= local_date(call.due_at, here) else "late"


def expected(*, since: date, until: date) -> dict[str, Counter[str]]:
    """For each person, how many calls there are of each kind, told from the rows one by one."""
    found: dict[str, Counter[str]] = {}
    for call in Interaction.objects.select_related("lead__assigned_to"):
        owner: Any = call.lead.assigned_to
        figures = found.setdefault(owner.username, Counter())
        if call.due_at is not None and since <= local_date(call.due_at, owner.zone) <= until:
            figures[judged(call)] += 1
            figures["planned"] += judged(call) != "cancelled"
        tried = call.status == "DONE" and call.outcome in UNANSWERED
        figures["attempts"] += tried and since <= local_date(call.date, owner.zone) <= until
    return found


def read(caller: User, path: str) -> list[dict[str, Any]]:
    return [row for page in pages(api(caller), path) for row in page]


@pytest.fixture
def places(cast: Cast) -> list[Restaurant]:
    """One of each person, two of them in one team; what they have in common is made once."""
    cast.everybody()
    found = [restaurant(owner) for owner in (cast.asha, cast.bela, cast.carl)]
    for place in found:
        call_plan(place)
        contact(place)
    return found


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    calls=CALLS,
    change=st.sampled_from(list(CHANGES)),
    other=st.sampled_from(ZONES),
    first=st.integers(-2, 0),
    length=st.integers(0, 4),
)
def test_the_figures_add_up_and_are_the_rows_behind_them(
    cast: Cast,
    places: list[Restaurant],
    calls: list[Call],
    change: str,
    other: str,
    first: int,
    length: int,
) -> None:
    anchor = date.fromisoformat(CHANGES[change])
    since = anchor + timedelta(days=first)
    with transaction.atomic():
        for owner, name in zip((cast.asha, cast.bela, cast.carl), (change, change, other), strict=True):
            User.objects.filter(pk=owner.pk).update(timezone=name)
        make(places, calls, anchor=datetime.combine(anchor, time.min, UTC))
        hold(cast.nora, since=since, until=since + timedelta(days=length))
        transaction.set_rollback(True)


def hold(caller: User, *, since: date, until: date) -> None:
    """All the laws, of what there is."""
    days = f"from={since}&to={until}"
    right = expected(since=since, until=until)
    lines = read_lines(caller, f"/call/compliance/?{days}")
    summary = {line["kam"]: line for line in read_lines(caller, f"/performance/summary/?{days}")}
    for line in lines:
        count = right.get(line["username"], Counter())
        assert {name: line[name] for name in ("planned", "attempts", *JUDGED)} == {
            name: count[name] for name in ("planned", "attempts", *JUDGED)
        }
        assert line["planned"] == sum(line[name] for name in JUDGED if name != "cancelled")
        same = summary[line["kam"]]
        assert (same["due"], same["missed"], same["on_day"]) == (line["planned"], line["missed"], line["on_day"])
        assert (same["done"], same["on_day_rate"]) == (line["on_day"] + line["late"], line["on_day_rate"])
    teams = read_lines(caller, f"/call/compliance/?{days}&by=team")
    for name in (*JUDGED, "planned", "attempts"):
        total = sum(line[name] for line in lines)
        assert sum(team[name] for team in teams) == total
        rows = read(caller, f"/call/compliance/calls/?{days}&figure={name}&page_size=10")
        assert len(set(ids(rows))) == len(rows) == total
        if name in JUDGED:
            assert {row["judged"] for row in rows} <= {name}
    whose = lines[0]
    theirs = read(caller, f"/call/compliance/calls/?{days}&assigned_to={whose['kam']}")
    assert Counter(row["judged"] for row in theirs) == Counter({name: whose[name] for name in JUDGED[:-1]})


def read_lines(caller: User, path: str) -> list[dict[str, Any]]:
    answer = api(caller).get(path)
    assert answer.status_code == 200, answer.content
    found: list[dict[str, Any]] = answer.json()
    return found
