"""What is looked at where there are more restaurants than can all be: by indexes, and by going through all of them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from call_planning.models import Callee, CallPlan
from call_planning.models.callee import CalleeSet
from call_planning.models.pressing import most_pressing
from common.clock import local_day_bounds
from leads.choices import CLOSED, LeadStatus
from leads.models import Restaurant
from performance_tracking.choices import RhythmState
from performance_tracking.models import OrderRhythm
from tests.cast import NOON, Cast, api, call_plan, collaboration, cover, restaurant

pytestmark = pytest.mark.usefixtures("noon")

MOST = 2


def populate(cast: Cast, chance: Random) -> None:
    """Restaurants of everybody and of nobody, with ties; some are lent to Asha, one of them by whom she covers."""
    for number in range(50):
        owner = chance.choice([cast.asha, cast.asha, cast.bela, cast.carl, None])
        row = restaurant(
            owner,
            potential_revenue=chance.choice([None, Decimal(1000), Decimal(chance.randint(0, 20_000))]),
            lead_status=chance.choice(["NEW", "CONTACTED", "CONVERTED", "CONVERTED", "LOST", "INACTIVE"]),
        )
        if chance.random() < 0.7:
            call_plan(row, frequency="WEEKLY", next_call_date=NOON - timedelta(days=chance.randint(-2, 9)))
        if chance.random() < 0.7:
            state = chance.choice([RhythmState.DUE, RhythmState.LATE, RhythmState.LAPSED])
            cycles = Decimal(chance.randint(100, 110)) / 100
            OrderRhythm.objects.create(restaurant=row, last_order_on=NOON.date(), state=state, cycles=cycles)
        if owner not in {None, cast.asha} and number % 4 == 0:
            collaboration(row, cast.asha, by=owner)
        if number % 10 == 0:
            row.archive(by=cast.root, at=NOON)
    CallPlan.objects.filter(pk__in=[*CallPlan.objects.values_list("pk", flat=True)][::7]).update(
        snoozed_until=NOON + timedelta(days=5)
    )
    OrderRhythm.objects.stand(OrderRhythm.objects.values_list("pk", flat=True))
    cover(cast.carl, cast.asha)


def gone_through(rows: CalleeSet, *, zone: ZoneInfo) -> set[int]:
    """The same, from the restaurants themselves, sorted in Python."""
    return {row[-1] for kind in kinds(rows, zone=zone) for row in kind[:MOST]}


def kinds(rows: CalleeSet, *, zone: ZoneInfo) -> list[list[Any]]:
    """All of each kind, the first first; the key is the last of what is said of each."""
    _, tonight = local_day_bounds(NOON, zone)
    called = {row.pk: row for row in rows if row.archived_at is None and row.lead_status not in CLOSED}
    due = [
        (plan.next_call_date, plan.pk, plan.lead_id)
        for plan in CallPlan.objects.filter(lead__in=called, archived_at__isnull=True)
        if plan.next_call_date < tonight and not plan.snoozed_until
    ]
    late = [
        (rhythm.cycles, rhythm.pk)
        for rhythm in OrderRhythm.objects.filter(pk__in=called, state__in=(RhythmState.LATE, RhythmState.LAPSED))
        if called[rhythm.pk].lead_status == LeadStatus.CONVERTED
    ]
    worth = [(row.potential_revenue, row.pk) for row in called.values() if row.potential_revenue is not None]
    new = [one for one in worth if called[one[1]].lead_status == LeadStatus.NEW]
    return [sorted(due), *(sorted(kind, reverse=True) for kind in (late, worth, new))]


@pytest.mark.parametrize("seed", range(2))
def test_they_are_the_first_of_each_kind(cast: Cast, seed: int) -> None:
    populate(cast, Random(seed))  # noqa: S311 - no secret
    asked: dict[str, Any] = {
        "a KAM's list": Callee.objects.listed_for(cast.asha),
        "what a KAM sees": Callee.objects.visible_to(cast.asha),
        "a manager's": Callee.objects.visible_to(cast.maya),
        "an admin's": Callee.objects.visible_to(cast.root),
        "everybody's": Callee.objects.all(),
        "of one owner": Callee.objects.visible_to(cast.root).of_owner(pk=cast.bela.pk),
        "of a team": Callee.objects.visible_to(cast.maya).of_owner(team=cast.asha.team_id),
        "of the pool": Callee.objects.visible_to(cast.asha).of_owner(isnull=True),
    }
    zone = cast.asha.zone
    for whose, rows in asked.items():
        found = most_pressing(rows._whose, at=NOON, zone=zone, most=MOST)
        assert found == gone_through(rows, zone=zone), whose
        assert found, whose
    assert min(map(len, kinds(asked["an admin's"], zone=zone))) > MOST


def test_who_asks_is_shown_what_was_asked_for(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("call_planning.models.callee.MOST_CONSIDERED", MOST)
    populate(cast, Random(7))  # noqa: S311 - no secret
    queries: dict[str, dict[str, Any]] = {
        "": {},
        f"&assigned_to={cast.asha.pk}": {"assigned_to": cast.asha},
        "&assigned_to=none": {"assigned_to": None},
        f"&team={cast.south.pk}": {"assigned_to__team": cast.south},
    }
    for caller in (cast.asha, cast.maya, cast.root):
        for query, what in queries.items():
            shown = {row["restaurant"]["id"] for row in api(caller).get(f"/call/next/?page_size=100{query}").json()}
            assert shown
            assert shown <= {row.pk for row in Restaurant.objects.visible_to(caller).filter(**what)}
