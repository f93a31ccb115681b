"""The published contract, row by row and example by example, as other systems call it.

Each test replays rows of the contract and says which; a route that no test replays, and that is not listed as our own,
fails. Everything is asked twice: by an admin as `createsuperuser` makes one, and by a KAM; both log in as published.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command

from kams.models import User
from tests.cast import PASSWORD, Api, api
from tests.ours import operations_of_ours
from tests.published import CONTACT, INTERACTION, ORDER, PLAN, RESTAURANT, Client, matches
from tests.routes import operations

TODAY = datetime(2024, 12, 28, 10, 0, tzinfo=UTC)
REPLAYED: set[str] = set()

pytestmark = pytest.mark.django_db


def row(*replayed: str) -> Callable[[Any], Any]:
    """Say which operations of the contract a test replays."""
    REPLAYED.update(replayed)
    return lambda test: test


@pytest.fixture(autouse=True)
def _today(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    with time_machine.travel(TODAY, tick=False):
        yield


@pytest.fixture(params=["admin", "KAM"])
def client(request: Any) -> Client:
    if request.param == "admin":
        call_command("createsuperuser", username="me", email="me@kams.example", interactive=False, verbosity=0)
    else:
        User.objects.create_user("me", "me@kams.example", PASSWORD)
    pair = api().post("/api/token/", {"username": "me", "password": PASSWORD}).json()
    return Client(Api(pair["access"]), {"me": User.objects.get(username="me").pk})


@pytest.fixture
def full(client: Client) -> Client:
    """A client that has made the examples."""
    client.make("restaurant", "/lead/restaurants/", RESTAURANT)
    client.make("contact", "/contact/contacts/", CONTACT)
    client.make("interaction", "/track/interactions/", INTERACTION)
    client.make("plan", "/call/", PLAN)
    return client


# --- Authentication ---------------------------------------------------------------------------


@row("POST /api/token/")
@pytest.mark.parametrize("name", ["me", "me@kams.example", "ME@kams.example"])
@pytest.mark.usefixtures("client")
def test_it_logs_in_by_username_or_address(name: str) -> None:
    answer = api().post("/api/token/", {"username": name, "password": PASSWORD})
    assert (answer.status_code, answer.json().keys()) == (200, {"access", "refresh"})
    assert Api(answer.json()["access"]).get("/lead/").status_code == 200
    for wrong in ({"username": name, "password": "wrong"}, {"username": "nobody", "password": PASSWORD}):
        assert api().post("/api/token/", wrong).status_code == 401


@row("POST /api/token/refresh/")
@pytest.mark.usefixtures("client")
def test_it_rotates_tokens() -> None:
    first = api().post("/api/token/", {"username": "me", "password": PASSWORD}).json()
    answer = api().post("/api/token/refresh/", {"refresh": first["refresh"]})
    second = answer.json()
    assert (answer.status_code, second.keys()) == (200, {"access", "refresh"})
    assert second["refresh"] != first["refresh"]
    # Used again it is refused, and with it all that came of it.
    assert api().post("/api/token/refresh/", {"refresh": first["refresh"]}).status_code == 401
    assert api().post("/api/token/refresh/", {"refresh": second["refresh"]}).status_code == 401


@row("POST /api/token/verify/", "POST /api/token/blacklist/")
@pytest.mark.usefixtures("client")
def test_it_verifies_and_ends_tokens() -> None:
    pair = api().post("/api/token/", {"username": "me", "password": PASSWORD}).json()
    verified = [api().post("/api/token/verify/", {"token": token}) for token in pair.values()]
    assert [(answer.status_code, answer.json()) for answer in verified] == [(200, {}), (200, {})]
    assert api().post("/api/token/verify/", {"token": "no token"}).status_code == 401
    ended = api().post("/api/token/blacklist/", {"refresh": pair["refresh"]})
    assert (ended.status_code, ended.json()) == (200, {})
    assert api().post("/api/token/refresh/", {"refresh": pair["refresh"]}).status_code == 401


def test_it_takes_an_access_token_for_thirty_minutes(client: Client) -> None:
    for minutes, status in ((29, 200), (31, 401)):
        with time_machine.travel(TODAY + timedelta(minutes=minutes), tick=False):
            client.send("GET", "/lead/", status=status)


# --- Leads ------------------------------------------------------------------------------------


@row("GET /lead/", "GET /contact/", "GET /track/", "GET /performance/")
@pytest.mark.parametrize(
    ("root", "names"),
    [
        ("/lead/", {"restaurants", "collaborators", "covers"}),
        ("/contact/", {"contacts"}),
        ("/track/", {"interactions"}),
        ("/performance/", {"performing-accounts", "underperforming-accounts", "order-patterns"}),
    ],
)
def test_it_has_an_index_of_links_at_each_modules_root(client: Client, root: str, names: set[str]) -> None:
    links = client.send("GET", root)
    published = {name: f"http://testserver{root}{name}/" for name in names}
    assert published.items() <= links.items()
    for link in published.values():
        assert client.listed(link.removeprefix("http://testserver")) == []


@row("POST /lead/restaurants/", "GET /lead/restaurants/{pk}/")
def test_it_creates_the_published_restaurant(client: Client) -> None:
    body = client.make("restaurant", "/lead/restaurants/", RESTAURANT)
    created = {"created_at": "2024-12-28T10:00:00Z", "updated_at": "2024-12-28T10:00:00Z"}
    assert matches(body, {**client.says(RESTAURANT), **created, "cuisine_type": None, "restaurant_type": None})
    assert b'"potential_revenue":5000.00,' in client.content
    assert client.send("GET", "/lead/restaurants/{restaurant}/") == body
    assert b'"potential_revenue":5000.00,' in client.content


@row("GET /lead/restaurants/")
def test_it_lists_and_filters_restaurants(full: Client) -> None:
    rows = full.listed("/lead/restaurants/")
    assert [row["id"] for row in rows] == [full.keys["restaurant"]]
    assert b'"potential_revenue":5000.00,' in full.content
    for name, found, missed in [
        ("status", "NEW", "LOST"),
        ("lead_status", "NEW", "LOST"),
        ("assigned_to", "{me}", "none"),
        ("city", "New%20York", "Pune"),
        ("state", "New%20York", "Goa"),
        ("min_revenue", "5000", "5000.01"),
        ("max_revenue", "5000.00", "4999.99"),
        ("created_after", "2024-12-28T10:00:00Z", "2024-12-28T10:00:01Z"),
        ("created_before", "2024-12-28T10:00:01Z", "2024-12-28T10:00:00Z"),
        ("search", "great", "small"),
    ]:
        assert len(full.listed(f"/lead/restaurants/?{name}={found}")) == 1, name
        assert full.listed(f"/lead/restaurants/?{name}={missed}") == [], name
    full.send("PATCH", "/lead/restaurants/{restaurant}/", '{"cuisine_type": "Thai", "restaurant_type": "Bar"}')
    for query, count in {"cuisine_type=Thai": 1, "cuisine_type=x": 0, "restaurant_type=Bar": 1}.items():
        assert len(full.listed(f"/lead/restaurants/?{query}")) == count


@row("PUT /lead/restaurants/{pk}/", "PATCH /lead/restaurants/{pk}/", "DELETE /lead/restaurants/{pk}/")
def test_it_changes_and_deletes_a_restaurant(full: Client) -> None:
    path = "/lead/restaurants/{restaurant}/"
    renamed = RESTAURANT.replace("Great", "Greatest").replace("5000.00", "99999999.99")
    assert matches(full.send("PUT", path, renamed), full.says(renamed))
    assert b'"potential_revenue":99999999.99,' in full.content
    body = full.send("PATCH", path, '{"notes": "", "potential_revenue": null}')
    assert (body["name"], body["notes"], body["potential_revenue"]) == ("The Greatest Restaurant", "", None)
    assert full.send("DELETE", path, status=204) is None
    full.send("GET", path, status=404)
    full.send("DELETE", path, status=404)


@row("POST /lead/restaurants/{pk}/change_status/", "GET /lead/restaurants/{pk}/status_history/")
def test_it_changes_the_status_and_tells_the_history(full: Client) -> None:
    path = "/lead/restaurants/{restaurant}/"
    assert full.send("POST", f"{path}change_status/", '{"status": "CONTACTED"}')["lead_status"] == "CONTACTED"
    body = full.send("POST", f"{path}change_status/", '{"status": "CONVERTED", "reason": "Signed"}')
    assert body == full.send("GET", path)
    full.send("POST", f"{path}change_status/", '{"status": "NEW"}', status=409)
    newest, oldest = full.send("GET", f"{path}status_history/")
    step = {"old_status": "CONTACTED", "new_status": "CONVERTED", "changed_by": "me", "reason": "Signed"}
    assert matches(newest, {**step, "changed_at": "2024-12-28T10:00:00Z"})
    assert matches(oldest, {"old_status": "NEW", "new_status": "CONTACTED", "changed_by": "me", "reason": ""})
    assert isinstance(newest["id"], int)


# --- Contacts ---------------------------------------------------------------------------------


@row("POST /contact/contacts/", "GET /contact/contacts/", "GET /contact/contacts/{pk}/")
def test_it_creates_and_lists_the_published_contact(full: Client) -> None:
    contact = full.send("GET", "/contact/contacts/{contact}/")
    assert matches(contact, {**full.says(CONTACT), "id": full.keys["contact"]})
    for query, count in {
        "": 1,
        "restaurant={restaurant}": 1,
        "restaurant=999999": 0,
        "role=Manager": 1,
        "role=Chef": 0,
        "search=doe": 1,
        "search=nobody": 0,
    }.items():
        assert full.listed(f"/contact/contacts/?{query}") == [contact] * count, query
    other = CONTACT.replace("123-456-7890", "+1234567890")
    assert full.make("other", "/contact/contacts/", other)["phone"] == "+1234567890"


@row("PUT /contact/contacts/{pk}/", "PATCH /contact/contacts/{pk}/", "DELETE /contact/contacts/{pk}/")
def test_it_changes_and_deletes_a_contact(full: Client) -> None:
    path, renamed = "/contact/contacts/{contact}/", CONTACT.replace("John", "Jane")
    assert matches(full.send("PUT", path, renamed), full.says(renamed))
    assert full.send("PATCH", path, '{"role": "Owner"}')["role"] == "Owner"
    assert full.send("DELETE", path, status=204) is None
    full.send("GET", path, status=404)


# --- Interactions -----------------------------------------------------------------------------


@row("POST /track/interactions/", "GET /track/interactions/", "GET /track/interactions/{pk}/")
def test_it_records_and_lists_the_published_interaction(full: Client) -> None:
    interaction = full.send("GET", "/track/interactions/{interaction}/")
    assert matches(interaction, {**full.says(INTERACTION), "id": full.keys["interaction"]})
    for name, found, missed in [
        ("lead", "{restaurant}", "999999"),
        ("contact", "{contact}", "999999"),
        ("interaction_type", "CALL", "ORDER"),
        ("order_placed", "false", "true"),
        ("status", "DONE", "PLANNED"),
        ("date_after", "2024-12-24T15:30:00Z", "2024-12-24T15:30:01Z"),
        ("date_before", "2024-12-24T15:30:01Z", "2024-12-24T15:30:00Z"),
    ]:
        assert full.listed(f"/track/interactions/?{name}={found}") == [interaction], name
        assert full.listed(f"/track/interactions/?{name}={missed}") == [], name
    bare = INTERACTION.replace(', "order_placed": false, "date": "2024-12-24T15:30:00Z"', "")
    now = full.make("now", "/track/interactions/", bare)
    assert (now["date"], now["order_placed"]) == ("2024-12-28T10:00:00Z", False)


@row("PUT /track/interactions/{pk}/", "PATCH /track/interactions/{pk}/", "DELETE /track/interactions/{pk}/")
def test_it_changes_and_deletes_an_interaction(full: Client) -> None:
    path, visit = "/track/interactions/{interaction}/", INTERACTION.replace("CALL", "VISIT")
    assert matches(full.send("PUT", path, visit), full.says(visit))
    assert full.send("PATCH", path, '{"details": "Rang twice."}')["details"] == "Rang twice."
    assert full.send("DELETE", path) == {"message": "Interaction deleted successfully."}
    full.send("GET", path, status=404)


@row("GET /track/interactions/orders/")
@row("GET /track/interactions/{pk}/order_details/", "PUT /track/interactions/{pk}/order_details/")
def test_it_keeps_what_was_ordered(full: Client) -> None:
    path = "/track/interactions/{interaction}/"
    full.send("GET", f"{path}order_details/", status=404)
    assert full.listed("/track/interactions/orders/") == []
    assert full.send("PUT", f"{path}order_details/", ORDER) == full.says(ORDER)
    assert full.send("GET", f"{path}order_details/") == full.says(ORDER)
    assert b'"total_price":500.00,' in full.content
    flagged = full.send("GET", path)
    assert flagged["order_placed"] is True
    assert full.listed("/track/interactions/orders/") == [flagged]
    assert full.listed("/track/interactions/orders/?lead={restaurant}") == [flagged]
    assert full.listed("/track/interactions/orders/?lead=999999") == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_it_takes_a_nested_order(full: Client, method: str) -> None:
    order = INTERACTION.replace("CALL", "ORDER").replace('"order_placed": false', f'"order": {ORDER}')
    path = "/track/interactions/" if method == "POST" else "/track/interactions/{interaction}/"
    body = full.send(method, path, order, status=201 if method == "POST" else 200)
    assert (body["order"], body["order_placed"]) == (full.says(ORDER), True)
    assert full.send("GET", f"/track/interactions/{body['id']}/order_details/") == full.says(ORDER)
    refused = order.replace('"details"', '"order_placed": false, "details"')
    assert list(full.send(method, path, refused, status=400)["errors"]) == ["order_placed"]
    undated = order.replace(', "date": "2024-12-24T15:30:00Z"', "").replace("12-25T12", "12-26T12")
    body = full.send("POST", "/track/interactions/", undated, status=201)
    assert (body["date"], body["order"]["order_date"]) == ("2024-12-28T10:00:00Z", "2024-12-26T12:00:00Z")


# --- Call plans -------------------------------------------------------------------------------


@row("POST /call/", "GET /call/", "GET /call/{pk}/")
def test_it_plans_and_lists_calls(full: Client) -> None:
    plan = full.send("GET", "/call/{plan}/")
    fresh = {"id": full.keys["plan"], "last_called": None, "next_call_date": "2024-12-29T00:00:00Z"}
    assert matches(plan, {**full.says(PLAN), **fresh})
    for query, count in {
        "": 1,
        "lead={restaurant}": 1,
        "lead=999999": 0,
        "frequency=DAILY": 1,
        "frequency=WEEKLY": 0,
        "due_after=2024-12-29T00:00:00Z": 1,
        "due_before=2024-12-29T00:00:00Z": 0,
    }.items():
        assert full.listed(f"/call/?{query}") == [plan] * count, query
    assert f"call plan {plan['id']}" in full.send("POST", "/call/", PLAN, status=409)["detail"]


@row("POST /call/{pk}/record_call/", "PATCH /call/{pk}/set_frequency/")
def test_it_counts_from_the_call_as_published(full: Client) -> None:
    called = full.send("POST", "/call/{plan}/record_call/", '{"last_called": "2024-12-28T10:00:00Z"}')
    example = {"last_called": "2024-12-28T10:00:00Z", "next_call_date": "2024-12-29T10:00:00Z"}
    assert matches(called, {**full.says(PLAN), **example, "id": full.keys["plan"]})
    assert full.send("POST", "/call/{plan}/record_call/") == called  # the same moment, by default
    weekly = full.send("PATCH", "/call/{plan}/set_frequency/", '{"frequency": "WEEKLY"}')
    assert matches(weekly, {**example, "frequency": "WEEKLY", "next_call_date": "2025-01-04T10:00:00Z"})
    assert full.send("GET", "/call/{plan}/") == weekly


@row("GET /call/today/")
def test_it_lists_what_requires_a_call_today(full: Client) -> None:
    assert full.listed("/call/today/") == []
    plan = full.send("PATCH", "/call/{plan}/", '{"next_call_date": "2024-12-28T23:59:59Z"}')
    assert full.listed("/call/today/") == [plan]


@row("PUT /call/{pk}/", "PATCH /call/{pk}/", "DELETE /call/{pk}/")
def test_it_changes_and_deletes_a_plan(full: Client) -> None:
    path, noted = "/call/{plan}/", PLAN.replace("Initial", "Second")
    assert matches(full.send("PUT", path, noted), full.says(noted))
    assert full.send("PATCH", path, '{"next_call_date": "2025-02-01T10:00:00+01:00"}')["next_call_date"] == (
        "2025-02-01T09:00:00Z"
    )
    assert full.send("DELETE", path) == {"detail": "Successfully deleted the call plan."}
    full.send("GET", path, status=404)
    full.make("plan", "/call/", PLAN)


# --- Performance ------------------------------------------------------------------------------


@row("GET /performance/performing-accounts/", "GET /performance/underperforming-accounts/")
def test_it_ranks_accounts(full: Client) -> None:
    shape = {"id": full.keys["restaurant"], "name": "The Great Restaurant", "lead_status": "NEW"}
    slow = {**shape, "potential_revenue": 5000.00, "cuisine_type": None, "restaurant_type": None}
    assert full.listed("/performance/underperforming-accounts/") == [slow]
    assert b'"potential_revenue":5000.00,' in full.content
    assert full.listed("/performance/performing-accounts/") == []
    won = '{"lead_status": "CONVERTED", "potential_revenue": 10000, "cuisine_type": "Thai", "restaurant_type": "Bar"}'
    full.send("PATCH", "/lead/restaurants/{restaurant}/", won)
    queries = "assigned_to={me}", "city=New%20York", "cuisine_type=Thai", "restaurant_type=Bar"
    for query in (*queries, "min_revenue=10000", "max_revenue=10000"):
        found = full.listed(f"/performance/performing-accounts/?{query}")
        assert found == [{**shape, **json.loads(won)}], query
        assert full.listed(f"/performance/underperforming-accounts/?{query}") == [], query


@row("GET /performance/order-patterns/")
def test_it_counts_orders(full: Client) -> None:
    full.send("PUT", "/track/interactions/{interaction}/order_details/", ORDER)
    pattern = {"restaurant_id": full.keys["restaurant"], "name": "The Great Restaurant"}
    counted = [{**pattern, "orders_last_month": 0, "orders_this_month": 1}]
    assert full.listed("/performance/order-patterns/") == counted
    for query, found in {
        "assigned_to={me}": counted,
        "city=x": [],
        "cuisine_type=x": [],
        "restaurant_type=x": [],
    }.items():
        assert full.listed(f"/performance/order-patterns/?{query}") == found


def test_it_replays_every_operation_that_is_offered() -> None:
    ours = operations_of_ours()
    offered = set(map(str, operations()))
    assert not offered - REPLAYED - ours, "Replay what was added, or list it as our own."
    assert not (REPLAYED | ours) - offered, "The contract promises what is no longer offered."
    assert not REPLAYED & ours
