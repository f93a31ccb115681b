"""Whatever door a change comes by, the history has it: bulk statements, jobs, proxies, pages of the admin, commands."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from call_planning.models import PlannedCall
from call_planning.tasks import mark_missed, plan_calls
from common.audit import Audit, audited_models
from common.models import Change
from contact.models import Contact
from interaction_tracking import archive, retention
from interaction_tracking.models import Interaction
from interaction_tracking.tasks import clean_up_interactions
from leads.models import Restaurant
from performance_tracking.models import Account
from tests.admin.browser import Browser, changing
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

DAY = timedelta(days=1)


def told(row: Any) -> list[tuple[str, dict[str, Any]]]:
    """The history of a row, oldest first: what was done, and the new values."""
    rows = Change.objects.of(type(row)).filter(row=row.pk).order_by("pk")
    return [
        (action, {name: value["new"] for name, value in json.loads(changes).items()})
        for action, changes in rows.values_list("action", "changes")
    ]


def is_whole() -> bool:
    """No row says that it was changed more often than its history knows."""
    audit = Audit()
    audit.check()
    return audit.problems == []


def test_it_knows_whose_rows_have_a_history() -> None:
    names = {model._meta.label for model in audited_models()}
    assert names == {
        "call_planning.CallPlan",
        "contact.Contact",
        "interaction_tracking.Interaction",
        "kams.User",
        "leads.Restaurant",
    }


# --- jobs -----------------------------------------------------------------------------------------
def test_it_has_the_calls_that_jobs_plan_and_miss(cast: Cast) -> None:
    for _ in range(3):
        call_plan(restaurant(cast.asha), next_call_date=NOON)
    plan_calls(NOON)
    mark_missed(NOON + DAY)
    calls = list(Interaction.objects.all())
    assert len(calls) == 3
    for call in calls:
        (planned, new), (missed, after) = told(call)
        assert (planned, new["status"], new["call_plan"]) == ("CREATED", "PLANNED", call.call_plan_id)
        assert (missed, after) == ("CHANGED", {"status": "MISSED", "kam": cast.asha.pk})
    assert not Change.objects.of(Interaction).filter(by__isnull=False).exists()
    assert is_whole()


def test_it_costs_jobs_the_same_for_few_and_for_many(cast: Cast) -> None:
    costs = []
    for size in (3, 30):
        for _ in range(size):
            call_plan(restaurant(cast.asha), next_call_date=NOON)
        with CaptureQueriesContext(connection) as captured:
            plan_calls(NOON)
        with CaptureQueriesContext(connection) as more:
            mark_missed(NOON + DAY)
        costs.append((len(captured), len(more)))
        Restaurant.objects.update(archived_at=NOON)  # so that only the next ones are due
    assert costs[0] == costs[1]


def test_it_writes_a_call_by_its_proxy_to_the_same_history(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), next_call_date=NOON)
    plan_calls(NOON)
    call = PlannedCall.objects.get()
    assert api(cast.asha).post(f"/call/{plan.pk}/record_call/").status_code == 200
    assert [action for action, _ in told(call)] == ["CREATED", "CHANGED"]
    answer = api(cast.asha).get(f"/track/interactions/{call.pk}/history/").json()
    assert (answer[0]["by"], answer[0]["changes"]["status"]) == ("asha", {"old": "PLANNED", "new": "DONE"})
    account = Account.objects.get(pk=plan.lead_id)
    account.revise(by=cast.asha, at=NOON, notes="By way of the account.")
    assert told(plan.lead)[-1] == ("CHANGED", {"notes": "By way of the account."})
    assert {change.model for change in Change.objects.all()} <= {model._meta.label_lower for model in audited_models()}


def test_it_keeps_the_history_of_what_the_clean_up_removes(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.RETENTION_DAYS, settings.RETENTION_FOLDER = 365, str(tmp_path)
    then = NOON - 1000 * DAY
    place = restaurant(cast.asha, at=then, lead_status="INACTIVE")
    row = interaction(contact(place, at=then), at=then)
    key = row.pk
    assert clean_up_interactions(NOON) == 1
    row.pk = key
    assert [action for action, _ in told(row)] == ["CREATED", "REMOVED"]
    assert is_whole()
    (file,) = tmp_path.glob(f"*{archive.SUFFIX}")
    retention.restore(file, at=NOON + DAY)
    assert [action for action, _ in told(row)] == ["CREATED", "REMOVED", "RESTORED"]
    assert Change.objects.latest("pk").at == NOON + DAY
    assert is_whole()


# --- staff ----------------------------------------------------------------------------------------
def test_it_has_what_staff_change_on_their_pages(cast: Cast) -> None:
    row = restaurant(cast.asha)
    root = Browser(cast.root)
    root.fill_in(changing(row), notes="From the page.")
    root.act("archive", row)
    newest = Change.objects.of(Restaurant).latest("pk")
    assert (newest.by, newest.address, newest.action) == (cast.root, "127.0.0.1", "ARCHIVED")
    assert told(row)[-2] == ("CHANGED", {"notes": "From the page."})


def test_it_has_a_password_that_a_command_changed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: "quite another horse")
    call_command("changepassword", cast.asha.username, stdout=StringIO())
    assert told(cast.asha)[-1] == ("CHANGED", {"password": None})
    newest = Change.objects.latest("pk")
    assert (newest.by, newest.address, newest.at) == (None, "", NOON)


def test_it_shows_the_address_on_pages_to_admins_only(cast: Cast) -> None:
    row = restaurant(cast.asha)
    api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"notes": "New."}, REMOTE_ADDR="203.0.113.7")
    Change.objects.update(address="203.0.113.7")
    change = Change.objects.latest("pk")
    cast.nora.is_staff = True
    cast.nora.save()
    for person, shown in ((cast.root, True), (cast.nora, False)):
        for path in (changing(change), changing(change).removesuffix(f"{change.pk}/change/")):
            assert ("203.0.113.7" in Browser(person).get(path).content.decode()) == shown


# --- the law --------------------------------------------------------------------------------------
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
MONEY = st.none() | st.decimals(0, 10**7, places=2)
CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "notes": TEXT,
    "address": TEXT,
    "potential_revenue": MONEY,
    "cuisine_type": st.none() | TEXT.map(str.strip).filter(bool),
    "notify_contacts": st.booleans(),
    "lead_status": st.sampled_from(["NEW", "CONTACTED", "NEGOTIATING"]),
    "opening_hours": st.sampled_from([{}, {"mon": [["11:00", "23:00"]]}, {"sun": [["09:00", "12:00"]]}]),
}
STEPS = st.lists(st.fixed_dictionaries({}, optional=CHANGES), max_size=6)


@given(steps=STEPS)
@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_leads_from_nothing_to_the_row_whatever_was_changed(cast: Cast, steps: list[dict[str, Any]]) -> None:
    row = restaurant(cast.root)
    caller = api(cast.root)
    for step in steps:
        answer = caller.patch(f"/lead/restaurants/{row.pk}/", step)
        assert answer.status_code == 200, answer.content
    shown = caller.get(f"/lead/restaurants/{row.pk}/").json()
    replayed: dict[str, Any] = {}
    changes = caller.get(f"/lead/restaurants/{row.pk}/history/").json()
    for one in reversed(changes):
        for name, value in one["changes"].items():
            if one["action"] == "CHANGED":
                assert replayed.get(name, EMPTY.get(name, "")) == value["old"], name
                assert value["old"] != value["new"], name
            replayed[name] = value["new"]
    assert {name: shown[name] for name in replayed} == replayed
    assert Change.objects.of(Restaurant).filter(row=row.pk).latest("pk").version == shown["version"] == len(changes)


# What a new row does not tell of.
EMPTY: dict[str, Any] = {"potential_revenue": None, "cuisine_type": None, "opening_hours": {}}


# --- values that were not read --------------------------------------------------------------------
def test_it_reads_nothing_more_for_the_history(cast: Cast) -> None:
    key = restaurant(cast.asha).pk
    row = Restaurant.objects.only("notes", "version").get(pk=key)
    with CaptureQueriesContext(connection) as captured:
        row.revise(by=cast.asha, at=NOON, notes="Short.")
    assert [query["sql"].split()[0] for query in captured if "SAVEPOINT" not in query["sql"]] == ["UPDATE", "INSERT"]
    assert told(row)[-1] == ("CHANGED", {"notes": "Short."})


def test_it_tells_of_a_row_again_after_it_was_saved_or_read_anew(cast: Cast) -> None:
    row = restaurant(cast.asha)
    for number in range(2):
        row.revise(by=cast.asha, at=NOON, notes=f"Note {number}")
    Restaurant.objects.filter(pk=row.pk).update(notes="By the way.")
    row.refresh_from_db()
    row.revise(by=cast.asha, at=NOON, city="Pune")
    assert [new for _, new in told(row)[1:]] == [{"notes": "Note 0"}, {"notes": "Note 1"}, {"city": "Pune"}]


def test_it_tells_what_was_saved_and_no_more(cast: Cast) -> None:
    who: Contact = contact(restaurant(cast.asha))
    who.name, who.role = "Jane", "Owner"
    who.keep("name", at=NOON)
    assert told(who)[-1] == ("CHANGED", {"name": "Jane"})
    who.keep("role", at=NOON)
    assert told(who)[-1] == ("CHANGED", {"role": "Owner"})
