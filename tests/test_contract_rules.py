"""The rules that hold for every endpoint, each tried on every operation there is: a new one keeps them too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from common.api.views import Lists
from contact.models import Contact
from leads.models import Restaurant
from tests.cast import NOON, Api, Cast, api, contact, restaurant
from tests.ledger import marks
from tests.paging import ids, links, pages
from tests.routes import Operation, operations
from tests.world import World, account_for

pytestmark = pytest.mark.usefixtures("noon")

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "errors"}
# Open to nobody in particular, or about secrets: they take no part in rows, pages and versions.
DOORS = (
    "/api/",
    "/health/",
    "/kam/sign-up/",
    "/kam/password-reset/",
    "/kam/me/password/",
    "/kam/me/sessions/",
    "/kam/me/log-out-everywhere/",
    "/call/calendar/",
    "/notifications/unsubscribe/",
)

# It tells a secret, once: its own tests say how.
TOLD_ONCE = {"POST /kam/api-keys/"}


def is_paged(operation: Operation) -> bool:
    """Whether it answers rows in pages: the lists of resources, and the questions about them."""
    return issubclass(operation.view, Lists) and operation.action in {"list", "orders", "today"}


RULED = tuple(
    operation for operation in operations() if not operation.path.startswith(DOORS) and str(operation) not in TOLD_ONCE
)
LISTS = tuple(one for one in RULED if one.method == "GET" and is_paged(one))
ON_ROWS = tuple(one for one in RULED if "{pk}" in one.path)
DETAILS = tuple(one for one in RULED if one.action == "retrieve")
# Cut off where the caller wishes, and not gone on with: what comes next is another list by then.
RANKED = {"GET /call/next/"}
BODILESS = ("/restore/", "/claim/", "/read/", "/read_all/", "/unsnooze/")
WITH_BODY = tuple(one for one in RULED if one.method in {"POST", "PUT", "PATCH"} and not one.path.endswith(BODILESS))


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


@pytest.fixture
def caller(world: World) -> Api:
    return api(world.cast.root)


def path_of(world: World, operation: Operation) -> str:
    return world.path(operation.path.replace("{pk}", f"{{{account_for(operation)}}}"))


def lists(world: World) -> list[tuple[str, Any]]:
    """The path of each list, and its view."""
    return [(path_of(world, operation), operation.view) for operation in LISTS]


def rows(caller: Api, path: str) -> list[Any]:
    """What a list shows on all its pages."""
    return [row for page in pages(caller, path) for row in page]


def body_of(world: World, operation: Operation) -> Any:
    return world.body(str(operation), account_for(operation))


def is_problem(answer: Any, status: int) -> bool:
    problem = answer.json()
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    assert (problem.keys(), problem["status"], problem["instance"]) == (MEMBERS, status, answer.request["PATH_INFO"])
    assert problem["type"] == f"urn:kam:problem:{problem['code']}"
    assert all(isinstance(messages, list) for messages in problem["errors"].values())
    return True


def tried(caller: Api, world: World, operation: Operation, **headers: str) -> Any:
    """What the operation answers; its effect is taken back."""
    point = transaction.savepoint()
    answer = caller(operation.method, path_of(world, operation), body_of(world, operation), **headers)
    transaction.savepoint_rollback(point)
    return answer


# --- JSON in and out --------------------------------------------------------------------------


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, name)
    else:
        yield name, value


def test_it_answers_json_with_numbers_for_decimals_and_utc_for_moments(caller: Api, world: World) -> None:
    seen: dict[str, set[type]] = {}
    moments = 0
    for operation in RULED:
        answer = tried(caller, world, operation)
        assert answer.status_code < 300, (operation, answer.content)
        assert answer.status_code == 204 or answer["Content-Type"] == "application/json", operation
        for name, value in leaves(json.loads(answer.content or b"null", parse_float=Decimal)):
            seen.setdefault(name, set()).add(type(value))
            if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
                moments += 1
                assert value.endswith("Z"), (operation, name, value)
                assert datetime.fromisoformat(value).tzinfo is not None
    # A restaurant of others may have none.
    assert seen["potential_revenue"] - {type(None)} == seen["total_price"] == {Decimal}
    assert seen["id"] == seen["quantity"] == {int}
    assert moments > 100


def test_it_refuses_whoever_does_not_say_who_they_are(world: World) -> None:
    for caller in (api(), Api("no.token.really")):
        for operation in RULED:
            answer = tried(caller, world, operation)
            assert is_problem(answer, 401), operation
            assert answer["WWW-Authenticate"].startswith("Bearer"), operation


def test_it_offers_only_the_listed_methods(caller: Api, world: World) -> None:
    offered: dict[str, set[str]] = {}
    for operation in operations():
        offered.setdefault(operation.path, set()).add(operation.method)
    for operation in RULED:
        path, methods = path_of(world, operation), offered[operation.path]
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = caller(method, path, {})
            assert is_problem(answer, 405), (method, path)
            assert methods <= set(answer["Allow"].split(", "))


@pytest.mark.parametrize(
    "path", ["/", "/leads/", "/lead/restaurants", "/lead/restaurants/abc/", "/call/today", "/call/1.0/"]
)
def test_it_answers_an_unknown_path_with_a_problem(caller: Api, path: str) -> None:
    assert is_problem(caller.get(path), 404)
    assert is_problem(caller.post(path, {}), 404)


def test_it_speaks_json_only(caller: Api, world: World) -> None:
    for operation in RULED:
        assert is_problem(tried(caller, world, operation, Accept="text/html"), 406), operation
    for operation in WITH_BODY:
        path = path_of(world, operation)
        form = caller.client.generic(
            operation.method,
            path,
            "name=x",
            content_type="application/x-www-form-urlencoded",
            headers={"Authorization": f"Bearer {caller.token}"},
        )
        assert is_problem(form, 415), operation
        for malformed in ("{", "[]", '"x"', "NaN"):
            assert is_problem(caller(operation.method, path, malformed), 400), (operation, malformed)
        assert is_problem(caller(operation.method, path, f'{{"notes": "{"x" * 1_000_000}"}}'), 413), operation


# --- What is not known ------------------------------------------------------------------------


def test_it_names_an_unknown_parameter_and_the_nearest_known_one(caller: Api, world: World) -> None:
    before = marks()
    for operation in RULED:
        path = f"{path_of(world, operation)}?page_sise=1"
        answer = caller(operation.method, path, body_of(world, operation))
        assert is_problem(answer, 400), operation
        message = answer.json()["errors"]["page_sise"][0]
        assert ("“page_size”" in message) == (operation in LISTS or str(operation) in RANKED), operation
    assert marks() == before


def test_it_names_an_unknown_key_and_the_nearest_known_one(caller: Api, world: World) -> None:
    before = marks()
    for operation in WITH_BODY:
        body = body_of(world, operation) or {}
        known = next(iter(body), "last_called")
        answer = caller(operation.method, path_of(world, operation), {**body, f"{known}x": 1})
        assert is_problem(answer, 400), operation
        assert answer.json()["errors"].keys() == {f"{known}x"}, operation
        assert f"“{known}”" in answer.json()["errors"][f"{known}x"][0], operation
    assert marks() == before


def test_it_takes_every_answer_back(caller: Api, world: World) -> None:
    replaced = [operation for operation in RULED if operation.method == "PUT"]
    assert len(replaced) >= 8
    for operation in replaced:
        path = path_of(world, operation)
        shown = caller.get(path)
        assert shown.status_code == 200, operation
        for method in ("PUT", "PATCH") if operation.action == "update" else ("PUT",):
            answer = caller(method, path, shown.content.decode())
            assert (answer.status_code, answer.content) == (200, shown.content), operation


# --- Lists ------------------------------------------------------------------------------------


def test_it_lists_bare_arrays_in_pages_with_links(caller: Api, world: World) -> None:
    for path, _ in lists(world):
        answer, whole = caller.get(path), rows(caller, path)
        assert answer.json() == whole[:500], path
        assert links(answer)["first"] == path, path
        assert links(answer).keys() == ({"first", "next"} if len(whole) > 500 else {"first"}), path
        assert "X-Total-Count" not in answer, path
        # A page of one at a time shows the same rows, each once; of some where there are hundreds.
        assert rows(caller, f"{path}?page_size={1 + len(whole) // 100}") == whole, path
        if len(whole) > 1:
            first = caller.get(f"{path}?page_size=1")
            assert links(first).keys() == {"next", "first"}, path
            assert links(caller.get(links(first)["next"]))["first"] == f"{path}?page_size=1", path


def test_it_counts_only_when_asked(caller: Api, world: World) -> None:
    for path, _ in lists(world):
        answer = caller.get(f"{path}?count=exact&page_size=1")
        assert answer["X-Total-Count"] == str(len(rows(caller, path))), path
        assert is_problem(caller.get(f"{path}?count=true"), 400)


@pytest.mark.parametrize("size", ["0", "1001", "-1", "1.0", "ten", "", "\uff11"])
def test_it_takes_pages_of_1_to_1000_rows(caller: Api, world: World, size: str) -> None:
    for path, _ in lists(world):
        answer = caller.get(f"{path}?page_size={size}")
        assert is_problem(answer, 400), path
        assert list(answer.json()["errors"]) == ["page_size"], path
        assert caller.get(f"{path}?page_size=1000").status_code == 200


def test_it_takes_its_own_cursors_only(caller: Api, world: World) -> None:
    for path, _ in lists(world):
        for cursor in ("x", "W10=", "e30=", "bnVsbA=="):
            answer = caller.get(f"{path}?cursor={cursor}")
            assert is_problem(answer, 400), path
            assert list(answer.json()["errors"]) == ["cursor"], path


def test_it_orders_by_what_each_list_offers(caller: Api, world: World) -> None:
    for path, view in lists(world):
        for name in view.ordering_fields:
            for sign in ("", "-"):
                answer = caller.get(f"{path}?ordering={sign}{name}")
                values = [(row[name], row.get("id", row.get("restaurant_id"))) for row in answer.json()]
                known = [value for value in values if value[0] is not None]
                assert known == sorted(known, reverse=bool(sign)), (path, sign, name)
                assert values[: len(known)] == known, "what has no value comes last"
        assert is_problem(caller.get(f"{path}?ordering=version"), 400), path


def test_it_shows_500_rows_a_page_by_default(cast: Cast) -> None:
    place = restaurant(cast.asha)
    one = contact(place)
    Contact.objects.bulk_create(
        Contact(restaurant=place, name=one.name, role=one.role, email=one.email) for _ in range(500)
    )
    found = pages(api(cast.asha), "/contact/contacts/")
    assert [len(page) for page in found] == [500, 1]
    assert len(set(ids([row for page in found for row in page]))) == 501


def test_it_shows_each_row_that_stayed_once_while_others_come_and_go(cast: Cast) -> None:
    stay = [restaurant(cast.asha, name=f"Row {letter}").pk for letter in "bdfhj"]
    go = [restaurant(cast.asha, name=f"Row {letter}") for letter in "aeg"]
    caller, seen = api(cast.asha), []
    path = "/lead/restaurants/?ordering=name&page_size=1"
    while path:
        answer = caller.get(path)
        seen += ids(answer.json())
        path = links(answer).get("next", "")
        restaurant(cast.asha, name=f"Row {'aczik'[len(seen) % 5]}")
        if go:
            caller.delete(f"/lead/restaurants/{go.pop().pk}/")
        if len(seen) > 30:
            break
    assert [pk for pk in seen if pk in stay] == stay
    assert len(seen) == len(set(seen))


# --- Writing ----------------------------------------------------------------------------------


def test_it_creates_with_201_and_a_location_and_acts_with_200(caller: Api, world: World) -> None:
    created = 0
    for operation in RULED:
        if operation.method != "POST":
            continue
        point = transaction.savepoint()
        answer = caller.post(path_of(world, operation), body_of(world, operation))
        if operation.action == "create":
            created += 1
            assert answer.status_code == 201, operation
            shown = caller.get(answer["Location"].removeprefix("http://testserver"))
            assert (shown.status_code, shown.content, shown["ETag"]) == (200, answer.content, answer["ETag"]), operation
        else:
            assert (answer.status_code, "Location" in answer) == (200, False), operation
        transaction.savepoint_rollback(point)
    assert created >= 4


def test_it_has_each_effect_once_for_an_idempotency_key(caller: Api, world: World) -> None:
    for operation in RULED:
        if operation.method != "POST":
            continue
        point = transaction.savepoint()
        path, body = path_of(world, operation), body_of(world, operation)
        first = caller.post(path, body, Idempotency_Key="a key")
        kept = marks()
        again = caller.post(path, body, Idempotency_Key="a key")
        assert (again.status_code, again.content) == (first.status_code, first.content), operation
        assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False), operation
        assert again.get("Location") == first.get("Location"), operation
        assert marks() == kept, operation
        assert is_problem(caller.post(path, {"other": 1}, Idempotency_Key="a key"), 422), operation
        transaction.savepoint_rollback(point)
        for wrong in ("", "x" * 256, "naïve"):
            assert is_problem(caller.post(path, body, Idempotency_Key=wrong), 400), operation


def test_it_shows_a_row_again_only_when_it_has_changed(caller: Api, world: World) -> None:
    for operation in DETAILS:
        path = path_of(world, operation)
        tag = caller.get(path)["ETag"]
        same = caller.get(path, If_None_Match=tag)
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", tag), operation
        assert caller.get(path, If_None_Match='"0-0"').status_code == 200, operation


def test_it_changes_only_the_version_that_was_read(caller: Api, world: World) -> None:
    changing = [one for one in ON_ROWS if one.method != "GET" and one.action != "restore"]
    for operation in changing:
        shown = re.sub(r"(/\d+/).*", r"\1", path_of(world, operation))
        before = marks()
        stale = caller(operation.method, path_of(world, operation), body_of(world, operation), If_Match='"99-0"')
        assert is_problem(stale, 412), operation
        assert marks() == before, operation
        answer = tried(caller, world, operation, If_Match=caller.get(shown)["ETag"])
        assert answer.status_code < 300, operation
        assert tried(caller, world, operation, If_Match="*").status_code < 300, operation


def test_it_can_demand_the_version(caller: Api, world: World, settings: Any) -> None:
    settings.REQUIRE_IF_MATCH = True
    for operation in ON_ROWS:
        if operation.method in {"PUT", "PATCH", "DELETE"}:
            assert is_problem(tried(caller, world, operation), 428), operation
    assert [row.name for row in Restaurant.objects.filter(archived_at=NOON)] == ["archived"]
