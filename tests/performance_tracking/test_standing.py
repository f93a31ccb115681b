"""Rhythms keep whose they are and whether they are of accounts: always what their restaurants say."""

from datetime import timedelta
from functools import partial
from importlib import import_module
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leads.choices import LeadStatus
from leads.models import Restaurant
from performance_tracking.models import OrderRhythm
from tests.cast import NOON, Cast, api, contact, interaction, restaurant
from tests.races import at_once, shared_database

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/performance/rhythm/"
LEADS = "/lead/restaurants/"


def account(owner: Any, **fields: Any) -> Restaurant:
    """A converted restaurant that ordered yesterday."""
    row = restaurant(owner, lead_status=LeadStatus.CONVERTED, **fields)
    interaction(contact(row), interaction_type="ORDER", date=NOON - timedelta(days=1))
    return row


def kept() -> list[tuple[Any, ...]]:
    return list(OrderRhythm.objects.order_by("pk").values_list("pk", "owner", "is_account"))


def said() -> list[tuple[Any, ...]]:
    """What a join to the restaurants would say."""
    rows = Restaurant.objects.filter(order_rhythm__isnull=False).order_by("pk")
    columns = rows.values_list("pk", "assigned_to", "lead_status", "archived_at")
    return [(pk, owner, status == LeadStatus.CONVERTED and since is None) for pk, owner, status, since in columns]


def listed(caller: Any, query: str = "") -> list[int]:
    answer = api(caller).get(PATH + query)
    assert answer.status_code == 200, answer.content
    return [row["restaurant_id"] for row in answer.json()]


def test_it_follows_its_restaurant_through_every_door(cast: Cast) -> None:
    cast.everybody()
    chance, root = Random(1), api(cast.root)  # noqa: S311 - the same seed takes the same doors
    people = [cast.asha.pk, cast.bela.pk, cast.carl.pk, None]
    rows = [account(chance.choice([cast.asha, cast.bela, cast.carl, None])) for _ in range(4)]
    statuses: set[int] = set()
    for _ in range(60):
        path, to = f"{LEADS}{chance.choice(rows).pk}/", chance.choice(people)
        doors: tuple[tuple[str, str, Any], ...] = (
            ("POST", f"{path}change_status/", {"status": chance.choice(LeadStatus.values)}),
            ("PATCH", path, {"lead_status": chance.choice(LeadStatus.values), "assigned_to": to}),
            ("POST", f"{path}allocate/", {"to": to}),
            ("POST", f"{LEADS}allocate/", {"to": to, "ids": [row.pk for row in rows[:2]]}),
            ("DELETE", path, None),
            ("POST", f"{path}restore/", {}),
        )
        statuses.add(root(*chance.choice(doors)).status_code)
        assert kept() == said()
    assert {200, 404} <= statuses <= {200, 204, 400, 404, 409}


def test_it_follows_who_claims_and_who_leaves(cast: Cast) -> None:
    row = account(None)
    assert api(cast.asha).post(f"{LEADS}{row.pk}/claim/", {}).status_code == 200
    assert kept() == [(row.pk, cast.asha.pk, True)]
    body = {"successor": cast.bela.pk}
    assert api(cast.root).post(f"/kam/people/{cast.asha.pk}/deactivate/", body).status_code == 200
    assert kept() == [(row.pk, cast.bela.pk, True)]


def test_it_goes_and_comes_back_with_its_restaurant(cast: Cast) -> None:
    row = account(cast.asha)
    assert listed(cast.asha) == listed(cast.maya) == listed(cast.root) == [row.pk]
    assert listed(cast.carl) == []
    api(cast.asha).delete(f"{LEADS}{row.pk}/")
    assert listed(cast.asha) == listed(cast.root) == listed(cast.root, f"?assigned_to={cast.asha.pk}") == []
    api(cast.root).post(f"{LEADS}{row.pk}/restore/", {})
    assert listed(cast.asha) == listed(cast.root, f"?assigned_to={cast.asha.pk}") == [row.pk]


def test_it_finds_a_kams_without_their_restaurants(cast: Cast) -> None:
    account(cast.asha)
    call = api(cast.asha)
    with CaptureQueriesContext(connection) as asked:
        call.get(PATH)
    found = asked.captured_queries[-1]["sql"].rpartition("WHERE")[2]
    assert "owner_id" in found
    assert "leads_restaurant" not in found


def test_a_rebuild_says_what_restaurants_say(cast: Cast) -> None:
    account(cast.asha)
    account(None)
    before = kept()
    OrderRhythm.objects.update(owner=cast.carl, is_account=False)
    call_command("rebuild_rhythms", verbosity=0)
    assert kept() == before == said()


def test_the_migration_fills_what_is_there(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    filling = import_module("performance_tracking.migrations.0006_fill_and_index_accounts")
    for owner in (cast.asha, None, cast.carl):
        account(owner)
    account(cast.asha).archive(by=cast.root, at=NOON)
    OrderRhythm.objects.update(owner=None, is_account=False)
    monkeypatch.setattr(filling, "BATCH", 2)
    filling.take_over_what_restaurants_say(apps, SimpleNamespace(connection=connection))
    assert kept() == said()
    assert [is_account for *_, is_account in kept()] == [True, True, True, False]


@pytest.mark.django_db(transaction=True)
def test_it_is_the_new_owners_who_got_it_at_the_moment_of_its_first_order() -> None:
    with shared_database():
        cast = Cast()
        with transaction.atomic():
            cast.everybody()
            talks = [interaction(contact(restaurant(cast.asha, lead_status="CONVERTED"))) for _ in range(6)]
        first, second = api(cast.root), api(cast.root)
        for talk in talks:
            answers = at_once(
                partial(first.patch, f"/track/interactions/{talk.pk}/", {"order_placed": True}),
                partial(second.post, f"{LEADS}{talk.lead_id}/allocate/", {"to": cast.bela.pk}),
            )
            assert [answer.status_code for answer in answers] == [200, 200]
        assert OrderRhythm.objects.filter(owner=cast.bela, is_account=True).count() == len(talks)
        assert kept() == said()
