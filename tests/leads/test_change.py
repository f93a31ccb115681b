"""`PUT` and `PATCH /lead/restaurants/{id}/`, and `GET` of one row."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from leads.models import Restaurant
from tests.cast import NOON, Cast, api, restaurant

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


def test_it_shows_one_row(cast: Cast) -> None:
    row = restaurant(cast.asha, name="Chai Point", potential_revenue=Decimal("0.10"))
    answer = api(cast.asha).get(f"/lead/restaurants/{row.pk}/")
    assert answer.status_code == 200
    assert (answer.json()["id"], answer.json()["name"]) == (row.pk, "Chai Point")
    assert b'"potential_revenue":0.10,' in answer.content
    assert answer.json()["created_at"] == "2024-12-28T12:00:00Z"


@pytest.mark.parametrize("key", ["999999", "0", "999999999999999999"])
def test_it_is_not_there(cast: Cast, key: str) -> None:
    assert api(cast.root).get(f"/lead/restaurants/{key}/").status_code == 404
    assert api(cast.root).patch(f"/lead/restaurants/{key}/", {"name": "x"}).status_code == 404


def test_it_patches_what_is_named_and_nothing_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    before = api(cast.asha).get(f"/lead/restaurants/{row.pk}/").json()
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"potential_revenue": 0.1, "cuisine_type": "Thai"})
    assert answer.status_code == 200
    assert answer.json() == {
        **before,
        "potential_revenue": 0.1,
        "cuisine_type": "Thai",
        "updated_at": "2024-12-31T12:00:00Z",
        "version": 2,
    }
    row.refresh_from_db()
    assert (row.potential_revenue, row.cuisine_type, row.updated_at) == (Decimal("0.10"), "Thai", LATER)


def test_it_sets_to_null_what_may_be_null(cast: Cast) -> None:
    row = restaurant(cast.asha, cuisine_type="Thai", restaurant_type="Café")
    given = dict.fromkeys(["potential_revenue", "cuisine_type", "restaurant_type"])
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", given)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.potential_revenue, row.cuisine_type, row.restaurant_type) == (None, None, None)
    assert api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"name": None}).status_code == 400


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("1e3", "1000.00"), ("1E-2", "0.01"), ("-0.0", "0.00"), ("7", "7.00"), ("0.5", "0.50"), ("99999999.99",) * 2],
)
def test_it_writes_an_amount_with_two_places_however_it_was_sent(cast: Cast, sent: str, kept: str) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", f'{{"potential_revenue": {sent}}}')
    assert answer.status_code == 200
    assert f'"potential_revenue":{kept},'.encode() in answer.content
    assert Restaurant.objects.get(pk=row.pk).potential_revenue == Decimal(kept)


@pytest.mark.parametrize(
    "sent", ["0.001", "1e-3", "5000.000", "100000000", "1e8", "1e400", "-0.01", "true", '"1"', "[1]"]
)
def test_it_takes_no_amount_with_other_places_or_more_digits(cast: Cast, sent: str) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", f'{{"potential_revenue": {sent}}}')
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["potential_revenue"])
    assert Restaurant.objects.get(pk=row.pk).potential_revenue == Decimal("5000.00")


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_takes_an_answer_back_and_changes_nothing(cast: Cast, method: str) -> None:
    row = restaurant(cast.asha, parent=restaurant(cast.bela), country="IN", timezone="Asia/Kolkata")
    path = f"/lead/restaurants/{row.pk}/"
    before = api(cast.asha).get(path).json()
    answer = api(cast.asha)(method, path, before)
    assert (answer.status_code, answer.json()) == (200, before)
    assert Restaurant.objects.get(pk=row.pk).updated_at == NOON


def test_it_puts_a_changed_answer_back(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    changed = {**api(cast.asha).get(path).json(), "name": "Renamed", "notes": "", "potential_revenue": 99999999.99}
    answer = api(cast.asha).put(path, changed)
    assert answer.status_code == 200
    assert answer.json() == {**changed, "version": 2, "updated_at": "2024-12-31T12:00:00Z"}
    row.refresh_from_db()
    assert (row.name, row.notes, row.potential_revenue) == ("Renamed", "", Decimal("99999999.99"))


def test_it_puts_with_the_needed_fields_and_leaves_the_others(cast: Cast) -> None:
    row = restaurant(cast.asha, cuisine_type="Thai")
    needed = {name: getattr(row, name) for name in ("city", "state", "pincode", "contact_person", "phone", "email")}
    answer = api(cast.asha).put(f"/lead/restaurants/{row.pk}/", {**needed, "name": "Renamed"})
    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.name, row.cuisine_type, row.assigned_to) == ("Renamed", "Thai", cast.asha)
    answer = api(cast.asha).put(f"/lead/restaurants/{row.pk}/", needed)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["name"])


@pytest.mark.parametrize("name", ["id", "created_by", "created_at", "updated_at", "version"])
def test_it_ignores_what_is_only_read(cast: Cast, name: str) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {name: 77, "notes": "Called."})
    assert (answer.status_code, answer.json()["id"], answer.json()["notes"]) == (200, row.pk, "Called.")
    changed = Restaurant.objects.get(pk=row.pk)
    assert (changed.created_by, changed.created_at, changed.version) == (cast.asha, NOON, 2)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"nmae": "x"}, "nmae"),
        ({"potential_revenue": -1}, "potential_revenue"),
        ({"potential_revenue": 100_000_000}, "potential_revenue"),
        ({"email": "nobody"}, "email"),
        ({"lead_status": "OPEN"}, "lead_status"),
        ({"assigned_to": 999_999}, "assigned_to"),
    ],
)
def test_it_refuses_the_whole_when_a_part_is_wrong(cast: Cast, given: dict[str, object], name: str) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"notes": "Called.", **given})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])
    row.refresh_from_db()
    assert (row.notes, row.version) == ("Interested in premium features.", 1)


def test_it_normalises_the_phone_again_when_number_or_country_changes(cast: Cast) -> None:
    row = restaurant(cast.asha, phone="212 555 0123", country="US")
    path = f"/lead/restaurants/{row.pk}/"
    assert row.phone_e164 == "+12125550123"
    api(cast.asha).patch(path, {"phone": "212-555-0199"})
    assert Restaurant.objects.get(pk=row.pk).phone_e164 == "+12125550199"
    api(cast.asha).patch(path, {"country": "GB", "phone": "020 7946 0018"})
    assert Restaurant.objects.get(pk=row.pk).phone_e164 == "+442079460018"
    api(cast.asha).patch(path, {"country": "US"})
    row.refresh_from_db()
    assert (row.phone, row.phone_e164) == ("020 7946 0018", "")


def test_it_changes_the_pools_but_not_a_colleagues(cast: Cast) -> None:
    free, taken = restaurant(), restaurant(cast.bela)
    assert api(cast.asha).patch(f"/lead/restaurants/{free.pk}/", {"notes": "Mine soon."}).status_code == 200
    assert api(cast.asha).patch(f"/lead/restaurants/{taken.pk}/", {"notes": "Mine."}).status_code == 404
    assert api(cast.nora).patch(f"/lead/restaurants/{taken.pk}/", {"notes": "Mine."}).status_code == 403
    assert api(cast.maya).patch(f"/lead/restaurants/{taken.pk}/", {"notes": "Ours."}).status_code == 200
    taken.refresh_from_db()
    assert taken.notes == "Ours."
