"""`POST /lead/restaurants/{id}/allocate/` and `…/claim/`, and who is told, whichever door it comes by."""

from collections.abc import Callable
from typing import Any

import pytest

from kams.models import User
from leads.models import Allocation, Restaurant
from notifications.models import Message
from notifications.words import words_of
from tests.admin.browser import Browser, changing
from tests.cast import NOON, RESTAURANT, Cast, api, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

Told = list[tuple[str, str, str]]


def allocate(row: Restaurant, to: User | None, *, by: User, **body: Any) -> Any:
    return api(by).post(f"/lead/restaurants/{row.pk}/allocate/", {"to": to.pk if to else None, **body})


def claim(row: Restaurant, *, by: User) -> Any:
    return api(by).post(f"/lead/restaurants/{row.pk}/claim/")


def told() -> Told:
    """Who was told what, on which channel."""
    return sorted(Message.objects.values_list("user__username", "kind", "channel"))


def both_channels(who: str, kind: str) -> Told:
    return [(who, kind, "EMAIL"), (who, kind, "IN_APP")]


def owner(row: Restaurant) -> User | None:
    row.refresh_from_db()
    return row.assigned_to


# --- one restaurant -----------------------------------------------------------------------------------
def test_it_gives_a_restaurant_to_somebody_with_a_reason(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = allocate(row, cast.bela, by=cast.maya, reason="Speaks Marathi.")
    assert (answer.status_code, answer.json()["assigned_to"], answer.json()["version"]) == (200, cast.bela.pk, 2)
    assert answer["ETag"] == api(cast.bela).get(f"/lead/restaurants/{row.pk}/")["ETag"]
    spells = Allocation.objects.order_by("pk").values_list("kam__username", "ended_at", "allocated_by", "reason")
    assert list(spells) == [
        ("asha", NOON, cast.asha.pk, ""),
        ("bela", None, cast.maya.pk, "Speaks Marathi."),
    ]


def test_it_changes_nothing_where_it_is_already(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = allocate(row, cast.asha, by=cast.maya, reason="Again")
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert (row.allocations.count(), told()) == (1, [])


def test_it_gives_back_to_the_pool(cast: Cast) -> None:
    row = restaurant(cast.asha)
    assert allocate(row, None, by=cast.asha).json()["assigned_to"] is None
    assert not row.allocations.running().exists()


def test_it_lets_a_kam_give_to_nobody_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = allocate(row, cast.bela, by=cast.asha)
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["to"])
    assert (owner(row), told()) == (cast.asha, [])


def test_it_gives_to_nobody_who_is_gone_or_only_reads(cast: Cast) -> None:
    row = restaurant(cast.asha)
    for to in (cast.nora, person(is_active=False)):
        answer = allocate(row, to, by=cast.root)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["to"])
    assert (owner(row), told()) == (cast.asha, [])


def test_it_keeps_a_manager_to_their_own_teams(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = allocate(row, cast.carl, by=cast.maya)
    assert answer.status_code == 400
    assert answer.json()["errors"] == {"to": [f"There is no row with the id {cast.carl.pk}."]}
    assert allocate(restaurant(cast.carl), cast.asha, by=cast.maya).status_code == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "to"), ({"to": "7"}, "to"), ({"to": 1.5}, "to"), ({"to": None, "reason": "x" * 501}, "reason"),
     ({"to": None, "why": "x"}, "why")],
)  # fmt: skip
def test_it_names_what_is_wrong(cast: Cast, body: Any, field: str) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.maya).post(f"/lead/restaurants/{row.pk}/allocate/", body)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert owner(row) == cast.asha


def test_it_refuses_who_read_an_older_version(cast: Cast) -> None:
    row = restaurant(cast.asha)
    seen = api(cast.maya).get(f"/lead/restaurants/{row.pk}/")["ETag"]
    row.revise(by=cast.asha, at=NOON, notes="Changed since.")
    path = f"/lead/restaurants/{row.pk}/allocate/"
    assert api(cast.maya).post(path, {"to": cast.bela.pk}, If_Match=seen).status_code == 412
    assert owner(row) == cast.asha


def test_it_does_it_once_for_one_idempotency_key(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path, body = f"/lead/restaurants/{row.pk}/allocate/", {"to": cast.bela.pk}
    answers = [api(cast.maya).post(path, body, Idempotency_Key="once") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert (row.allocations.count(), len(told())) == (2, 4)


# --- claim --------------------------------------------------------------------------------------------
def test_it_claims_from_the_pool_and_tells_nobody(cast: Cast) -> None:
    row = restaurant()
    assert claim(row, by=cast.asha).json()["assigned_to"] == cast.asha.pk
    assert claim(row, by=cast.asha).json()["version"] == 2  # again is no change
    assert claim(row, by=cast.bela).status_code == 404
    assert [spell.kam for spell in row.allocations.all()] == [cast.asha]
    assert told() == []


def test_it_lets_nobody_claim_what_somebody_has(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = claim(row, by=cast.maya)
    assert (answer.status_code, answer.json()["code"]) == (409, "taken_already")
    assert owner(row) == cast.asha


def test_it_lets_analysts_claim_nothing(cast: Cast) -> None:
    row = restaurant()
    assert claim(row, by=cast.nora).status_code == 403
    assert owner(row) is None


# --- who is told --------------------------------------------------------------------------------------
def by_action(cast: Cast, row: Restaurant) -> None:
    allocate(row, cast.bela, by=cast.root)


def by_patch(cast: Cast, row: Restaurant) -> None:
    api(cast.root).patch(f"/lead/restaurants/{row.pk}/", {"assigned_to": cast.bela.pk, "notes": "And a note."})


def by_many(cast: Cast, row: Restaurant) -> None:
    api(cast.root).post("/lead/restaurants/allocate/", {"to": cast.bela.pk, "ids": [row.pk]})


def by_page(cast: Cast, row: Restaurant) -> None:
    cast.bela  # noqa: B018 - she joins
    Browser(cast.root).fill_in(changing(row), assigned_to=str(cast.bela.pk), reason="On the page")


def by_list(cast: Cast, row: Restaurant) -> None:
    Browser(cast.root).act("allocate", row, person=cast.bela.pk)


@pytest.mark.parametrize("door", [by_action, by_patch, by_many, by_page, by_list])
def test_it_tells_both_whichever_door_it_comes_by(cast: Cast, door: Callable[[Cast, Restaurant], None]) -> None:
    row = restaurant(cast.asha)
    door(cast, row)
    assert owner(row) == cast.bela
    assert told() == both_channels("asha", "restaurant_taken_away") + both_channels("bela", "restaurant_allocated")
    for message in Message.objects.all():
        assert (message.restaurant_id, message.created_at) == (row.pk, NOON)
        assert (message.facts["by"], message.facts["to"], message.facts["count"]) == ("root", "bela", 1)


def test_it_tells_nobody_what_they_did_themselves(cast: Cast) -> None:
    row = restaurant(cast.maya)
    allocate(row, cast.bela, by=cast.maya)
    assert told() == both_channels("bela", "restaurant_allocated")
    allocate(row, cast.maya, by=cast.maya)
    assert told() == both_channels("bela", "restaurant_allocated") + both_channels("bela", "restaurant_taken_away")


def test_it_tells_who_gets_a_new_lead(cast: Cast) -> None:
    for to in (cast.asha, cast.maya, None):
        body = {**RESTAURANT, "assigned_to": to.pk if to else None}
        assert api(cast.maya).post("/lead/restaurants/", body).status_code == 201
    assert told() == both_channels("asha", "restaurant_allocated")


def test_it_tells_of_each_move_anew(cast: Cast) -> None:
    """There and back at one moment are two moves, and a new lead is one more."""
    row = restaurant(cast.asha, by=cast.root)
    for to in (None, cast.asha, cast.bela, cast.asha):
        allocate(row, to, by=cast.root)
    told_to = [(who, kind) for who, kind, channel in told() if channel == "EMAIL"]
    assert told_to == [
        *[("asha", "restaurant_allocated")] * 3,
        *[("asha", "restaurant_taken_away")] * 2,
        ("bela", "restaurant_allocated"),
        ("bela", "restaurant_taken_away"),
    ]


def test_it_tells_nothing_to_who_is_gone(cast: Cast) -> None:
    row = restaurant(cast.asha)
    User.objects.filter(pk=cast.asha.pk).update(is_active=False)
    allocate(row, cast.bela, by=cast.root)
    assert told() == both_channels("bela", "restaurant_allocated")


def test_it_says_who_has_it_now_and_why(cast: Cast) -> None:
    cast.asha.timezone = "Asia/Kolkata"
    cast.asha.save()
    row = restaurant(cast.asha, name="Spice <Garden>", city="Pune")
    allocate(row, cast.bela, by=cast.maya, reason="New\narea.")
    words = words_of(Message.objects.get(user=cast.asha, channel="EMAIL"))
    assert words.title == "Spice <Garden> is not yours any more"
    assert "maya gave Spice <Garden>, Pune, to bela on 28 December 2024, 17:30 IST.\nWhy: New\narea." in words.text
    assert "Spice &lt;Garden&gt;" in words.html
    assert "<Garden>" not in words.html
    allocate(row, None, by=cast.maya)
    words = words_of(Message.objects.get(user=cast.bela, channel="EMAIL", kind="restaurant_taken_away"))
    assert "maya gave Spice <Garden>, Pune, back to the pool on 28 December 2024, 12:00 UTC." in words.text


# --- coming back from the archive ---------------------------------------------------------------------
def test_it_restores_into_the_pool_where_the_owner_has_left(cast: Cast) -> None:
    row, kept = restaurant(cast.asha), restaurant(cast.bela)
    for one in (row, kept):
        one.archive(by=cast.root, at=NOON)
    assert api(cast.root).delete(f"/kam/people/{cast.asha.pk}/").status_code == 204
    for one in (row, kept):
        assert api(cast.root).post(f"/lead/restaurants/{one.pk}/restore/").status_code == 200
    assert (owner(row), owner(kept)) == (None, cast.bela)
    assert not row.allocations.running().exists()
