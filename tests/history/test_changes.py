"""`GET …/{id}/history/`: who changed what, when, and from where."""

from __future__ import annotations

from typing import Any

import pytest

from common.models import Change
from kams.models import User
from leads.models import Restaurant
from tests.cast import NOON, PASSWORD, RESTAURANT, Cast, api, call_plan, contact, interaction, person, restaurant
from tests.interaction_tracking.test_record import ORDER

pytestmark = pytest.mark.usefixtures("noon")

AT = "2024-12-28T12:00:00Z"


def history(who: User, path: str) -> Any:
    answer = api(who).get(f"{path}history/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def said(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: (value["old"], value["new"]) for name, value in changes.items()}


# --- what is written down -------------------------------------------------------------------------
def test_it_tells_what_a_change_changed(cast: Cast) -> None:
    row = restaurant(cast.asha, notes="Ask for the chef.")
    path = f"/lead/restaurants/{row.pk}/"
    assert api(cast.asha).patch(path, {"potential_revenue": 7500.5, "notes": "Ask for the chef."}).status_code == 200
    newest, first = history(cast.maya, path)
    assert newest == {
        "id": Change.objects.of(Restaurant).latest("pk").pk,
        "at": AT,
        "by": "asha",
        "from": "127.0.0.1",
        "action": "CHANGED",
        "changes": {"potential_revenue": {"old": 5000.00, "new": 7500.5}},
    }
    assert (first["action"], first["by"]) == ("CREATED", None)  # no request made it
    assert b'"old":5000.00,"new":7500.50' in api(cast.maya).get(f"{path}history/").content


def test_it_tells_of_a_new_row_all_that_is_not_empty(cast: Cast) -> None:
    made = api(cast.asha).post("/lead/restaurants/", {**RESTAURANT, "opening_hours": {"mon": [["11:00", "23:00"]]}})
    (first,) = history(cast.asha, f"/lead/restaurants/{made.json()['id']}/")
    assert (first["action"], first["by"]) == ("CREATED", "asha")
    changes = said(first["changes"])
    assert {old for old, _ in changes.values()} == {None}
    new = {name: value for name, (_, value) in changes.items()}
    assert new.pop("opening_hours") == {"mon": [["11:00", "23:00"]]}
    assert new == {**RESTAURANT, "assigned_to": cast.asha.pk, "created_by": cast.asha.pk, "notify_contacts": False}


def test_it_keeps_a_change_and_its_history_together(cast: Cast) -> None:
    row = restaurant(cast.asha)
    caller, bela = api(cast.asha), cast.bela.pk
    before = Change.objects.count()
    path = f"/lead/restaurants/{row.pk}/"
    assert caller.patch(path, {"notes": row.notes}).status_code == 200  # no change
    assert caller.patch(path, {"lead_status": "NEVER"}).status_code == 400
    assert caller.post(f"{path}allocate/", {"to": bela}).status_code == 403
    assert Change.objects.count() == before


def test_it_tells_of_status_and_allocation_by_every_door(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path, root = f"/lead/restaurants/{row.pk}/", api(cast.root)
    root.post(f"{path}change_status/", {"status": "CONTACTED"})
    root.post(f"{path}allocate/", {"to": cast.bela.pk})
    root.post("/lead/restaurants/allocate/", {"to": cast.carl.pk, "ids": [row.pk]})
    root.post(f"/kam/people/{cast.carl.pk}/deactivate/", {"to_pool": True})
    assert [said(one["changes"]) for one in history(cast.root, path)[:4]] == [
        {"assigned_to": (cast.carl.pk, None)},
        {"assigned_to": (cast.bela.pk, cast.carl.pk)},
        {"assigned_to": (cast.asha.pk, cast.bela.pk)},
        {"lead_status": ("NEW", "CONTACTED")},
    ]
    assert list(Change.objects.of(Restaurant).filter(row=row.pk).values_list("version", flat=True)) == [
        5,
        4,
        3,
        2,
        1,
    ]


def test_it_tells_that_a_row_was_put_away_and_brought_back(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    api(cast.asha).delete(path)
    assert api(cast.asha).get(f"{path}history/").status_code == 404  # a KAM has no archive
    assert history(cast.maya, path)[0]["action"] == "ARCHIVED"
    api(cast.maya).post(f"{path}restore/")
    assert [(one["action"], one["by"], one["changes"]) for one in history(cast.asha, path)[:2]] == [
        ("RESTORED", "maya", {}),
        ("ARCHIVED", "asha", {}),
    ]


@pytest.mark.parametrize("kind", ["contact", "interaction", "plan", "restaurant"])
def test_it_tells_of_what_is_in_the_archive_to_whom_that_is_open(cast: Cast, kind: str) -> None:
    omar, place = person("omar", role="MANAGER"), restaurant(cast.asha)
    who = contact(place)
    path = {
        "contact": f"/contact/contacts/{who.pk}/",
        "interaction": f"/track/interactions/{interaction(who).pk}/",
        "plan": f"/call/{call_plan(place).pk}/",
        "restaurant": f"/lead/restaurants/{place.pk}/",
    }[kind]
    people = (cast.maya, cast.nora, cast.root, cast.asha, cast.bela, cast.carl, omar)
    for gone in (path, f"/lead/restaurants/{place.pk}/"):  # itself, then all that it hangs below
        api(cast.asha).delete(gone)
        answers = [api(one).get(f"{path}history/").status_code for one in people]
        assert answers == [200, 200, 200, 404, 404, 404, 404]
    assert history(cast.nora, path)[0]["action"] == "ARCHIVED"
    Change.objects.all().delete()
    assert history(cast.maya, path) == []
    assert [api(one).get(f"{path}history/").status_code for one in people] == answers


def test_it_tells_of_an_order_and_of_who_took_part(cast: Cast) -> None:
    who = contact(restaurant(cast.asha))
    other = contact(who.restaurant)
    row = interaction(who, order=ORDER, participants=[other])
    path = f"/track/interactions/{row.pk}/"
    api(cast.asha).put(f"{path}order_details/", {**ORDER, "quantity": 51})
    api(cast.asha).patch(path, {"participants": []})
    emptied, priced, made = history(cast.asha, path)
    assert said(emptied["changes"]) == {"participants": ([other.pk], [])}
    assert said(priced["changes"]) == {"order.quantity": (50, 51)}
    new = {name: value for name, (_, value) in said(made["changes"]).items()}
    assert new["participants"] == [other.pk]
    assert (new["order.quantity"], new["order.total_price"], new["order.order_date"]) == (50, 500.0, AT)
    assert new["order_placed"] is True


def test_it_tells_of_contacts_and_plans(cast: Cast) -> None:
    place = restaurant(cast.asha)
    who, plan = contact(place), call_plan(place)
    api(cast.asha).patch(f"/contact/contacts/{who.pk}/", {"phone": "+91 98200 12345"})
    api(cast.asha).post(f"/call/{plan.pk}/record_call/")
    assert said(history(cast.asha, f"/contact/contacts/{who.pk}/")[0]["changes"]) == {"phone": ("", "+91 98200 12345")}
    changes = said(history(cast.asha, f"/call/{plan.pk}/")[0]["changes"])
    assert changes["last_called"] == (None, AT)
    assert changes.keys() == {"last_called", "next_call_date"}


def test_it_tells_that_a_password_was_changed_and_nothing_of_it(cast: Cast) -> None:
    cast.asha.set_password(PASSWORD)
    cast.asha.save()
    body = {"current_password": PASSWORD, "new_password": "quite another horse"}
    assert api(cast.asha).post("/kam/me/password/", body).status_code == 200
    cast.asha.refresh_from_db()
    newest = history(cast.asha, f"/kam/people/{cast.asha.pk}/")[0]
    assert (newest["by"], newest["changes"]) == ("asha", {"password": {"old": None, "new": None}})
    everything = "".join(Change.objects.values_list("changes", flat=True))
    for secret in (cast.asha.password, "pbkdf2", "argon2", "md5$", "token_generation"):
        assert secret not in everything


def test_it_tells_nothing_of_a_log_in(cast: Cast) -> None:
    cast.asha.set_password(PASSWORD)
    cast.asha.save()
    before = Change.objects.count()
    assert api().post("/api/token/", {"username": "asha", "password": PASSWORD}).status_code == 200
    assert Change.objects.count() == before


def test_it_says_nobody_where_nobody_had_logged_in(cast: Cast) -> None:
    body = {"token": cast.asha.reset_secret, "new_password": "quite another horse"}
    assert api().post("/kam/password-reset/confirm/", body).status_code == 200
    cast.asha.refresh_from_db()
    newest = history(cast.asha, f"/kam/people/{cast.asha.pk}/")[0]
    assert (newest["by"], list(newest["changes"])) == (None, ["password"])


# --- from where -----------------------------------------------------------------------------------
def test_it_tells_managers_and_admins_where_a_change_came_from(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    api(cast.asha).patch(path, {"notes": "New."})
    seen = {
        name: history(who, path)[0]["from"] for name, who in cast.everybody().items() if name not in {"bela", "carl"}
    }
    assert seen == {"asha": None, "maya": "127.0.0.1", "nora": None, "root": "127.0.0.1"}


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_it_believes_our_own_proxies_only(cast: Cast, settings: Any, proxies: int, address: str) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    path = f"/lead/restaurants/{restaurant(cast.asha).pk}/"
    api(cast.asha).patch(path, {"notes": "New."}, X_Forwarded_For="198.51.100.1, 203.0.113.7")
    assert history(cast.maya, path)[0]["from"] == address


@pytest.mark.parametrize(("sent", "kept"), [("trace-1.a_B", True), ("two words", False), ("x" * 65, False)])
def test_it_keeps_what_the_request_is_called(cast: Cast, sent: str, kept: bool) -> None:  # noqa: FBT001 - a table
    path = f"/lead/restaurants/{restaurant(cast.asha).pk}/"
    api(cast.asha).patch(path, {"notes": "New."}, X_Request_ID=sent)
    found = Change.objects.latest("pk").request
    assert (found == sent) == kept
    assert found


def test_it_forgets_who_asked_with_the_request(cast: Cast) -> None:
    row = restaurant(cast.asha)
    api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"notes": "New."})
    row.refresh_from_db()
    row.revise(by=cast.asha, at=NOON, notes="Newer.")
    change = Change.objects.latest("pk")
    assert (change.by, change.address, change.request) == (None, "", "")


# --- who, and in pages ----------------------------------------------------------------------------
def test_it_shows_the_history_of_people_to_themselves_and_their_managers(cast: Cast) -> None:
    omar = person("omar", role="MANAGER")
    api(cast.maya).patch(f"/kam/people/{cast.asha.pk}/", {"first_name": "Asha"})
    path = f"/kam/people/{cast.asha.pk}/history/"
    answers = {who.username: api(who).get(path).status_code for who in (*cast.everybody().values(), omar)}
    assert answers == {"root": 200, "asha": 200, "maya": 200, "bela": 403, "nora": 403, "carl": 404, "omar": 404}
    assert said(history(cast.asha, f"/kam/people/{cast.asha.pk}/")[0]["changes"]) == {"first_name": ("", "Asha")}


def test_it_comes_in_pages_newest_first(cast: Cast) -> None:
    row, caller = restaurant(cast.asha), api(cast.asha)
    other = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/"
    for number in range(5):
        caller.patch(path, {"notes": f"Note {number}"})
        caller.patch(f"/lead/restaurants/{other.pk}/", {"notes": f"Other {number}"})
    seen: list[str] = []
    link = f"{path}history/?page_size=2&count=exact"
    while link:
        answer = caller.get(link)
        assert answer["X-Total-Count"] == "6"
        seen += [one["changes"]["notes"]["new"] for one in answer.json()]
        parts = [part for part in answer["Link"].split(", ") if 'rel="next"' in part]
        link = parts[0][1 : parts[0].index(">")].removeprefix("http://testserver") if parts else ""
    assert seen == [f"Note {number}" for number in (4, 3, 2, 1, 0)] + [RESTAURANT["notes"]]


def test_it_is_empty_for_what_is_older_than_the_history(cast: Cast) -> None:
    row = restaurant(cast.asha)
    Change.objects.all().delete()
    assert history(cast.asha, f"/lead/restaurants/{row.pk}/") == []
    assert api(cast.asha).get("/lead/restaurants/999999/history/").status_code == 404
