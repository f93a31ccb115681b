"""What the demo writes: believable, the same each time, and as the verbs would have left it."""

import io
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Q
from pytest_django import DjangoDbBlocker

from call_planning.choices import Frequency
from call_planning.demo import people
from call_planning.demo.organisation import Participant, Tables, organisation
from call_planning.models import Block, CallPlan
from call_planning.schedule import first_call, next_call
from common.clock import local_day_bounds, month_bounds
from common.phones import e164
from contact.choices import RoleKind
from contact.models import Contact
from interaction_tracking.choices import InteractionStatus, InteractionType
from interaction_tracking.models import Interaction, Order
from kams.choices import Role
from kams.models import Team, User
from leads.choices import CLOSED, LeadStatus, may_follow
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange
from performance_tracking.models import Account
from tests.cast import NOON

pytestmark = pytest.mark.django_db

ODD_MOMENTS = (
    datetime(2024, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2024, 3, 10, 6, 30, tzinfo=UTC),  # the night in which New York changes its clocks
    datetime(2025, 1, 1, tzinfo=UTC),
)


@pytest.fixture(scope="module", autouse=True)
def _demo(
    django_db_setup: None,  # noqa: ARG001 - there has to be a database
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Written once for the module, and taken back at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        with time_machine.travel(NOON, tick=False):
            call_command("demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def again() -> Tables:
    """The rows that a second run at the same moment would write."""
    return organisation(now=NOON)


def kams() -> list[User]:
    return list(User.objects.filter(role=Role.KAM))


# --- the whole ------------------------------------------------------------------------------------
def test_it_writes_the_same_rows_for_the_same_moment(again: Tables) -> None:
    for model, made in again.items():
        columns = [field.attname for field in model._meta.concrete_fields if not field.generated]
        rows = [tuple(getattr(row, column) for column in columns) for row in made]
        assert rows == list(model._base_manager.order_by("pk").values_list(*columns)), model


def test_it_is_as_large_as_it_says() -> None:
    assert (Team.objects.count(), len(kams()), User.objects.count()) == (3, 12, 17)
    assert Restaurant.objects.count() == 396
    assert dict(Restaurant.objects.values_list("country").annotate(Count("pk"))).keys() == {"IN", "AE", "GB", "US"}
    assert set(Restaurant.objects.values_list("lead_status", flat=True)) == set(LeadStatus)
    assert set(Contact.objects.values_list("role_kind", flat=True)) == set(RoleKind)
    assert set(CallPlan.objects.values_list("frequency", flat=True)) == set(Frequency)
    assert set(Interaction.objects.values_list("interaction_type", flat=True)) == set(InteractionType)
    assert set(Interaction.objects.values_list("status", flat=True)) == set(InteractionStatus)
    assert Restaurant.objects.filter(parent__isnull=False).values("parent").distinct().count() == 12
    assert 10 <= Restaurant.objects.filter(assigned_to=None).count() <= 60
    assert 3 <= Restaurant.objects.exclude(archived_at=None).count() <= 20
    assert Participant.objects.count() > 100
    assert Interaction.objects.count() > 5000
    assert Order.objects.count() > 2000


def test_it_covers_a_year() -> None:
    first = Interaction.objects.orders().earliest("date").date
    assert NOON - timedelta(days=430) < first < NOON - timedelta(days=270)
    months = [month_bounds(NOON, ZoneInfo("UTC"), months_back=back) for back in range(9)]
    for start, end in months:
        assert Interaction.objects.orders().filter(date__gte=start, date__lt=end).count() > 50


def test_it_holds_only_what_fits_its_columns(again: Tables) -> None:
    for model, made in again.items():
        references = {field.name for field in model._meta.fields if field.is_relation}
        for row in made:
            row.clean_fields(exclude=references)


# --- people ---------------------------------------------------------------------------------------
def test_it_begins_with_the_admin() -> None:
    admin = User.objects.get(pk=1)
    assert (admin.username, admin.email) == (people.ADMIN, f"{people.ADMIN}@{people.DOMAIN}")
    assert (admin.role, admin.is_staff, admin.is_superuser) == (Role.ADMIN, True, True)
    assert admin.can_be_allocated


def test_it_puts_one_team_below_another() -> None:
    below = User.objects.get(managed_teams__parent__isnull=False)
    above = User.objects.get(managed_teams__children__isnull=False)
    accounts = Restaurant.objects.exclude(assigned_to=None)
    seen_from_below, seen_from_above = (set(accounts.visible_to(manager)) for manager in (below, above))
    assert seen_from_below
    assert seen_from_below < seen_from_above


def test_it_gives_each_kam_a_day_of_work() -> None:
    for kam in kams():
        plans = CallPlan.objects.listed_for(kam).due_today(at=NOON, zone=kam.zone).with_overdue(at=NOON, zone=kam.zone)
        assert Restaurant.objects.listed_for(kam).count() >= 20
        assert plans.filter(is_overdue=True).count() >= 2
        assert plans.filter(is_overdue=False).count() >= 2
        assert CallPlan.objects.listed_for(kam).count() > plans.count() + 2


def test_it_was_all_there_before_its_history_began() -> None:
    began = Restaurant.objects.earliest("created_at").created_at
    assert User.objects.latest("date_joined").date_joined < began
    assert Team.objects.latest("created_at").created_at < began


# --- restaurants ----------------------------------------------------------------------------------
def test_it_normalises_every_phone() -> None:
    for row in Restaurant.objects.all():
        assert row.phone_e164 == e164(row.phone, region=row.country)
        assert row.phone_e164.startswith("+")
    for row in Contact.objects.select_related("restaurant"):
        assert row.phone_e164 == e164(row.phone, region=row.restaurant.country)
        assert bool(row.phone_e164) == bool(row.phone)
    assert Restaurant.objects.values("phone_e164").distinct().count() == Restaurant.objects.count()
    assert Restaurant.objects.values("name").distinct().count() == Restaurant.objects.count()


def test_it_writes_histories_that_end_at_the_status() -> None:
    histories = defaultdict(list)
    for change in StatusChange.objects.order_by("changed_at", "pk"):
        histories[change.restaurant_id].append(change)
    for row in Restaurant.objects.all():
        old, since = LeadStatus.NEW, row.created_at
        for change in histories[row.pk]:
            assert change.old_status == old
            assert change.new_status in may_follow(old)
            assert change.lasted == change.changed_at - since > timedelta()
            old, since = change.new_status, change.changed_at
        assert row.lead_status == old
        assert since <= row.updated_at < NOON
        assert row.version > len(histories[row.pk])


def test_it_changes_a_status_just_after_something_happened() -> None:
    for change in StatusChange.objects.all():
        assert Interaction.objects.filter(
            lead=change.restaurant_id,
            kam=change.changed_by,
            status=InteractionStatus.DONE,
            date__range=(change.changed_at - timedelta(hours=1), change.changed_at),
        ).exists()


def test_it_runs_one_allocation_for_each_restaurant_that_is_assigned() -> None:
    running = Allocation.objects.filter(ended_at=None)
    assert not running.exclude(kam=F("restaurant__assigned_to")).exists()
    assert running.count() == Restaurant.objects.exclude(assigned_to=None).count()
    assert not Allocation.objects.filter(ended_at__lte=F("started_at")).exists()
    spells = defaultdict(list)
    for spell in Allocation.objects.order_by("started_at"):
        spells[spell.restaurant_id].append(spell)
    assert all(before.ended_at == after.started_at for own in spells.values() for before, after in pairwise(own))
    assert sum(len(own) > 1 for own in spells.values()) > 5


def test_it_keeps_chains_one_level_deep() -> None:
    assert not Restaurant.objects.filter(parent__parent__isnull=False).exists()


def test_it_gives_each_restaurant_one_to_four_people_of_whom_one_is_primary() -> None:
    people_at = Count("contacts")
    primary = Count("contacts", filter=Q(contacts__is_primary=True, contacts__name=F("contact_person")))
    counts = set(Restaurant.objects.annotate(people=people_at, primary=primary).values_list("people", "primary"))
    assert counts == {(1, 1), (2, 1), (3, 1), (4, 1)}
    of_chain = Q(restaurant=F("reports_to__restaurant")) | Q(restaurant__parent=F("reports_to__restaurant"))
    assert not Contact.objects.exclude(reports_to=None).exclude(of_chain).exists()
    assert Contact.objects.filter(opted_out=True).exists()


# --- what happened --------------------------------------------------------------------------------
def test_it_meets_people_of_the_restaurant_or_its_chain() -> None:
    met = Interaction.objects.filter(Q(contact__restaurant=F("lead")) | Q(contact__restaurant=F("lead__parent")))
    assert met.count() == Interaction.objects.count()
    assert met.exclude(contact__restaurant=F("lead")).exists()
    with_them = Participant.objects.filter(
        Q(contact__restaurant=F("interaction__lead")) | Q(contact__restaurant=F("interaction__lead__parent"))
    )
    assert with_them.count() == Participant.objects.count()
    assert not with_them.filter(contact=F("interaction__contact")).exists()


def test_it_lets_who_had_the_restaurant_do_the_work() -> None:
    had_it = Allocation.objects.filter(
        Q(ended_at=None) | Q(ended_at__gt=OuterRef("date")),
        restaurant=OuterRef("lead"),
        kam=OuterRef("kam"),
        started_at__lte=OuterRef("date"),
    )
    assert Interaction.objects.filter(Exists(had_it)).count() == Interaction.objects.count()


def test_it_has_done_nothing_in_the_future() -> None:
    planned = Interaction.objects.filter(status=InteractionStatus.PLANNED)
    assert planned.filter(date__gt=NOON).count() == planned.count() == 36
    assert not Interaction.objects.exclude(status=InteractionStatus.PLANNED).filter(date__gt=NOON).exists()
    assert not Interaction.objects.filter(created_at__gt=NOON).exists()


def test_it_leaves_a_closed_restaurant_alone() -> None:
    closed = Restaurant.objects.filter(lead_status__in=CLOSED)
    assert not Interaction.objects.filter(lead__in=closed, date__gt=F("lead__updated_at")).exists()


def test_it_places_orders_as_the_rules_say() -> None:
    assert not Interaction.objects.filter(interaction_type=InteractionType.ORDER, order_placed=False).exists()
    assert not Order.objects.filter(interaction__order_placed=False).exists()
    assert not Order.objects.exclude(order_date=F("interaction__date")).exists()
    assert Interaction.objects.filter(interaction_type=InteractionType.CALL, order_placed=True).exists()
    assert Interaction.objects.filter(order_placed=True, order=None).exists()
    buys = StatusChange.objects.filter(restaurant=OuterRef("lead"), new_status=LeadStatus.CONVERTED)
    assert not Interaction.objects.orders().exclude(Exists(buys)).exists()


def test_it_gives_accounts_rhythms_from_days_to_weeks_and_lets_some_slip() -> None:
    orders = defaultdict(list)
    for lead, date in Interaction.objects.orders().filter(lead__lead_status="CONVERTED").values_list("lead", "date"):
        orders[lead].append(date)
    rhythms, silent = [], 0
    for dates in orders.values():
        gaps = [(late - early).total_seconds() / 86400 for late, early in pairwise(dates)]  # newest first
        if len(gaps) > 3:
            rhythms.append(mean(gaps))
            silent += (NOON - dates[0]).days > 3 * mean(gaps)
    assert min(rhythms) < 4
    assert max(rhythms) > 20
    assert 0.05 < silent / len(rhythms) < 0.4


def test_it_has_accounts_of_each_kind() -> None:
    accounts = Account.objects.with_order_counts(at=NOON, zone=ZoneInfo(settings.TIME_ZONE))
    assert accounts.performing(revenue=settings.PERFORMING_REVENUE).count() > 50
    assert accounts.underperforming(revenue=settings.UNDERPERFORMING_REVENUE).count() > 20
    assert accounts.filter(orders_this_month__gt=0, orders_last_month__gt=0).count() > 50


# --- what people have agreed on ---------------------------------------------------------------------
def test_it_has_hours_of_restaurants_and_of_people() -> None:
    assert 20 <= Restaurant.objects.exclude(opening_hours={}).count() <= 200
    assert 20 <= Contact.objects.exclude(call_window={}).count() <= 120
    assert not Contact.objects.exclude(call_window={}).exclude(is_primary=True).exists()


def test_it_shows_who_logs_in_a_block_a_snooze_and_a_shared_restaurant() -> None:
    asha = User.objects.get(username=people.KAM)
    running, to_come = Block.objects.listed_for(asha).order_by("starts_at")
    assert running.starts_at < NOON < to_come.starts_at
    (snoozed,) = CallPlan.objects.with_snooze(at=NOON).filter(is_snoozed=True)
    assert (snoozed.lead.assigned_to, bool(snoozed.snooze_reason)) == (asha, True)
    assert snoozed.next_call_date < NOON
    assert snoozed.lead_id not in {running.restaurant_id, to_come.restaurant_id}
    (shared,) = Collaboration.objects.listed_for(asha)
    assert shared.restaurant.assigned_to != asha


def test_it_lets_somebody_cover_for_who_is_away() -> None:
    (cover,) = Cover.objects.running(at=NOON)
    assert cover.absent.team == cover.covering.team
    assert not Cover.objects.to_tell_of(at=NOON).exists()


# --- plans ----------------------------------------------------------------------------------------
def test_it_counts_the_next_call_from_the_last() -> None:
    last = Max("calls__date", filter=Q(calls__status=InteractionStatus.DONE))
    for plan in CallPlan.objects.select_related("lead").annotate(last=last):
        cadence = {"frequency": plan.frequency, "interval_days": plan.interval_days, "zone": plan.zone}
        assert plan.last_called == plan.last
        if plan.last_called is None:
            assert plan.next_call_date == first_call(created=plan.created_at, **cadence)
        else:
            assert plan.created_at < plan.last_called < NOON
            assert plan.next_call_date == next_call(after=plan.last_called, **cadence)
    assert CallPlan.objects.filter(last_called=None).exists()
    assert not Interaction.objects.exclude(call_plan=None).exclude(lead=F("call_plan__lead")).exists()


@pytest.mark.parametrize("now", ODD_MOMENTS, ids=str)
def test_it_has_a_day_of_work_at_any_moment(now: datetime) -> None:
    tables = organisation(now=now)
    restaurants = {row.pk: row for row in tables[Restaurant]}
    for kam in tables[User]:
        if kam.role == Role.KAM:
            morning, tonight = local_day_bounds(now, kam.zone)
            dues = [
                plan.next_call_date
                for plan in tables[CallPlan]
                if (lead := restaurants[plan.lead_id]).assigned_to_id == kam.pk and lead.lead_status not in CLOSED
            ]
            assert sum(due < morning for due in dues) >= 2
            assert sum(morning <= due < tonight for due in dues) >= 2
    assert all(call.date <= now for call in tables[Interaction] if call.status != InteractionStatus.PLANNED)
    assert all(change.changed_at <= now for change in tables[StatusChange])
