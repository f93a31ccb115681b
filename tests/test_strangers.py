"""What a stranger could reach by another way than a path: keys in bodies, filters, reports, counts, search."""

from __future__ import annotations

import re
from typing import Any

import pytest

from common.api.fields import RelatedId, RelatedIds
from common.api.filters import IdFilter, declared_filters
from tests.cast import Cast, api
from tests.ledger import marks
from tests.routes import Operation, operations
from tests.world import World

MISSING = 999_999_999
ROLES = ("owner", "colleague", "stranger", "manager", "elsewhere", "analyst", "admin")

# Whose accounts each list shows: o Asha's own (she is the `owner`), p the pool's, t Carl's (he is the `stranger`).
LISTS = """
                                                              owner colleague stranger manager elsewhere analyst admin
/lead/restaurants/                                                o         -        t      op        pt     opt   opt
/lead/restaurants/?assigned_to=none                               p         p        p       p         p       p     p
/lead/restaurants/?assigned_to={people/owner}                     o         -        -       o         -       o     o
/lead/restaurants/?assigned_to={people/stranger}                  -         -        t       -         t       t     t
/lead/restaurants/?search=owned                                   o         -        -       o         -       o     o
/lead/collaborators/                                              o         -        t      op        pt     opt   opt
/lead/collaborators/?restaurant={restaurants/owned}               o         -        -       o         -       o     o
/lead/collaborators/?restaurant={restaurants/pool}                p         p        p       p         p       p     p
/lead/collaborators/?restaurant={restaurants/archived}            -         -        -       -         -       -     -
/lead/covers/                                                     o         -        t       o         t      ot    ot
/lead/covers/?absent={people/owner}                               o         -        -       o         -       o     o
/lead/covers/?covering={people/helper}                            o         -        t       o         t      ot    ot
/notifications/messages/                                         oa         -        t       -         -       -     -
/notifications/messages/?restaurant={restaurants/owned}           o         -        -       -         -       -     -
/contact/contacts/                                                o         -        t      op        pt     opt   opt
/contact/contacts/?restaurant={restaurants/owned}                 o         -        -       o         -       o     o
/contact/contacts/?restaurant={restaurants/pool}                  p         p        p       p         p       p     p
/contact/contacts/?restaurant={restaurants/archived}              -         -        -       -         -       -     -
/contact/contacts/?search=owned                                   o         -        -       o         -       o     o
/track/interactions/                                              o         -        t      op        pt     opt   opt
/track/interactions/?lead={restaurants/owned}                     o         -        -       o         -       o     o
/track/interactions/?lead={restaurants/pool}                      p         p        p       p         p       p     p
/track/interactions/?lead={restaurants/archived}                  -         -        -       -         -       -     -
/track/interactions/?contact={contacts/owned}                     o         -        -       o         -       o     o
/track/interactions/orders/                                       o         -        t      op        pt     opt   opt
/track/interactions/orders/?lead={restaurants/owned}              o         -        -       o         -       o     o
/call/                                                            o         -        t      op        pt     opt   opt
/call/?lead={restaurants/owned}                                   o         -        -       o         -       o     o
/call/?lead={restaurants/pool}                                    p         p        p       p         p       p     p
/call/?lead={restaurants/archived}                                -         -        -       -         -       -     -
/call/today/                                                      o         -        t      op        pt     opt   opt
/call/blocks/                                                     o         -        t      op        pt     opt   opt
/call/blocks/?restaurant={restaurants/owned}                      o         -        -       o         -       o     o
/call/blocks/?restaurant={restaurants/pool}                       p         p        p       p         p       p     p
/call/blocks/?restaurant={restaurants/archived}                   -         -        -       -         -       -     -
/call/next/                                                       o         -        t      op        pt     opt   opt
/call/next/?assigned_to={people/owner}                            o         -        -       o         -       o     o
/call/next/?team={teams/south}                                    o         -        -       o         -       o     o
/call/next/?assigned_to=none                                      p         p        p       p         p       p     p
/call/compliance/                                                 -         -        -       -         -       -     -
/call/compliance/calls/                                           o         -        t       o         t      ot    ot
/call/compliance/calls/?assigned_to={people/owner}                o         -        -       o         -       o     o
/call/compliance/calls/?team={teams/south}                        o         -        -       o         -       o     o
/performance/performing-accounts/                                 o         -        t      op        pt     opt   opt
/performance/performing-accounts/?assigned_to={people/owner}      o         -        -       o         -       o     o
/performance/underperforming-accounts/?max_revenue=99999          -         -        -       -         -       -     -
/performance/rhythm/                                              o         -        t      op        pt     opt   opt
/performance/rhythm/?assigned_to={people/owner}                   o         -        -       o         -       o     o
/performance/trends/                                              -         -        -       -         -       -     -
/performance/summary/                                             -         -        -       -         -       -     -
/performance/order-patterns/                                      o         -        t      op        pt     opt   opt
/performance/order-patterns/?assigned_to={people/owner}           o         -        -       o         -       o     o
/performance/order-patterns/?assigned_to=none                     p         p        p       p         p       p     p
"""
# These come whole, and name no account: their own tests say whose figures are in them.
REPORTS = {"/performance/trends/", "/performance/summary/", "/call/compliance/"}
NAMES = {"o": "owned", "p": "pool", "t": "theirs", "a": "archived"}


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def accounts_in(answer: Any) -> str:
    """The letters of the accounts whose rows are in an answer: each row's text names its account."""
    text = answer.content.decode()
    return "".join(letter for letter, name in NAMES.items() if re.search(rf"\b{name}\b", text)) or "-"


def lists() -> list[Any]:
    lines = [line.split() for line in LISTS.strip().splitlines()[1:]]
    return [pytest.param(path, dict(zip(ROLES, shown, strict=True)), id=path) for path, *shown in lines]


def with_keys(path: str, world: World) -> str:
    return re.sub(r"{(\w+)/(\w+)}", lambda found: str(world.keys[found[1]][found[2]]), path)


@pytest.mark.parametrize(("path", "expected"), lists())
def test_it_lists_what_the_table_says(world: World, path: str, expected: dict[str, str]) -> None:
    path = with_keys(path, world)
    for role, shown in expected.items():
        if path.partition("?")[0] in REPORTS:
            answer = api(world.people[role]).get(path)
        else:
            answer = api(world.people[role]).get(path + ("&" if "?" in path else "?") + "count=exact")
            assert int(answer["X-Total-Count"]) == len(answer.json()), role
        assert answer.status_code == 200, answer.content
        assert accounts_in(answer) == shown, role


def test_it_has_a_row_for_every_list_of_accounts() -> None:
    listed = {path.values[0].partition("?")[0] for path in lists()}
    offered = {
        operation.path
        for operation in operations()
        if operation.method == "GET" and "{" not in operation.path and declared_filters(operation.view)
    }
    assert {path for path in offered if not path.startswith("/kam/")} == listed


def id_filters() -> list[Any]:
    return [
        pytest.param(operation.path, name, id=f"{operation.path}?{name}")
        for operation in operations()
        if operation.method == "GET" and "{" not in operation.path
        for name, declared in declared_filters(operation.view).items()
        if isinstance(declared, IdFilter)
    ]


@pytest.mark.parametrize(("path", "name"), id_filters())
def test_it_answers_a_filter_by_any_foreign_key_like_a_missing_one(world: World, path: str, name: str) -> None:
    for role in ("colleague", "stranger", "elsewhere"):
        caller = api(world.people[role])
        for keys in world.keys.values():
            for account in keys.keys() & {"owned", "archived"}:
                answer = caller.get(f"{path}?{name}={keys[account]}")
                assert answer.status_code == 200
                assert not set(accounts_in(answer)) & {"o", "a"}, (role, account)
        assert caller.get(f"{path}?{name}={MISSING}").json() == []


def keys_in_bodies() -> list[Any]:
    """Every field of a body that takes keys of rows, for every operation that takes it."""
    found = []
    for operation in operations():
        shape = getattr(operation.view, "serializer_class", None)
        if shape and operation.action in {"create", "update", "partial_update", "post", "put", "patch"}:
            for name, field in shape().fields.items():
                if isinstance(field, RelatedId | RelatedIds) and not field.read_only:
                    # No KAM makes or changes people.
                    roles = ["elsewhere"] if operation.path.startswith("/kam/") else ["elsewhere", "stranger"]
                    found += [pytest.param(operation, name, role, id=f"{operation} {name} {role}") for role in roles]
    return found


@pytest.mark.parametrize(("operation", "name", "role"), keys_in_bodies())
def test_it_refuses_a_foreign_key_in_the_words_of_a_missing_one(
    world: World, operation: Operation, name: str, role: str
) -> None:
    field = operation.view.serializer_class().fields[name]
    rows = field.rows if isinstance(field, RelatedIds) else field.get_queryset()
    foreign = {
        "Restaurant": [world.keys["restaurants"]["owned"], world.keys["restaurants"]["archived"]],
        "Contact": [world.keys["contacts"]["owned"], world.keys["contacts"]["archived"]],
        "User": [world.keys["people"]["owner"], world.keys["people"]["manager"]],
        "Team": [world.keys["teams"]["south"], world.keys["teams"]["below"]],
    }[rows.model.__name__]
    account = {"people": "stranger", "teams": "below_north"}.get(operation.path.split("/")[2], "theirs")
    path = world.path(operation.path.replace("{pk}", f"{{{account}}}"))
    before, answers = marks(), {}
    for key in [MISSING, *foreign]:
        body = {**world.body(str(operation), account), name: [key] if isinstance(field, RelatedIds) else key}
        answer = api(world.people[role])(operation.method, path, body)
        answers[key] = answer.status_code, answer.content.decode().replace(f"the id {key}.", "the id ….")
    status, words = answers[MISSING]
    assert status == 400, words
    assert f'"{name}":["There is no row with the id ….' in words
    assert set(answers.values()) == {answers[MISSING]}
    assert marks() == before
