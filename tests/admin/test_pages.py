"""Every page of the admin opens, for whom it should, at the same cost however many rows there are."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from call_planning.models import Block, CalendarFeed, Morning
from common.models import IdempotencyRecord, JobRun
from common.tasks import seal_audit
from interaction_tracking.models import Order
from kams.models import ApiKey, Erasure, Invitation, Session, Team
from leads.messages import COVER_BEGUN
from leads.models import Restaurant
from notifications.models import Message, Preference
from performance_tracking.models import Scale, TypicalCycle
from tests.admin.browser import Browser, adding, changing, listing
from tests.cast import NOON, Cast, call_plan, collaboration, contact, cover, interaction, person, restaurant

OURS = sorted((model for model in admin.site._registry), key=lambda model: model._meta.label)
WRITABLE = {
    "call_planning.Block",
    "call_planning.CallPlan",
    "contact.Contact",
    "interaction_tracking.Interaction",
    "kams.Team",
    "kams.User",
    "leads.Cover",
    "leads.Restaurant",
}
ADDABLE = WRITABLE | {"kams.Invitation", "leads.Collaboration"}
INLINE = re.compile(r"<style|\sstyle=|<script>|<script [^>]*>[^<\s]|\son\w+=|javascript:", re.IGNORECASE)

each_model = pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)


def one_of_each(cast: Cast, number: int) -> None:
    """A restaurant with all that can hang below it, and all that is kept about the person who has it."""
    team = Team.objects.add(by=cast.root, at=NOON, name=f"Team {number}", parent=cast.south, manager=cast.maya)
    kam = person(f"kam{number}", team=team)
    row = restaurant(kam, by=cast.root, parent=restaurant(cast.asha))
    row.change_status("CONVERTED", by=kam, at=NOON)
    row.allocate(to=cast.bela, by=cast.root, at=NOON)
    boss = contact(row)
    order = {"product_details": "Rice", "quantity": 2, "total_price": 10}
    call = interaction(contact(row, reports_to=boss), participants=[boss], order=order, kam=kam)
    call_plan(row)
    Block.objects.add(restaurant=row, by=kam, at=NOON, ends_at=NOON + timedelta(days=1))
    CalendarFeed.objects.add(by=kam, at=NOON)
    Morning.objects.create(user=kam, day=NOON.date(), told_at=NOON)
    collaboration(row, kam, by=cast.root)
    cover(kam, cast.bela)
    TypicalCycle.objects.create(restaurant_type=f"Type {number}", median_days=7, accounts=1)
    Scale.objects.learn(at=NOON)
    assert call.order
    Message.objects.tell(COVER_BEGUN, [kam], key=f"message:{number}", at=NOON, facts={"ends_at": NOON.isoformat()})
    Preference.objects.say(kam, {"cover_begun": {"EMAIL": False}})
    Invitation.objects.add(email=f"new{number}@kams.example", role="KAM", team=team, by=cast.root, at=NOON)
    until = NOON + timedelta(days=1)
    maker = person(f"maker{number}", role="MANAGER")
    ApiKey.objects.add(by=maker, at=NOON, name=f"Till {number}", scopes="leads:read", expires_at=until)
    Session.objects.open(user=kam, at=NOON, until=NOON + timedelta(hours=1), jti=str(number))
    Erasure.objects.add(kam.subject, by=cast.root, at=NOON, reason="")
    AccessAttempt.objects.create(username=kam.username, ip_address="127.0.0.1", failures_since_start=1)
    IdempotencyRecord.objects.create(
        id=f"key{number}", user=kam, body_digest="0", lease=uuid4(), leased_until=NOON, expires_at=NOON
    )
    JobRun.objects.claim(f"job{number}", period=NOON, at=NOON)
    seal_audit(NOON)


@pytest.fixture
def _some(cast: Cast) -> None:
    for number in range(3):
        one_of_each(cast, number)


def queries(browser: Browser, path: str, **query: str) -> list[str]:
    browser.get(path, **query)  # content types and the like are looked up once
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path, **query).status_code == 200
    return [str(query["sql"]) for query in captured.captured_queries]


def test_it_shows_every_model() -> None:
    """A proxy is shown as what it stands for, an order with its interaction."""
    ours = {model for model in apps.get_models() if not model.__module__.startswith(("django.", "axes."))}
    assert {model for model in ours - {*OURS} if not model._meta.proxy} == {Order}


@pytest.mark.usefixtures("_some")
@each_model
def test_it_opens_the_list(root: Browser, model: type[models.Model]) -> None:
    page = root.get(listing(model))
    assert page.status_code == 200
    assert len(page.context["cl"].result_list) >= 3


@pytest.mark.usefixtures("_some")
@each_model
def test_it_opens_the_page_of_a_row(root: Browser, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("-pk")[0]
    page = root.get(changing(row))
    assert page.status_code == 200
    can_save = 'name="_save"' in page.content.decode()
    assert can_save == (model._meta.label in WRITABLE)


@each_model
def test_it_opens_the_page_to_add_a_row(root: Browser, model: type[models.Model]) -> None:
    assert root.get(adding(model)).status_code == (200 if model._meta.label in ADDABLE else 403)


@pytest.mark.usefixtures("_some")
def test_it_asks_the_same_number_of_queries_for_3_and_for_30_rows(cast: Cast, root: Browser) -> None:
    def of_each_list() -> dict[str, list[str]]:
        everything = {model: {"place": "all"} if hasattr(model, "archived_at") else {} for model in OURS}
        return {model._meta.label: queries(root, listing(model), **query) for model, query in everything.items()}

    few = of_each_list()
    for number in range(3, 30):
        one_of_each(cast, number)
    for label, many in of_each_list().items():
        assert len(many) == len(few[label]), "\n".join([label, *many])


def test_it_asks_the_same_number_of_queries_however_much_hangs_below_a_restaurant(cast: Cast, root: Browser) -> None:
    def page_with(count: int) -> list[str]:
        row = restaurant(cast.asha, by=cast.root)
        call_plan(row)
        for number in range(count):
            interaction(contact(row))
            row.change_status(("CONTACTED", "NEGOTIATING")[number % 2], by=cast.maya, at=NOON)
            row.allocate(to=(cast.bela, cast.asha)[number % 2], by=cast.root, at=NOON)
        return queries(root, changing(row))

    few, many = page_with(3), page_with(30)
    assert len(few) == len(many), "\n".join(many)


@pytest.mark.usefixtures("_some")
@each_model
def test_it_finds_rows(root: Browser, model: type[models.Model]) -> None:
    page = root.get(listing(model), q="Nothing Is Called That")
    assert page.status_code == 200
    assert list(page.context["cl"].result_list) == []


def test_it_finds_a_restaurant_whatever_the_case(cast: Cast, root: Browser) -> None:
    row = restaurant(cast.asha, name="Café Mumbai")
    restaurant(cast.asha)
    assert list(root.get(listing(Restaurant), q="MUMBAI café").context["cl"].result_list) == [row]


@pytest.mark.usefixtures("_some")
@each_model
def test_it_needs_no_inline_script_or_style(root: Browser, model: type[models.Model]) -> None:
    pages = [root.get(listing(model)), root.get(changing(model._default_manager.order_by("-pk")[0]))]
    if model._meta.label in ADDABLE:
        pages.append(root.get(adding(model)))
    for page in pages:
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]
        assert not INLINE.search(page.content.decode()), page.request["PATH_INFO"]


# --- who --------------------------------------------------------------------------------------------
@pytest.fixture
def nora(cast: Cast) -> Browser:
    cast.nora.is_staff = True
    cast.nora.save()
    return Browser(cast.nora)


@each_model
def test_it_sends_who_is_not_staff_to_the_login(cast: Cast, model: type[models.Model]) -> None:
    for browser in (Browser(), Browser(cast.asha), Browser(cast.maya)):
        answer = browser.get(listing(model))
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/admin/login/")


@pytest.mark.usefixtures("db")
@each_model
def test_it_shows_nothing_to_staff_who_do_not_see_everything(model: type[models.Model]) -> None:
    kam = Browser(person(role="KAM", is_staff=True))
    assert kam.get("/admin/").status_code == 200
    assert kam.get(listing(model)).status_code == 403


@pytest.mark.usefixtures("_some")
@each_model
def test_it_lets_staff_who_see_everything_look_and_change_nothing(nora: Browser, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("-pk")[0]
    page = nora.get(changing(row))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert nora.post(changing(row), {}).status_code == 403
    assert nora.get(adding(model)).status_code == 403


@pytest.mark.usefixtures("db")
def test_it_gives_an_admin_who_is_no_superuser_everything() -> None:
    page = Browser(person(role="ADMIN", is_staff=True)).get("/admin/")
    shown = {model["object_name"] for app in page.context["app_list"] for model in app["models"]}
    assert shown == {model._meta.object_name for model in OURS}


@pytest.mark.usefixtures("_some")
@each_model
def test_it_never_deletes(root: Browser, model: type[models.Model]) -> None:
    row = model._default_manager.order_by("-pk")[0]
    assert root.post(f"{changing(row).removesuffix('change/')}delete/", {"post": "yes"}).status_code == 403
    root.act("delete_selected", row, post="yes")
    assert model._default_manager.filter(pk=row.pk).exists()
    assert "delete_selected" not in root.get(listing(model)).content.decode()


@pytest.mark.usefixtures("db")
def test_it_shows_the_login_to_anybody() -> None:
    assert Browser().get("/admin/login/").status_code == 200
