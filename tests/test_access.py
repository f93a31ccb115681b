"""Who may do what: every operation of the API, for every role, on a row of somebody and on one of nobody.

A KAM (`owner`) has a restaurant; her `colleague` is of the same team, the `stranger` of another; the `manager` looks
after the owner's team, the manager `elsewhere` after the stranger's. A row is Asha's own (`owned`), in the `pool`, or
`archived`. Who may not see it gets 404; who sees it but may not change it gets 403.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import transaction

from tests.cast import PASSWORD, Cast, api
from tests.ledger import marks
from tests.routes import operations
from tests.world import World

ROLES = ("nobody", "owner", "colleague", "stranger", "manager", "elsewhere", "analyst", "admin")

TABLE = """
                                                     nobody owner colleague stranger manager elsewhere analyst admin

GET    /lead/                                           401   200       200      200     200       200     200   200
GET    /lead/restaurants/                               401   200       200      200     200       200     200   200
POST   /lead/restaurants/                               401   201       201      201     201       201     403   201
GET    /lead/restaurants/{owned}/                       401   200       404      404     200       404     200   200
GET    /lead/restaurants/{pool}/                        401   200       200      200     200       200     200   200
GET    /lead/restaurants/{archived}/                    401   404       404      404     404       404     404   404
PUT    /lead/restaurants/{owned}/                       401   200       404      404     200       404     403   200
PUT    /lead/restaurants/{pool}/                        401   200       200      200     200       200     403   200
PUT    /lead/restaurants/{archived}/                    401   404       404      404     404       404     404   404
PATCH  /lead/restaurants/{owned}/                       401   200       404      404     200       404     403   200
PATCH  /lead/restaurants/{pool}/                        401   200       200      200     200       200     403   200
PATCH  /lead/restaurants/{archived}/                    401   404       404      404     404       404     404   404
DELETE /lead/restaurants/{owned}/                       401   204       404      404     204       404     403   204
DELETE /lead/restaurants/{pool}/                        401   204       204      204     204       204     403   204
DELETE /lead/restaurants/{archived}/                    401   404       404      404     404       404     404   404
POST   /lead/restaurants/{owned}/change_status/         401   200       404      404     200       404     403   200
POST   /lead/restaurants/{pool}/change_status/          401   200       200      200     200       200     403   200
POST   /lead/restaurants/{archived}/change_status/      401   404       404      404     404       404     404   404
POST   /lead/restaurants/{owned}/restore/               401   404       404      404     404       404     404   404
POST   /lead/restaurants/{pool}/restore/                401   404       404      404     404       404     404   404
POST   /lead/restaurants/{archived}/restore/            401   404       404      404     200       404     403   200
POST   /lead/restaurants/allocate/ of {owned}           401   403       400      400     200       400     403   200
POST   /lead/restaurants/allocate/ of {pool}            401   403       200      400     200       400     403   200
POST   /lead/restaurants/allocate/ of {archived}        401   400       400      400     400       400     403   400
POST   /lead/restaurants/{owned}/allocate/              401   403       404      404     200       404     403   200
POST   /lead/restaurants/{pool}/allocate/               401   403       200      400     200       400     403   200
POST   /lead/restaurants/{archived}/allocate/           401   404       404      404     404       404     404   404
POST   /lead/restaurants/{pool}/claim/                  401   200       200      200     200       200     403   200
POST   /lead/restaurants/{archived}/claim/              401   404       404      404     404       404     404   404
GET    /lead/restaurants/{owned}/allocations/           401   200       404      404     200       404     200   200
GET    /lead/restaurants/{pool}/allocations/            401   200       200      200     200       200     200   200
GET    /lead/restaurants/{archived}/allocations/        401   404       404      404     404       404     404   404
GET    /lead/restaurants/{owned}/brief/                 401   200       404      404     200       404     200   200
GET    /lead/restaurants/{pool}/brief/                  401   200       200      200     200       200     200   200
GET    /lead/restaurants/{archived}/brief/              401   404       404      404     404       404     404   404
GET    /lead/restaurants/{owned}/suggestions/           401   403       404      404     200       404     403   200
GET    /lead/restaurants/{pool}/suggestions/            401   403       403      403     200       200     403   200
GET    /lead/restaurants/{archived}/suggestions/        401   404       404      404     404       404     404   404
GET    /lead/restaurants/{owned}/status_history/        401   200       404      404     200       404     200   200
GET    /lead/restaurants/{pool}/status_history/         401   200       200      200     200       200     200   200
GET    /lead/restaurants/{archived}/status_history/     401   404       404      404     404       404     404   404
GET    /lead/restaurants/{owned}/history/               401   200       404      404     200       404     200   200
GET    /lead/restaurants/{pool}/history/                401   200       200      200     200       200     200   200
GET    /lead/restaurants/{archived}/history/            401   404       404      404     200       404     200   200

GET    /lead/collaborators/                             401   200       200      200     200       200     200   200
POST   /lead/collaborators/ of {owned}                  401   201       400      400     201       400     403   201
POST   /lead/collaborators/ of {pool}                   401   403       403      400     201       400     403   201
POST   /lead/collaborators/ of {archived}               401   400       400      400     400       400     403   400
GET    /lead/collaborators/{owned}/                     401   200       404      404     200       404     200   200
GET    /lead/collaborators/{pool}/                      401   200       200      200     200       200     200   200
GET    /lead/collaborators/{archived}/                  401   404       404      404     404       404     404   404
DELETE /lead/collaborators/{owned}/                     401   204       404      404     204       404     403   204
DELETE /lead/collaborators/{pool}/                      401   403       403      403     204       204     403   204
DELETE /lead/collaborators/{archived}/                  401   404       404      404     404       404     404   404

GET    /lead/covers/                                    401   200       200      200     200       200     200   200
POST   /lead/covers/ of {owned}                         401   201       403      400     201       400     403   201
GET    /lead/covers/{owned}/                            401   200       404      404     200       404     200   200
PUT    /lead/covers/{owned}/                            401   200       404      404     200       404     403   200
PATCH  /lead/covers/{owned}/                            401   200       404      404     200       404     403   200
DELETE /lead/covers/{owned}/                            401   204       404      404     204       404     403   204

GET    /contact/                                        401   200       200      200     200       200     200   200
GET    /contact/contacts/                               401   200       200      200     200       200     200   200
POST   /contact/contacts/ of {owned}                    401   201       400      400     201       400     403   201
POST   /contact/contacts/ of {pool}                     401   201       201      201     201       201     403   201
POST   /contact/contacts/ of {archived}                 401   400       400      400     400       400     403   400
GET    /contact/contacts/{owned}/                       401   200       404      404     200       404     200   200
GET    /contact/contacts/{pool}/                        401   200       200      200     200       200     200   200
GET    /contact/contacts/{archived}/                    401   404       404      404     404       404     404   404
PUT    /contact/contacts/{owned}/                       401   200       404      404     200       404     403   200
PUT    /contact/contacts/{pool}/                        401   200       200      200     200       200     403   200
PUT    /contact/contacts/{archived}/                    401   404       404      404     404       404     404   404
PATCH  /contact/contacts/{owned}/                       401   200       404      404     200       404     403   200
PATCH  /contact/contacts/{pool}/                        401   200       200      200     200       200     403   200
PATCH  /contact/contacts/{archived}/                    401   404       404      404     404       404     404   404
DELETE /contact/contacts/{owned}/                       401   204       404      404     204       404     403   204
DELETE /contact/contacts/{pool}/                        401   204       204      204     204       204     403   204
DELETE /contact/contacts/{archived}/                    401   404       404      404     404       404     404   404
GET    /contact/contacts/{owned}/history/               401   200       404      404     200       404     200   200
GET    /contact/contacts/{pool}/history/                401   200       200      200     200       200     200   200
GET    /contact/contacts/{archived}/history/            401   404       404      404     200       404     200   200
GET    /contact/contacts/{owned}/personal_data/         401   403       404      404     403       404     403   200
GET    /contact/contacts/{pool}/personal_data/          401   403       403      403     403       403     403   200
GET    /contact/contacts/{archived}/personal_data/      401   404       404      404     404       404     404   200
POST   /contact/contacts/{owned}/erase/                 401   403       404      404     403       404     403   200
POST   /contact/contacts/{pool}/erase/                  401   403       403      403     403       403     403   200
POST   /contact/contacts/{archived}/erase/              401   404       404      404     404       404     404   200

GET    /track/                                          401   200       200      200     200       200     200   200
GET    /track/interactions/                             401   200       200      200     200       200     200   200
GET    /track/interactions/orders/                      401   200       200      200     200       200     200   200
POST   /track/interactions/ of {owned}                  401   201       400      400     201       400     403   201
POST   /track/interactions/ of {pool}                   401   201       201      201     201       201     403   201
POST   /track/interactions/ of {archived}               401   400       400      400     400       400     403   400
GET    /track/interactions/{owned}/                     401   200       404      404     200       404     200   200
GET    /track/interactions/{pool}/                      401   200       200      200     200       200     200   200
GET    /track/interactions/{archived}/                  401   404       404      404     404       404     404   404
PUT    /track/interactions/{owned}/                     401   200       404      404     200       404     403   200
PUT    /track/interactions/{pool}/                      401   200       200      200     200       200     403   200
PUT    /track/interactions/{archived}/                  401   404       404      404     404       404     404   404
PATCH  /track/interactions/{owned}/                     401   200       404      404     200       404     403   200
PATCH  /track/interactions/{pool}/                      401   200       200      200     200       200     403   200
PATCH  /track/interactions/{archived}/                  401   404       404      404     404       404     404   404
DELETE /track/interactions/{owned}/                     401   200       404      404     200       404     403   200
DELETE /track/interactions/{pool}/                      401   200       200      200     200       200     403   200
DELETE /track/interactions/{archived}/                  401   404       404      404     404       404     404   404
GET    /track/interactions/{owned}/order_details/       401   200       404      404     200       404     200   200
GET    /track/interactions/{pool}/order_details/        401   200       200      200     200       200     200   200
GET    /track/interactions/{archived}/order_details/    401   404       404      404     404       404     404   404
PUT    /track/interactions/{owned}/order_details/       401   200       404      404     200       404     403   200
PUT    /track/interactions/{pool}/order_details/        401   200       200      200     200       200     403   200
PUT    /track/interactions/{archived}/order_details/    401   404       404      404     404       404     404   404
GET    /track/interactions/{owned}/history/             401   200       404      404     200       404     200   200
GET    /track/interactions/{pool}/history/              401   200       200      200     200       200     200   200
GET    /track/interactions/{archived}/history/          401   404       404      404     200       404     200   200
GET    /track/interactions/{deleted}/history/           401   404       404      404     200       404     200   200
POST   /track/interactions/{deleted}/restore/           401   403       404      404     200       404     403   200
POST   /track/interactions/{archived}/restore/          401   404       404      404     404       404     404   404

GET    /call/                                           401   200       200      200     200       200     200   200
GET    /call/today/                                     401   200       200      200     200       200     200   200
GET    /call/next/                                      401   200       200      200     200       200     200   200
GET    /call/compliance/                                401   200       200      200     200       200     200   200
GET    /call/compliance/calls/                          401   200       200      200     200       200     200   200
POST   /call/ of {bare}                                 401   201       400      400     201       400     403   201
POST   /call/ of {archived}                             401   400       400      400     400       400     403   400
GET    /call/{owned}/                                   401   200       404      404     200       404     200   200
GET    /call/{pool}/                                    401   200       200      200     200       200     200   200
GET    /call/{archived}/                                401   404       404      404     404       404     404   404
PUT    /call/{owned}/                                   401   200       404      404     200       404     403   200
PUT    /call/{pool}/                                    401   200       200      200     200       200     403   200
PUT    /call/{archived}/                                401   404       404      404     404       404     404   404
PATCH  /call/{owned}/                                   401   200       404      404     200       404     403   200
PATCH  /call/{pool}/                                    401   200       200      200     200       200     403   200
PATCH  /call/{archived}/                                401   404       404      404     404       404     404   404
DELETE /call/{owned}/                                   401   200       404      404     200       404     403   200
DELETE /call/{pool}/                                    401   200       200      200     200       200     403   200
DELETE /call/{archived}/                                401   404       404      404     404       404     404   404
POST   /call/{owned}/record_call/                       401   200       404      404     200       404     403   200
POST   /call/{pool}/record_call/                        401   200       200      200     200       200     403   200
POST   /call/{archived}/record_call/                    401   404       404      404     404       404     404   404
POST   /call/{owned}/snooze/                            401   200       404      404     200       404     403   200
POST   /call/{pool}/snooze/                             401   200       200      200     200       200     403   200
POST   /call/{archived}/snooze/                         401   404       404      404     404       404     404   404
POST   /call/{owned}/unsnooze/                          401   200       404      404     200       404     403   200
POST   /call/{pool}/unsnooze/                           401   200       200      200     200       200     403   200
POST   /call/{archived}/unsnooze/                       401   404       404      404     404       404     404   404
PATCH  /call/{owned}/set_frequency/                     401   200       404      404     200       404     403   200
PATCH  /call/{pool}/set_frequency/                      401   200       200      200     200       200     403   200
PATCH  /call/{archived}/set_frequency/                  401   404       404      404     404       404     404   404
GET    /call/{owned}/history/                           401   200       404      404     200       404     200   200
GET    /call/{pool}/history/                            401   200       200      200     200       200     200   200
GET    /call/{archived}/history/                        401   404       404      404     200       404     200   200

GET    /call/calendar/                                  401   200       200      200     200       200     200   200
POST   /call/calendar/                                  401   201       201      201     201       201     403   201
DELETE /call/calendar/                                  401   204       204      204     204       204     403   204
GET    /call/calendar/{token}.ics                       200   200       200      200     200       200     200   200

GET    /call/blocks/                                    401   200       200      200     200       200     200   200
POST   /call/blocks/ of {owned}                         401   201       400      400     201       400     403   201
POST   /call/blocks/ of {pool}                          401   201       201      201     201       201     403   201
POST   /call/blocks/ of {archived}                      401   400       400      400     400       400     403   400
GET    /call/blocks/{owned}/                            401   200       404      404     200       404     200   200
GET    /call/blocks/{pool}/                             401   200       200      200     200       200     200   200
GET    /call/blocks/{archived}/                         401   404       404      404     404       404     404   404
PUT    /call/blocks/{owned}/                            401   200       404      404     200       404     403   200
PUT    /call/blocks/{pool}/                             401   200       200      200     200       200     403   200
PUT    /call/blocks/{archived}/                         401   404       404      404     404       404     404   404
PATCH  /call/blocks/{owned}/                            401   200       404      404     200       404     403   200
PATCH  /call/blocks/{pool}/                             401   200       200      200     200       200     403   200
PATCH  /call/blocks/{archived}/                         401   404       404      404     404       404     404   404
DELETE /call/blocks/{owned}/                            401   204       404      404     204       404     403   204
DELETE /call/blocks/{pool}/                             401   204       204      204     204       204     403   204
DELETE /call/blocks/{archived}/                         401   404       404      404     404       404     404   404

GET    /performance/                                    401   200       200      200     200       200     200   200
GET    /performance/performing-accounts/                401   200       200      200     200       200     200   200
GET    /performance/underperforming-accounts/           401   200       200      200     200       200     200   200
GET    /performance/order-patterns/                     401   200       200      200     200       200     200   200
GET    /performance/rhythm/                             401   200       200      200     200       200     200   200
GET    /performance/trends/                             401   200       200      200     200       200     200   200
GET    /performance/summary/                            401   200       200      200     200       200     200   200
GET    /performance/accounts/{owned}/                   401   200       404      404     200       404     200   200
GET    /performance/accounts/{pool}/                    401   200       200      200     200       200     200   200
GET    /performance/accounts/{archived}/                401   404       404      404     404       404     404   404

GET    /kam/                                            401   200       200      200     200       200     200   200
GET    /kam/people/                                     401   200       200      200     200       200     200   200
POST   /kam/people/ of {south}                          401   403       403      403     201       400     403   201
GET    /kam/people/{owner}/                             401   200       200      404     200       404     200   200
GET    /kam/people/{analyst}/                           401   404       404      404     404       404     200   200
PUT    /kam/people/{owner}/                             401   403       403      404     200       404     403   200
PUT    /kam/people/{analyst}/                           401   404       404      404     404       404     403   200
PATCH  /kam/people/{owner}/                             401   403       403      404     200       404     403   200
PATCH  /kam/people/{analyst}/                           401   404       404      404     404       404     403   200
DELETE /kam/people/{owner}/                             401   403       403      404     409       404     403   409
DELETE /kam/people/{analyst}/                           401   404       404      404     404       404     403   204
POST   /kam/people/{owner}/deactivate/                  401   403       403      404     200       404     403   200
POST   /kam/people/{analyst}/deactivate/                401   404       404      404     404       404     403   400
GET    /kam/people/{owner}/history/                     401   200       403      404     200       404     403   200
GET    /kam/people/{analyst}/history/                   401   404       404      404     404       404     200   200
GET    /kam/people/{owner}/personal_data/               401   403       403      404     403       404     403   200
GET    /kam/people/{gone}/personal_data/                401   404       404      404     404       404     403   200
POST   /kam/people/{owner}/erase/                       401   403       403      404     403       404     403   409
POST   /kam/people/{gone}/erase/                        401   404       404      404     404       404     403   200
GET    /kam/erasures/                                   401   200       200      200     200       200     200   200
GET    /kam/erasures/{erased}/                          401   404       404      404     404       404     404   200
GET    /kam/teams/                                      401   200       200      200     200       200     200   200
POST   /kam/teams/                                      401   403       403      403     201       400     403   201
GET    /kam/teams/{south}/                              401   200       200      404     200       404     200   200
GET    /kam/teams/{below}/                              401   404       404      404     200       404     200   200
PUT    /kam/teams/{below}/                              401   404       404      404     200       404     403   200
PATCH  /kam/teams/{south}/                              401   403       403      404     403       404     403   200
PATCH  /kam/teams/{below}/                              401   404       404      404     200       404     403   200
DELETE /kam/teams/{south}/                              401   403       403      404     403       404     403   409
DELETE /kam/teams/{below}/                              401   404       404      404     204       404     403   204
GET    /kam/invitations/                                401   200       200      200     200       200     200   200
POST   /kam/invitations/ of {south}                     401   403       403      403     201       400     403   201
GET    /kam/invitations/{invited}/                      401   404       404      404     200       404     404   200
DELETE /kam/invitations/{invited}/                      401   404       404      404     204       404     404   204
GET    /kam/api-keys/                                   401   200       200      200     200     200       200     200
POST   /kam/api-keys/                                   401   403       403      403     201     201       403     201
GET    /kam/api-keys/{hers}/                            401   404       404      404     200     404       404     200
DELETE /kam/api-keys/{hers}/                            401   404       404      404     204     404       404     204
GET    /kam/me/                                         401   200       200      200     200       200     200   200
PUT    /kam/me/                                         401   200       200      200     200       200     200   200
GET    /kam/me/personal-data/                           401   200       200      200     200       200     200   200
PATCH  /kam/me/                                         401   200       200      200     200       200     200   200
POST   /kam/me/password/                                401   200       200      200     200       200     200   200
GET    /kam/me/sessions/                                401   200       200      200     200     200       200     200
DELETE /kam/me/sessions/{session}/                      401   204       404      404     404     404       404     404
POST   /kam/me/log-out-everywhere/                      401   200       200      200     200     200       200     200
POST   /kam/sign-up/                                    201   201       201      201     201       201     201   201
POST   /kam/sign-up/request/                            403   403       403      403     403       403     403   403
POST   /kam/password-reset/                             200   200       200      200     200       200     200   200
POST   /kam/password-reset/confirm/                     200   200       200      200     200       200     200   200
GET    /notifications/                                  401   200       200      200     200       200     200   200
GET    /notifications/messages/                         401   200       200      200     200       200     200   200
GET    /notifications/messages/{owned}/                 401   200       404      404     404       404     404   404
POST   /notifications/messages/{owned}/read/            401   200       404      404     404       404     404   404
POST   /notifications/messages/read_all/                401   200       200      200     200       200     200   200
GET    /notifications/messages/unread_count/            401   200       200      200     200       200     200   200
GET    /notifications/preferences/                      401   200       200      200     200       200     200   200
PATCH  /notifications/preferences/                      401   200       200      200     200       200     200   200
GET    /notifications/unsubscribe/{secret}/             200   200       200      200     200       200     200   200
POST   /notifications/unsubscribe/{secret}/             200   200       200      200     200       200     200   200

POST   /api/token/                                      200   200       200      200     200       200     200   200
POST   /api/token/refresh/                              200   200       200      200     200       200     200   200
POST   /api/token/verify/                               200   200       200      200     200       200     200   200
POST   /api/token/blacklist/                            200   200       200      200     200       200     200   200

GET    /api/schema/                                     200   200       200      200     200       200     200   200
GET    /api/docs/                                       200   200       200      200     200       200     200   200
GET    /api/redoc/                                      200   200       200      200     200       200     200   200
GET    /health/live                                     200   200       200      200     200       200     200   200
GET    /health/ready                                    200   200       200      200     200       200     200   200
"""

# Where success leaves no trace in the database.
WITHOUT_EFFECT = {
    *(str(operation) for operation in operations() if operation.method == "GET"),
    "POST /api/token/verify/",
    "POST /call/{pk}/unsnooze/",  # nothing is snoozed
}
CODES = {
    400: {"invalid"},
    401: {"not_authenticated"},
    403: {"not_allowed", "permission_denied"},
    404: {"not_found"},
    409: {"needs_successor", "still_active", "taken_already", "team_in_use"},
}


@dataclass(frozen=True)
class Row:
    method: str
    path: str
    account: str  # whose keys the body holds
    expected: dict[str, int]

    @property
    def operation(self) -> str:
        return f"{self.method} " + re.sub(r"{(?!secret|session|token)\w+}", "{pk}", self.path)

    def __str__(self) -> str:
        return f"{self.method} {self.path} of {self.account}"


def rows() -> list[Row]:
    found = []
    for line in TABLE.strip().splitlines()[1:]:
        if line:
            method, path, *middle, statuses = re.match(r"(\w+) +(\S+)(?: +of {(\w+)})?((?: +\d{3})+)$", line).groups()  # type: ignore[union-attr]
            subject = re.search(r"{(\w+)}", path)
            account = middle[0] or (subject[1] if subject else "owned")
            found.append(Row(method, path, account, dict(zip(ROLES, map(int, statuses.split()), strict=True))))
    return found


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def world(cast: Cast, settings: Any) -> World:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    world = World(cast)
    for user in world.people.values():
        if user:
            user.password = make_password(PASSWORD)  # `set_password` would end what they have
            user.save()
    world.open_calendars()
    return world


@pytest.mark.parametrize("row", rows(), ids=str)
def test_it_lets_each_role_do_what_the_table_says(world: World, row: Row) -> None:
    path, body = world.path(row.path), world.body(row.operation, row.account)
    before = marks()
    for role, expected in row.expected.items():
        point = transaction.savepoint()
        answer = api(world.people[role])(row.method, path, body)
        changed = marks() != before
        transaction.savepoint_rollback(point)
        assert answer.status_code == expected, f"{role}: {answer.content.decode()}"
        assert changed == (expected < 400 and row.operation not in WITHOUT_EFFECT), role
        if expected >= 400:
            problem = answer.json()
            assert answer["Content-Type"] == "application/problem+json"
            assert (problem["status"], problem["code"] in CODES[expected]) == (expected, True), problem
            assert not re.search(r"Asha|owned|Contact of|Product A", answer.content.decode()), role


def test_it_has_a_row_for_every_operation() -> None:
    listed, offered = {row.operation for row in rows()}, set(map(str, operations()))
    assert not offered - listed, "Say in the table who may do this."
    assert not listed - offered, "The table has rows for what is not offered."
    assert len(rows()) * len(ROLES) == 1_992
