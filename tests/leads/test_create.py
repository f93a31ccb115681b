"""`POST /lead/restaurants/`."""

from decimal import Decimal
from typing import Any

import pytest

from kams.models import User
from leads.models import Allocation, Restaurant, StatusChange
from tests.cast import NOON, RESTAURANT, Cast, api, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/lead/restaurants/"
NEEDED = {
    "name": "Chai Point",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "contact_person": "Ravi Rao",
    "phone": "+91 98450 12345",
    "email": "ravi@chai.example",
}


def refused(caller: User, **changes: Any) -> Any:
    """The refusal of an otherwise good restaurant; nothing may have been written."""
    answer = api(caller).post(PATH, {**NEEDED, **changes})
    assert not Restaurant.objects.filter(name__in=(NEEDED["name"], changes.get("name"))).exists()
    return answer.status_code, sorted(answer.json()["errors"])


def test_it_enters_a_restaurant_with_what_is_needed_and_defaults_for_the_rest(cast: Cast) -> None:
    answer = api(cast.asha).post(PATH, NEEDED)
    row = Restaurant.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"http://testserver/lead/restaurants/{row.pk}/"
    assert answer.json() == {
        **NEEDED,
        "id": row.pk,
        "address": "",
        "country": "",
        "region": "",
        "timezone": "",
        "opening_hours": {},
        "lead_status": "NEW",
        "potential_revenue": None,
        "notes": "",
        "assigned_to": cast.asha.pk,
        "cuisine_type": None,
        "restaurant_type": None,
        "source": "",
        "notify_contacts": False,
        "parent": None,
        "created_by": cast.asha.pk,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (row.assigned_to, row.created_by, row.created_at, row.lead_status) == (cast.asha, cast.asha, NOON, "NEW")


def test_it_keeps_every_field_that_is_given(cast: Cast) -> None:
    head = restaurant(cast.asha)
    given = {
        **NEEDED,
        "address": "1 MG Road",
        "country": "IN",
        "timezone": "Asia/Kolkata",
        "lead_status": "CONVERTED",
        "potential_revenue": 12500.5,
        "notes": "Prefers calls in the morning.",
        "assigned_to": cast.asha.pk,
        "cuisine_type": "Indian",
        "restaurant_type": "Café",
        "source": "Fair",
        "parent": head.pk,
    }
    answer = api(cast.asha).post(PATH, given)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in given} == given
    row = Restaurant.objects.get(pk=answer.json()["id"])
    assert row.potential_revenue == Decimal("12500.50")
    assert (row.parent, row.timezone, row.restaurant_type) == (head, "Asia/Kolkata", "Café")
    assert not StatusChange.objects.exists()  # the status it begins with is no change


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_it_needs_each_of_seven_fields(cast: Cast, name: str) -> None:
    without = {key: value for key, value in NEEDED.items() if key != name}
    answer = api(cast.asha).post(PATH, without)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    assert refused(cast.asha, **{name: ""}) == (400, [name])
    assert refused(cast.asha, **{name: None}) == (400, [name])
    assert not Restaurant.objects.exists()


@pytest.mark.parametrize(
    ("name", "longest"),
    [("name", 200), ("city", 100), ("state", 100), ("pincode", 10), ("contact_person", 200), ("phone", 20)],
)
def test_it_takes_texts_up_to_their_length(cast: Cast, name: str, longest: int) -> None:
    assert refused(cast.asha, **{name: "1" * (longest + 1)}) == (400, [name])
    answer = api(cast.asha).post(PATH, {**NEEDED, name: "1" * longest})
    assert answer.status_code == 201
    assert getattr(Restaurant.objects.get(), name) == "1" * longest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "no address"),
        ("lead_status", "OPEN"),
        ("lead_status", None),
        ("potential_revenue", -0.01),
        ("potential_revenue", 100_000_000),
        ("potential_revenue", 0.001),
        ("potential_revenue", "5000.00"),
        ("timezone", "Mars/Olympus"),
        ("country", "IND"),
        ("assigned_to", 999_999),
        ("assigned_to", "1"),
        ("parent", 999_999),
        ("nmae", "Chai Point"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, name: str, value: object) -> None:
    assert refused(cast.root, **{name: value}) == (400, [name])


@pytest.mark.parametrize("amount", ["0", "0.10", "0.01", "5000.00", "99999999.99", "null"])
def test_it_keeps_the_digits_of_an_amount(cast: Cast, amount: str) -> None:
    body = '{"potential_revenue": ' + amount + "," + ",".join(f'"{key}": "{value}"' for key, value in NEEDED.items())
    answer = api(cast.asha).post(PATH, body + "}")
    assert answer.status_code == 201
    kept = Restaurant.objects.get().potential_revenue
    assert kept == (None if amount == "null" else Decimal(amount))
    shown = amount if kept is None else f"{kept:.2f}"
    assert f'"potential_revenue":{shown},'.encode() in answer.content


def test_it_ignores_what_is_not_the_callers_to_say(cast: Cast) -> None:
    told = {"id": 77, "created_by": cast.bela.pk, "created_at": "1999-01-01T00:00:00Z", "version": 9}
    answer = api(cast.asha).post(PATH, {**NEEDED, **told, "updated_at": None})
    row = Restaurant.objects.get()
    assert (answer.status_code, answer.json()["version"], answer.json()["id"]) == (201, 1, row.pk)
    assert (row.created_by, row.created_at, row.version) == (cast.asha, NOON, 1)


# --- whose it is ------------------------------------------------------------------------------


def test_it_is_the_kams_own_and_the_history_says_since_when(cast: Cast) -> None:
    api(cast.asha).post(PATH, NEEDED)
    allocation = Allocation.objects.get()
    assert (allocation.kam, allocation.allocated_by, allocation.started_at) == (cast.asha, cast.asha, NOON)
    assert allocation.ended_at is None


@pytest.mark.parametrize("who", ["maya", "root"])
def test_it_is_the_pools_when_a_manager_or_admin_names_nobody(cast: Cast, who: str) -> None:
    answer = api(getattr(cast, who)).post(PATH, NEEDED)
    assert (answer.status_code, answer.json()["assigned_to"]) == (201, None)
    assert Restaurant.objects.get().assigned_to is None
    assert not Allocation.objects.exists()


def test_it_is_the_pools_when_the_kam_says_so(cast: Cast) -> None:
    answer = api(cast.asha).post(PATH, {**NEEDED, "assigned_to": None})
    assert (answer.status_code, answer.json()["assigned_to"]) == (201, None)
    assert Restaurant.objects.get().assigned_to is None
    assert not Allocation.objects.exists()


def test_it_is_not_a_colleagues_unless_a_manager_says_so(cast: Cast) -> None:
    assert refused(cast.asha, assigned_to=cast.bela.pk) == (403, ["assigned_to"])
    answer = api(cast.maya).post(PATH, {**NEEDED, "assigned_to": cast.bela.pk})
    assert (answer.status_code, answer.json()["assigned_to"]) == (201, cast.bela.pk)
    assert Allocation.objects.get().allocated_by == cast.maya


def test_it_takes_somebody_unseen_for_nobody(cast: Cast) -> None:
    answers = [api(cast.asha).post(PATH, {**NEEDED, "assigned_to": key}) for key in (cast.carl.pk, 999_999)]
    for answer, key in zip(answers, (cast.carl.pk, 999_999), strict=True):
        assert (answer.status_code, answer.json()["errors"]) == (
            400,
            {"assigned_to": [f"There is no row with the id {key}."]},
        )
    assert refused(cast.maya, assigned_to=cast.carl.pk) == (400, ["assigned_to"])


def test_it_is_given_to_nobody_who_cannot_work_on_it(cast: Cast) -> None:
    gone = person(team=cast.south, is_active=False)
    assert refused(cast.root, assigned_to=cast.nora.pk) == (400, ["assigned_to"])
    assert refused(cast.root, assigned_to=gone.pk) == (400, ["assigned_to"])
    assert refused(cast.maya, assigned_to=gone.pk) == (400, ["assigned_to"])


def test_it_is_refused_to_who_only_reads_and_to_who_is_nobody(cast: Cast) -> None:
    assert api(cast.nora).post(PATH, NEEDED).status_code == 403
    assert api().post(PATH, NEEDED).status_code == 401
    assert not Restaurant.objects.exists()


# --- phones -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "country", "normalised"),
    [
        ("+91 98450 12345", "", "+919845012345"),
        ("098450-12345", "", "+919845012345"),
        ("98450 12345", "IN", "+919845012345"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("050 123 4567", "AE", "+971501234567"),
        ("+44 20 7946 0018", "IN", "+442079460018"),
        ("+1234567890", "", ""),
        ("ask the owner", "", ""),
        ("12", "", ""),
    ],
)
def test_it_keeps_the_phone_as_typed_and_normalised(cast: Cast, phone: str, country: str, normalised: str) -> None:
    answer = api(cast.asha).post(PATH, {**NEEDED, "phone": phone, "country": country})
    row = Restaurant.objects.get()
    assert (answer.status_code, answer.json()["phone"], row.phone) == (201, phone, phone)
    assert row.phone_e164 == normalised


def test_it_takes_the_published_example(cast: Cast) -> None:
    answer = api(cast.root).post(PATH, {**RESTAURANT, "assigned_to": cast.root.pk})
    assert (answer.status_code, answer.json()["assigned_to"]) == (201, cast.root.pk)
