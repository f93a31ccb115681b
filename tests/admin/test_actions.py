"""Actions of the lists: allocate, return to the pool, archive, restore; each for all that is selected or for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interaction_tracking.models import Interaction
from kams.models import User
from leads.models import Restaurant
from notifications.models import Message
from tests.admin.browser import Browser, Form, listing, messages
from tests.cast import NOON, Cast, call_plan, contact, interaction, restaurant

LATER = NOON + timedelta(days=3)

BUILDERS: dict[str, Callable[[Restaurant], Any]] = {
    "restaurant": lambda row: row,
    "contact": contact,
    "interaction": lambda row: interaction(contact(row)),
    "call plan": call_plan,
}
each_kind = pytest.mark.parametrize("build", BUILDERS.values(), ids=BUILDERS.keys())


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def owners(*rows: Restaurant) -> list[str]:
    return [str(Restaurant.objects.get(pk=row.pk).assigned_to) for row in rows]


# --- allocate ---------------------------------------------------------------------------------------
def test_it_asks_to_whom_and_why_before_it_allocates(cast: Cast, root: Browser) -> None:
    rows = [restaurant(cast.asha), restaurant()]
    cast.nora, cast.bela  # noqa: B018 - they join
    page = root.act("allocate", *rows)
    assert page.status_code == 200
    html = page.content.decode()
    assert ">bela</option>" in html
    assert ">nora</option>" not in html
    assert Form(html).values["_selected_action"] == [str(row.pk) for row in reversed(rows)]
    assert owners(*rows) == ["asha", "None"]


def test_it_allocates_all_with_their_histories(cast: Cast, root: Browser) -> None:
    rows = [restaurant(cast.asha), restaurant()]
    page = root.act("allocate", *rows, person=cast.bela.pk, reason="New area")
    assert messages(page) == ["2 restaurants allocated to bela."]
    assert owners(*rows) == ["bela", "bela"]
    for row in rows:
        running = row.allocations.get(ended_at=None)
        assert (running.kam, running.reason, running.allocated_by) == (cast.bela, "New area", cast.root)
        assert running.started_at == LATER


@pytest.mark.parametrize("wrong", ["", "999999", "99999999999999999999999", "x"])
def test_it_asks_again_where_nobody_is_chosen(cast: Cast, root: Browser, wrong: str) -> None:
    row = restaurant(cast.asha)
    page = root.act("allocate", row, person=wrong)
    assert "person" in page.context["form"].errors
    assert owners(row) == ["asha"]


def test_it_offers_nobody_who_cannot_be_allocated(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    for somebody in (cast.nora, cast.carl):
        if somebody == cast.carl:
            somebody.deactivate(by=cast.root, at=NOON)
        assert "person" in root.act("allocate", row, person=somebody.pk).context["form"].errors
    assert owners(row) == ["asha"]


def test_it_allocates_none_if_a_rule_refuses_one(cast: Cast, root: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [restaurant(cast.asha), restaurant(cast.asha)]
    # She leaves between the form and the change.
    monkeypatch.setattr(User, "can_be_allocated", False)
    page = root.act("allocate", *rows, person=cast.bela.pk)
    (message,) = messages(page)
    assert message.endswith("Nothing was changed.")
    assert owners(*rows) == ["asha", "asha"]
    assert not LogEntry.objects.exists()


def test_it_tells_each_once_however_many_are_allocated(cast: Cast, root: Browser) -> None:
    rows = [restaurant(cast.asha) for _ in range(3)]
    root.act("allocate", *rows, person=cast.bela.pk)
    told = Message.objects.filter(channel="IN_APP").order_by("pk").values_list("user__username", "facts__count")
    assert list(told) == [("bela", 3), ("asha", 3)]


def test_it_leaves_archived_restaurants_where_they_are(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    row.archive(by=cast.root, at=NOON)
    assert messages(root.act("allocate", row, person=cast.bela.pk)) == ["0 restaurants allocated to bela."]
    assert owners(row) == ["asha"]


def test_it_returns_restaurants_to_the_pool(cast: Cast, root: Browser) -> None:
    rows = [restaurant(cast.asha), restaurant(cast.bela)]
    assert messages(root.act("release", *rows)) == ["2 restaurants returned to the pool."]
    assert owners(*rows) == ["None", "None"]
    assert not Restaurant.objects.filter(allocations__ended_at=None, allocations__isnull=False).exists()


def test_it_allocates_everything_that_is_listed_and_not_only_the_page(cast: Cast, root: Browser) -> None:
    rows = [restaurant(cast.asha) for _ in range(60)]
    page = root.act("allocate", rows[0], select_across="1")
    sent = {**Form(page.content.decode()).values, "person": cast.bela.pk}
    assert sent["select_across"] == ["1"]
    root.post(listing(Restaurant), sent)
    assert set(owners(*rows)) == {"bela"}


# --- archive and restore ----------------------------------------------------------------------------
@each_kind
def test_it_archives_and_restores(cast: Cast, root: Browser, build: Callable[[Restaurant], Any]) -> None:
    row = build(restaurant(cast.asha))
    name = row._meta.verbose_name
    assert messages(root.act("archive", row)) == [f"1 {name} archived."]
    row.refresh_from_db()
    assert row.archived_at == LATER
    assert messages(root.act("restore", row)) == [f"1 {name} restored."]
    row.refresh_from_db()
    assert (row.archived_at, row.version) == (None, 3)
    noted = LogEntry.objects.order_by("pk").values_list("user", "object_id", "change_message")
    assert list(noted) == [(cast.root.pk, str(row.pk), "Archived."), (cast.root.pk, str(row.pk), "Restored.")]


@each_kind
def test_it_lists_what_is_live_unless_asked_for_the_archive(
    cast: Cast, root: Browser, build: Callable[[Restaurant], Any]
) -> None:
    live, put_away = build(restaurant(cast.asha)), build(restaurant(cast.asha))
    put_away.archive(by=cast.root, at=NOON)

    def listed(**query: str) -> set[Any]:
        return set(root.get(listing(live), **query).context["cl"].result_list)

    model = type(live)
    assert listed() & {live, put_away} == {live}
    assert listed(place="archive") == {put_away}
    assert listed(place="all") == set(model.objects.all())
    assert listed(place="nowhere") == listed()


def test_it_lists_nothing_of_an_archived_restaurant_as_live(cast: Cast, root: Browser) -> None:
    row = interaction(contact(restaurant(cast.asha)))
    row.lead.archive(by=cast.root, at=NOON)
    assert not root.get(listing(Interaction)).context["cl"].result_list
    assert list(root.get(listing(Interaction), place="all").context["cl"].result_list) == [row]


def test_it_archives_once_what_is_selected_twice(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha)
    row.archive(by=cast.root, at=NOON)
    assert messages(root.act("archive", row)) == ["0 restaurants archived."]
    row.refresh_from_db()
    assert row.archived_at == NOON


def test_it_refuses_to_restore_a_second_primary_contact_and_a_second_plan(cast: Cast, root: Browser) -> None:
    lead = restaurant(cast.asha)
    for old, make in (
        (contact(lead, is_primary=True), lambda: contact(lead, is_primary=True)),
        (call_plan(lead), lambda: call_plan(lead)),
    ):
        old.archive(by=cast.root, at=NOON)
        make()
        (message,) = messages(root.act("restore", old))
        assert message.endswith("Nothing was changed.")
        old.refresh_from_db()
        assert old.archived_at == NOON


def test_it_locks_the_rows_in_the_order_of_their_keys(cast: Cast, root: Browser) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite locks the whole database")
    rows = [restaurant(cast.asha), restaurant(cast.asha)]
    with CaptureQueriesContext(connection) as captured:
        root.act("archive", *reversed(rows))
    (lock,) = [query["sql"] for query in captured if "FOR " in query["sql"] and "UPDATE" in query["sql"][-60:]]
    assert "ORDER BY" in lock
    assert "DESC" not in lock.partition("ORDER BY")[2]


# --- who --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["archive", "restore", "allocate", "release"])
def test_it_offers_no_action_to_who_may_only_look(cast: Cast, action: str) -> None:
    cast.nora.is_staff = True
    cast.nora.save()
    row = restaurant(cast.asha)
    nora = Browser(cast.nora)
    assert f'value="{action}"' not in nora.get(listing(row)).content.decode()
    nora.act(action, row, person=cast.bela.pk)
    row.refresh_from_db()
    assert (row.archived_at, row.assigned_to) == (None, cast.asha)
