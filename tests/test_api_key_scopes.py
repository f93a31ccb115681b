"""How far an API key comes: every operation, with a key for just that, and with one for everything else.

The key is an admin's, so that only the scopes decide. What stands in no row of the table is closed to every key; a new
route is, until it is given a scope and a row.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from rest_framework.permissions import SAFE_METHODS

from common.api.views import BaseView
from kams.choices import Scope
from kams.models import ApiKey
from tests.cast import NOON, Cast, api
from tests.ledger import marks
from tests.routes import PAGES, Operation, operations
from tests.test_schema import documented
from tests.world import World, account_for

# Which operations a scope opens, by how their paths begin.
TABLE = {
    "leads": ("/lead/restaurants/", "/lead/collaborators/", "/lead/covers/"),
    "contacts": ("/contact/contacts/",),
    "interactions": ("/track/interactions/",),
    "calls": ("/call/",),
    "performance": (
        "/performance/accounts/",
        "/performance/order-patterns/",
        "/performance/performing-accounts/",
        "/performance/rhythm/",
        "/performance/summary/",
        "/performance/trends/",
        "/performance/underperforming-accounts/",
    ),
}
# What tells of other modules or of people, although it stands there.
CLOSED = {
    "GET /lead/restaurants/{pk}/brief/",
    "GET /lead/restaurants/{pk}/suggestions/",
    "GET /lead/restaurants/{pk}/allocations/",
    # The address of a feed is a secret of its own.
    "GET /call/calendar/",
    "POST /call/calendar/",
    "DELETE /call/calendar/",
}
CLOSED_ENDS = ("/history/", "/audit/")
# Who comes here is nobody yet, or a machine: no key is looked at.
OPEN = (
    "/api/",
    "/health/",
    "/kam/sign-up/",
    "/kam/password-reset/",
    "/notifications/unsubscribe/",
    "/call/calendar/{token}",
)

pytestmark = pytest.mark.usefixtures("noon")


def scope_of(operation: Operation) -> str:
    """The scope that the table says, or "" where no key comes."""
    if str(operation) in CLOSED or operation.path.endswith(CLOSED_ENDS):
        return ""
    ways = [scope for scope, paths in TABLE.items() if operation.path.startswith(paths)]
    return f"{ways[0]}:{'read' if operation.method in SAFE_METHODS else 'write'}" if ways else ""


GUARDED = [operation for operation in operations() if not operation.path.startswith(OPEN)]


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def asked(world: World, operation: Operation, *scopes: str) -> tuple[Any, bool]:
    """What a key for these scopes is answered, and whether something changed; it is undone."""
    path = world.path(operation.path.replace("{pk}", f"{{{account_for(operation)}}}"))
    body = world.body(str(operation), account_for(operation))
    until = NOON + timedelta(days=1)
    key = ApiKey.objects.add(by=world.cast.root, at=NOON, name="Till", scopes=" ".join(scopes), expires_at=until)
    ApiKey.objects.update(last_used_at=NOON)
    before, point = marks(), transaction.savepoint()
    answer = api()(operation.method, path, body, Authorization=f"Api-Key {key.text}")
    changed = marks() != before
    transaction.savepoint_rollback(point)
    key.delete()
    return answer, changed


@pytest.mark.parametrize("operation", GUARDED, ids=str)
def test_a_key_comes_where_its_scope_says_and_nowhere_else(world: World, operation: Operation) -> None:
    needed = scope_of(operation)
    if needed:
        answer, _ = asked(world, operation, needed)
        assert answer.status_code < 300, answer.content
    answer, changed = asked(world, operation, *(scope for scope in Scope.values if scope != needed))
    assert (answer.status_code, changed) == (403, False), answer.content
    problem = answer.json()
    assert problem["code"] == "scope_missing"
    lacks = f"This API key lacks the scope {needed}." if needed else "No API key comes here: log in."
    assert problem["detail"] == lacks


def test_it_has_a_use_for_each_scope() -> None:
    assert {scope_of(operation) for operation in GUARDED} == {*Scope.values, ""}


def test_a_view_that_says_no_scope_is_closed() -> None:
    assert BaseView.scope == ""
    assert BaseView().scope_for("GET") == BaseView().scope_for("POST") == ""


def test_whoever_asks_who_comes_asks_for_the_scope_too() -> None:
    """It is the base that asks: a view beside it that let keys in would let them in anywhere."""
    others = [operation for operation in operations() if not issubclass(operation.view, BaseView)]
    assert {operation.path for operation in others} == set(PAGES)


def test_the_documentation_says_which_scope_a_key_needs() -> None:
    for operation in GUARDED:
        said = documented()[str(operation).replace("{pk}", "{id}")]["security"]
        needed = scope_of(operation)
        assert said == [{"bearer": []}, *([{"apiKey": [needed]}] if needed else [])], operation
