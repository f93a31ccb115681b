"""`POST /track/interactions/{id}/restore/`: a deleted interaction comes back with all that rests on it."""

from datetime import timedelta
from typing import Any

import pytest

from call_planning.tasks import plan_calls
from common.models import Change
from interaction_tracking.models import Interaction
from kams.models import User
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant
from tests.interaction_tracking.test_delete import counts
from tests.interaction_tracking.test_record import ORDER

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)


def figures(cast: Cast, row: Interaction) -> Any:
    portrait = api(cast.asha).get(f"/performance/accounts/{row.lead_id}/").json()
    return {name: portrait[name] for name in ("rhythm", "months")}


@pytest.mark.parametrize("who", ["maya", "root"])
def test_it_comes_back_into_lists_counts_and_figures(cast: Cast, who: str) -> None:
    row = interaction(contact(restaurant(cast.asha, lead_status="CONVERTED")), order=ORDER)
    path, before = f"/track/interactions/{row.pk}/", figures(cast, row)
    shown = api(cast.asha).get(path).json()
    api(cast.asha).delete(path)
    assert counts(cast)[:2] == (0, 0)
    assert figures(cast, row) != before
    answer = api(getattr(cast, who)).post(f"{path}restore/")
    assert (answer.status_code, answer.json()) == (200, {**shown, "version": 3})
    assert counts(cast)[:2] == (1, 1)
    assert figures(cast, row) == before
    assert [one["action"] for one in api(cast.asha).get(f"{path}history/").json()] == [
        "RESTORED",
        "ARCHIVED",
        "CREATED",
    ]


def test_it_changes_nothing_where_nothing_was_deleted(cast: Cast) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    before = Change.objects.of(Interaction).count()
    answer = api(cast.maya).post(f"/track/interactions/{row.pk}/restore/")
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert Change.objects.of(Interaction).count() == before


def test_it_is_for_managers_and_admins_who_see_the_restaurant(cast: Cast) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    row.archive(by=cast.asha, at=NOON)
    path = f"/track/interactions/{row.pk}/restore/"

    def status(who: User) -> int:
        return int(api(who).post(path).status_code)

    assert [status(who) for who in (cast.asha, cast.bela, cast.carl, cast.nora)] == [403, 404, 404, 403]
    assert Interaction.objects.get().archived_at == NOON
    row.lead.archive(by=cast.root, at=NOON)
    assert status(cast.root) == 404
    assert Interaction.objects.get().archived_at == NOON


def test_it_asks_for_the_version_that_was_read(cast: Cast) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    row.archive(by=cast.asha, at=NOON)
    path = f"/track/interactions/{row.pk}/restore/"
    assert api(cast.maya).post(path, If_Match='"1-x"').status_code == 412
    assert api(cast.maya).post(path, {"why": "a mistake"}).status_code == 400
    assert Interaction.objects.get().archived_at == NOON


def test_it_refuses_a_planned_call_that_another_has_replaced(cast: Cast) -> None:
    place = restaurant(cast.asha)
    call_plan(place, next_call_date=NOON)
    plan_calls(NOON)
    first = Interaction.objects.get()
    path = f"/track/interactions/{first.pk}/"
    assert api(cast.asha).delete(path).status_code == 200
    plan_calls(NOON + DAY)
    second = Interaction.objects.exclude(pk=first.pk).get()
    answer = api(cast.maya).post(f"{path}restore/")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert str(second.pk) in answer.json()["detail"]
    assert Interaction.objects.get(pk=first.pk).archived_at == NOON
