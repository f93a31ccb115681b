"""Personal data: what is kept about somebody is shown to them, and goes for good when an admin says so."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import connection, models

from call_planning.models import Block
from common import traces
from common.audit import Audit
from common.tasks import seal_audit
from contact.models import Contact
from interaction_tracking import archive
from interaction_tracking.models import Interaction, Order
from kams.models import Erasure, Invitation, Session, User
from kams.tasks import erase_traces
from leads.models import Restaurant
from notifications.models import Message
from tests.cast import NOON, Cast, api, call_plan, contact, cover, interaction, person, restaurant

pytestmark = pytest.mark.usefixtures("noon", "folder")

DAY = timedelta(days=1)
# What says nothing about people, although it is text: names of things, codes, keys and digests. Or it goes another way:
# people's own rows are changed or removed, and the history is redacted.
IMPERSONAL = """
    admin.logentry.object_id axes.accessattempt axes.accessattemptexpiration axes.accessfailurelog axes.accesslog
    call_planning.calendarfeed call_planning.callplan.frequency common.change common.idempotencyrecord
    common.jobrun.host common.jobrun.job common.jobrun.state common.seal contact.contact.call_window
    contact.contact.email contact.contact.name contact.contact.phone contact.contact.phone_e164
    contact.contact.role_kind contact.contact.search_text interaction_tracking.interaction.interaction_type
    interaction_tracking.interaction.status kams.apikey.digest kams.apikey.prefix kams.apikey.scopes
    kams.erasure.counts kams.erasure.kind kams.erasure.places kams.erasure.words kams.invitation kams.session
    kams.team kams.user leads.restaurant.address leads.restaurant.city leads.restaurant.country
    leads.restaurant.cuisine_type leads.restaurant.lead_status leads.restaurant.name leads.restaurant.opening_hours
    leads.restaurant.pincode leads.restaurant.region leads.restaurant.restaurant_type leads.restaurant.search_text
    leads.restaurant.source leads.restaurant.state leads.restaurant.timezone leads.statuschange.new_status
    leads.statuschange.old_status notifications.message.address notifications.message.channel
    notifications.message.key notifications.message.kind notifications.message.state notifications.preference
    performance_tracking.orderrhythm.state performance_tracking.scale performance_tracking.typicalcycle
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.RETENTION_FOLDER = str(tmp_path)
    return tmp_path


def dump() -> str:
    """Every value of every table, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a name of our own
            found += [str(bytes(value) if isinstance(value, memoryview) else value) for row in cursor for value in row]
    return "\n".join(found).casefold()


def erase(who: Contact | User, *, by: User, **body: Any) -> Any:
    family = "contact/contacts" if isinstance(who, Contact) else "kam/people"
    return api(by).post(f"/{family}/{who.pk}/erase/", body)


def finish() -> None:
    erase_traces(NOON)


def jane(of: Restaurant, **fields: Any) -> Contact:
    named = {
        "name": "Jane Quince",
        "email": "jane@quince.example",
        "phone": "+91 98765 43210",
        "address": "Quince Lane",
    }
    return contact(of, **{**named, **fields})


def known_everywhere(cast: Cast) -> Contact:
    """A contact whom every part of the service names."""
    place = restaurant(
        cast.asha,
        contact_person="Jane Quince",
        phone="+91 98765 43210",
        email="jane@quince.example",
        notes="Ask for JANE QUINCE in the morning.",
        notify_contacts=True,
    )
    who, other = jane(place), contact(place, name="Omar Reed", role="Brother of Jane Quince")
    interaction(who, details="She is ill.", order={"product_details": "Rice", "quantity": 2, "total_price": 80})
    interaction(
        other, details="Omar says that Jane Quince (jane@quince.example) decides.", outcome="Jane Quince decides"
    )
    plan = call_plan(place, notes="Not before ten, says Jane Quince.")
    plan.keep(*plan.take({"snooze_reason": "Jane Quince is away."}), at=NOON)
    Block.objects.add(restaurant=place, by=cast.asha, at=NOON, ends_at=NOON + DAY, reason="Jane Quince marries.")
    place.change_status("CONTACTED", by=cast.asha, at=NOON, reason="Met Jane Quince")
    place.allocate(to=cast.bela, by=cast.root, at=NOON, reason="Jane Quince asked for it")
    LogEntry.objects.create(user=cast.root, object_repr="Jane Quince", action_flag=2, change_message="Jane Quince")
    body = {"restaurant": place.pk, "name": "Jane Quince", "role": "Owner", "email": "jane@quince.example"}
    api(cast.bela).post("/contact/contacts/", body, **{"Idempotency-Key": "one"})
    Contact.objects.exclude(pk__in=(who.pk, other.pk)).delete()
    return who


# --- what goes, and what stays ------------------------------------------------------------------------
def test_it_leaves_no_trace_of_a_contact(cast: Cast, folder: Path) -> None:
    who = known_everywhere(cast)
    record = {"id": 900, "lead_id": who.restaurant_id, "contact_id": who.pk, "details": "Ill.", "outcome": ""}
    named = {**record, "id": 901, "contact_id": None, "details": "Jane Quince was there."}
    archive.write(folder, "interactions-900-901", [record, named])
    words = ("jane quince", "jane@quince.example", "98765 43210", "+919876543210", "quince lane", "ill.", "is ill")
    assert all(word in dump() for word in words[:4])
    answer = erase(who, by=cast.root, reason="Asked for it.")
    assert (answer.status_code, answer.json()["done_at"]) == (200, None)
    finish()
    left = dump()
    assert [word for word in words if word in left] == []
    files = [record for path in folder.iterdir() for record in archive.read(path)]
    assert [(one["id"], one["details"]) for one in files] == [(900, "[erased]"), (901, "[erased] was there.")]
    place = Restaurant.objects.get(pk=who.restaurant_id)
    assert (place.contact_person, place.phone, place.email) == ("", "", "")
    assert place.notes == "Ask for [erased] in the morning."


def test_it_keeps_orders_and_figures(cast: Cast) -> None:
    who = known_everywhere(cast)
    reports = (
        "/performance/order-patterns/",
        "/performance/summary/",
        "/performance/trends/",
        "/performance/performing-accounts/",
        f"/performance/accounts/{who.restaurant_id}/",
    )
    before = [_figures(cast, path) for path in reports]
    orders = list(Order.objects.values_list("pk", "quantity", "total_price", "order_date"))
    erase(who, by=cast.root)
    finish()
    assert [_figures(cast, path) for path in reports] == before
    assert list(Order.objects.values_list("pk", "quantity", "total_price", "order_date")) == orders
    assert Interaction.objects.filter(contact=who).count() == 1


def test_it_leaves_the_history_as_one_that_can_be_checked(cast: Cast) -> None:
    """What was taken out of it is a redaction, and every version has its change."""
    who = known_everywhere(cast)
    seal_audit(NOON)
    erase(who, by=cast.root)
    finish()
    seal_audit(NOON)
    audit = Audit()
    audit.check()
    assert (audit.problems, len(audit.redactions) > 0) == ([], True)
    told = api(cast.root).get(f"/lead/restaurants/{who.restaurant_id}/history/").json()
    assert told[0]["changes"]["notes"] == {"old": None, "new": None}


def test_it_keeps_what_names_others(cast: Cast) -> None:
    place, elsewhere = (
        restaurant(cast.asha, notes="Annual plan with Ann."),
        restaurant(cast.asha, notes="Ann was here."),
    )
    who = contact(place, name="Ann", email="ann@example.com")
    contact(elsewhere, name="Ann", email="another@example.com")
    erase(who, by=cast.root)
    finish()
    notes = list(Restaurant.objects.order_by("pk").values_list("notes", flat=True))
    assert notes == ["Annual plan with [erased].", "Ann was here."]
    assert Contact.objects.get(restaurant=elsewhere).name == "Ann"


def test_it_looks_through_the_whole_chain(cast: Cast) -> None:
    head = restaurant(cast.asha)
    branch = restaurant(cast.asha, parent=head, notes="Jane Quince visits.")
    erase(jane(head), by=cast.root)
    finish()
    assert Restaurant.objects.get(pk=branch.pk).notes == "[erased] visits."


def test_it_puts_the_contact_away_and_writes_to_them_no_more(cast: Cast) -> None:
    who = jane(restaurant(cast.asha, notify_contacts=True), is_primary=True)
    interaction(who)
    erase(who, by=cast.root)
    row = Contact.objects.get(pk=who.pk)
    assert (row.name, row.email, row.is_primary, row.opted_out, row.archived_at) == ("[erased]", "", False, True, NOON)
    assert api(cast.asha).get(f"/contact/contacts/{who.pk}/").status_code == 404
    finish()
    assert not Message.objects.filter(contact=who).exists()


def test_it_leaves_no_trace_of_a_person(cast: Cast) -> None:
    who = person("quentin.moss", first_name="Quentin", last_name="Moss")
    place = restaurant(cast.asha, notes="Quentin Moss knows them.")
    interaction(contact(place), details="quentin.moss called; write to quentin.moss@kams.example", kam=who)
    cover(cast.asha, cast.bela, reason="While Quentin Moss is away")
    Session.objects.open(user=who, at=NOON, until=NOON + DAY, jti="x")
    Invitation.objects.create(email=who.email, expires_at=NOON)
    AccessAttempt.objects.create(username=who.username, ip_address="192.0.2.1", failures_since_start=1)
    facts = {"kam": "quentin.moss", "restaurant": "a restaurant", "by": "root"}
    Message.objects.tell_address(_some_kind(), who.email, key="k", at=NOON, facts=facts)
    api(cast.root).post(f"/kam/people/{who.pk}/deactivate/", {})
    answer = erase(who, by=cast.root)
    assert answer.status_code == 200, answer.content
    finish()
    left = dump()
    assert [word for word in ("quentin", "moss", "192.0.2.1") if word in left] == []
    row = User.objects.get(pk=who.pk)
    assert (row.username, row.is_active, row.has_usable_password()) == (f"erased-{who.pk}", False, False)
    assert Interaction.objects.get().kam_id == who.pk


def test_twenty_people_are_erased_and_no_report_changes(cast: Cast) -> None:
    """Sixty strings of theirs, and none is found."""
    people, words = [], []
    for number in range(20):
        name, mail, phone = (
            f"Given{number} Family{number}",
            f"given{number}@people.example",
            f"+91 22 5550 1{number:03}",
        )
        place = restaurant(cast.asha, lead_status="CONVERTED", notes=f"{name}, {mail}, {phone}", contact_person=name)
        who = contact(place, name=name, email=mail, phone=phone)
        details = f"{name} orders by {mail}."
        interaction(who, details=details, order={"product_details": f"For {name}", "quantity": 1, "total_price": 10})
        people.append(who)
        words += [name.casefold(), mail, phone]
    report = api(cast.root).get("/performance/order-patterns/").content
    assert all(word in dump() for word in words)
    for who in people:
        assert erase(who, by=cast.root).status_code == 200
    finish()
    left = dump()
    assert (len(words), [word for word in words if word in left]) == (60, [])
    assert api(cast.root).get("/performance/order-patterns/").content == report


# --- stopped and run again ----------------------------------------------------------------------------
def test_a_job_that_dies_is_done_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    erase(known_everywhere(cast), by=cast.root)
    with monkeypatch.context() as patched:
        patched.setattr(traces.Texts, "erase", _dies)
        with pytest.raises(SystemExit):
            finish()
    erasure = Erasure.objects.get()
    assert (erasure.done_at, "Jane Quince" in erasure.words) == (None, True)
    finish()
    erasure.refresh_from_db()
    assert (erasure.done_at, erasure.words, erasure.places) == (NOON, [], [])
    assert "quince" not in dump()
    counts = erasure.counts
    finish()
    erasure.refresh_from_db()
    assert erasure.counts == counts


def test_the_answer_says_how_far_it_is(cast: Cast) -> None:
    made = erase(known_everywhere(cast), by=cast.root, reason="By letter, says Jane Quince.").json()
    finish()
    answer = api(cast.root).get(f"/kam/erasures/{made['id']}/").json()
    assert (answer["kind"], answer["asked_by"], answer["reason"]) == (
        "contact",
        cast.root.pk,
        "By letter, says [erased].",
    )
    assert (answer["done_at"], answer["counts"]["interactions"]) == ("2024-12-28T12:00:00Z", 1)
    assert api(cast.root).get("/kam/erasures/").json() == [answer]
    assert api(cast.maya).get("/kam/erasures/").json() == []


# --- who may ------------------------------------------------------------------------------------------
def test_who_works_here_is_not_erased(cast: Cast) -> None:
    answer = erase(cast.asha, by=cast.root)
    assert (answer.status_code, answer.json()["code"]) == (409, "still_active")
    assert not Erasure.objects.exists()
    assert User.objects.get(pk=cast.asha.pk).username == "asha"


def test_only_an_admin_erases(cast: Cast) -> None:
    who = jane(restaurant(cast.asha))
    for other in (cast.asha, cast.maya, cast.nora):
        assert erase(who, by=other).status_code == 403
    assert Contact.objects.get(pk=who.pk).name == "Jane Quince"
    assert not Erasure.objects.exists()


# --- what is shown ------------------------------------------------------------------------------------
def test_it_shows_everything_about_a_contact(cast: Cast) -> None:
    who = known_everywhere(cast)
    answer = api(cast.root).get(f"/contact/contacts/{who.pk}/personal_data/").json()
    assert (answer["kind"], answer["id"], answer["made_at"]) == ("contact", who.pk, "2024-12-28T12:00:00Z")
    assert answer["held"]["contact"][0]["email"] == "jane@quince.example"
    assert [row["details"] for row in answer["held"]["interactions"]] == ["She is ill."]
    assert [row["kind"] for row in answer["held"]["messages"]] == ["interaction_notice"]


def test_it_shows_everything_about_oneself(cast: Cast) -> None:
    place = restaurant(cast.asha)
    interaction(contact(place))
    answer = api(cast.asha).get("/kam/me/personal-data/").json()
    held = answer["held"]
    assert (answer["kind"], answer["id"], held["profile"][0]["username"]) == ("person", cast.asha.pk, "asha")
    assert [row["restaurant"] for row in held["restaurants"]] == [place.pk]
    assert len(held["interactions"]) == 1
    assert "password" not in json.dumps(answer)


# --- nothing is forgotten -----------------------------------------------------------------------------
def test_every_text_is_looked_through_or_says_nothing_of_people() -> None:
    """A new column of text is declared in a `traces.py`, or listed above."""
    looked_through, impersonal = traces.columns(), set(IMPERSONAL.split())
    forgotten = []
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.label_lower
        if model._meta.proxy or name in impersonal or name.startswith(("auth.", "contenttypes.", "sessions.")):
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField | models.JSONField | models.BinaryField)
            known = field.name in looked_through.get(name, ()) or f"{name}.{field.name}" in impersonal
            if (is_text or field.get_internal_type() == "GeneratedField") and not known:
                forgotten.append(f"{name}.{field.name}")
    assert forgotten == []


def _figures(cast: Cast, path: str) -> Any:
    """The report; of an account without the number of its changes."""
    answer = api(cast.root).get(path).json()
    return {**answer, "version": None} if isinstance(answer, dict) else answer


def _dies(*_: Any) -> int:
    raise SystemExit


def _some_kind() -> Any:
    from notifications.kinds import KINDS  # noqa: PLC0415 - after every app has said what messages it has

    return next(kind for kind in KINDS.values())
