"""A small dataset, held to what the verbs promise of rows: it is made beside them, as the demo is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Exists, F, OuterRef

from benchmarks.loading import Dataset, Refused
from benchmarks.people import STEADY
from benchmarks.workers import Workers
from call_planning.models import CallPlan
from call_planning.schedule import next_call
from interaction_tracking.choices import InteractionStatus
from interaction_tracking.models import Interaction
from kams.models import User
from leads.choices import LeadStatus
from leads.models import Restaurant
from performance_tracking.models import Month, OrderRhythm
from tests.cast import NOON, Cast

RESTAURANTS = 600
OURS = ("kams", "leads", "contact", "interaction_tracking", "performance_tracking", "call_planning")


@pytest.fixture(autouse=True)
def _of_its_own(transactional_db: None) -> Iterator[None]:  # noqa: ARG001 - what other connections see is committed
    if connection.vendor != "postgresql":
        pytest.skip("Benchmarks run on PostgreSQL.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone() != (True,):
            pytest.skip("Who loads a dataset passes over foreign keys, which takes a superuser.")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS benchmarks CASCADE")


def load() -> None:
    to = connection.settings_dict
    url = f"postgres://{to['USER']}:{to['PASSWORD']}@{to['HOST']}:{to['PORT']}/{to['NAME']}"
    Dataset(RESTAURANTS, interactions=8, now=NOON).load(url)


def models() -> list[Any]:
    found = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return [model for model in found if not model._meta.proxy]


def everything() -> dict[str, str]:
    """A digest of each table."""
    digests = {}
    with connection.cursor() as cursor:
        for model in models():
            table = model._meta.db_table
            cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")  # noqa: S608 - ours
            digests[table] = (cursor.fetchone() or ("",))[0]
    return digests


def structure() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        found = cursor.fetchall()
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2")
        return [*found, *cursor.fetchall()]


def test_it_holds_what_the_verbs_promise() -> None:
    before = structure()
    load()
    assert structure() == before
    assert Restaurant.objects.count() == RESTAURANTS
    steady = Restaurant.objects.filter(assigned_to__username=STEADY, archived_at__isnull=True)
    assert steady.count() == RESTAURANTS * 9 // 10 // 4
    assert Interaction.objects.count() == pytest.approx(8 * RESTAURANTS, rel=0.2)
    # The foreign keys were not checked by the database.
    for model in models():
        for field in (field for field in model._meta.concrete_fields if field.is_relation):
            there = field.related_model._base_manager.filter(pk=OuterRef(field.attname))
            assert not model._base_manager.filter(~Exists(there), **{f"{field.name}__isnull": False}).exists(), field
    talks = Interaction.objects.exclude(contact=None).exclude(contact__restaurant=F("lead"))
    assert not talks.exists()
    assert not Interaction.objects.exclude(call_plan=None).exclude(call_plan__lead=F("lead")).exists()
    assert not Interaction.objects.filter(status=InteractionStatus.DONE, date__gt=NOON).exists()
    for place in Restaurant.objects.prefetch_related("status_changes"):
        status: str = LeadStatus.NEW
        for step in reversed(place.status_changes.all()):
            assert step.old_status == status
            status = step.new_status
        assert place.lead_status == status
    for plan in CallPlan.objects.exclude(last_called=None).select_related("lead"):
        zone = ZoneInfo(plan.lead.timezone)
        due = next_call(after=plan.last_called, frequency=plan.frequency, zone=zone, interval_days=plan.interval_days)
        assert plan.next_call_date == due
    # Figures are copied with a life, and are those of what happened.
    before_rebuilding = everything()
    assert OrderRhythm.objects.rebuild(at=NOON)
    assert Month.objects.rebuild()
    assert everything() == before_rebuilding


def test_the_same_seed_gives_the_same_rows() -> None:
    load()
    first = everything()
    load()
    assert everything() == first


def test_it_can_be_interrupted_and_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    before, step = structure(), Workers.step

    def interrupted(self: Workers, name: str, statements: Any) -> None:
        step(self, name, statements)
        if name == "Interactions":
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Workers, "step", interrupted)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert structure() != before
    load()
    assert structure() == before
    assert Restaurant.objects.count() == RESTAURANTS


def test_it_refuses_what_did_not_come_from_it(cast: Cast) -> None:
    asha, before = cast.asha, structure()
    with pytest.raises(Refused, match="did not come from here"):
        load()
    assert structure() == before
    assert list(User.objects.values_list("pk", flat=True)) == [asha.pk]
