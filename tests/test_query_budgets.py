"""How many SQL statements each operation costs: the same for 3 rows and for 30, for a KAM, a manager and an admin.

A manager's teams, what is shared with a KAM, and whom they cover, come with the statement that says who asks. Beginning
and ending transactions is not counted. Lists and details cost 3 at most, simple writes 6; what writes to several tables
says here what it costs.

A restaurant that has another owner or status, is archived or comes back costs one more: its order rhythm says so, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leads.models import Restaurant, StatusChange
from leads.views import RestaurantViewSet
from tests.cast import NOON, PASSWORD, Cast, api
from tests.routes import operations
from tests.world import World

CALLERS = ("owner", "manager", "admin")
DOCUMENTATION = {"/api/schema/", "/api/docs/", "/api/redoc/"}

TABLE = """
                                                     owner manager admin

POST   /api/token/                                       4       4     4
POST   /api/token/blacklist/                             2       2     2
POST   /api/token/refresh/                               2       2     2
POST   /api/token/verify/                                1       1     1

GET    /call/                                            2       2     2
POST   /call/                                            8       8     8
GET    /call/today/                                      2       2     2
GET    /call/next/                                       7       7     7
GET    /call/compliance/                                 4       4     4
GET    /call/compliance/calls/                           3       3     3
GET    /call/calendar/                                   2       2     2
POST   /call/calendar/                                   4       4     4
DELETE /call/calendar/                                   2       2     2
GET    /call/calendar/{token}.ics                        3       3     3
GET    /call/blocks/                                     2       2     2
POST   /call/blocks/                                     6       6     6
DELETE /call/blocks/{owned}/                             3       3     3
GET    /call/blocks/{owned}/                             2       2     2
PATCH  /call/blocks/{owned}/                             4       4     4
PUT    /call/blocks/{owned}/                             5       5     5
DELETE /call/{owned}/                                    5       5     5
GET    /call/{owned}/                                    2       2     2
PATCH  /call/{owned}/                                    5       5     5
PUT    /call/{owned}/                                    5       5     5
POST   /call/{owned}/record_call/                       11      12    12
POST   /call/{owned}/snooze/                             6       6     6
POST   /call/{owned}/unsnooze/                           3       3     3
PATCH  /call/{owned}/set_frequency/                      7       7     7
GET    /call/{owned}/history/                            2       2     2

GET    /contact/                                         1       1     1
GET    /contact/contacts/                                2       2     2
POST   /contact/contacts/                                6       6     6
DELETE /contact/contacts/{owned}/                        4       4     4
GET    /contact/contacts/{owned}/                        2       2     2
PATCH  /contact/contacts/{owned}/                        5       5     5
PUT    /contact/contacts/{owned}/                        5       5     5
GET    /contact/contacts/{owned}/history/                2       2     2
GET    /contact/contacts/{owned}/personal_data/          -       -     8
POST   /contact/contacts/{owned}/erase/                  -       -     7

GET    /health/live                                      0       0     0
GET    /health/ready                                     5       5     5

GET    /kam/                                             1       1     1
GET    /kam/api-keys/                                    2       2     2
POST   /kam/api-keys/                                    -       5     5
DELETE /kam/api-keys/{hers}/                             -       3     3
GET    /kam/api-keys/{hers}/                             -       2     2
GET    /kam/erasures/                                    1       1     2
GET    /kam/erasures/{erased}/                           -       -     2
GET    /kam/invitations/                                 1       2     2
POST   /kam/invitations/                                 -       6     6
DELETE /kam/invitations/{invited}/                       -       3     3
GET    /kam/invitations/{invited}/                       -       2     2
GET    /kam/me/                                          2       2     2
GET    /kam/me/personal-data/                           11      11    11
PATCH  /kam/me/                                          5       5     5
PUT    /kam/me/                                          6       6     6
POST   /kam/me/password/                                 8       8     8
POST   /kam/me/log-out-everywhere/                       3       3     3
GET    /kam/me/sessions/                                 2       2     2
DELETE /kam/me/sessions/{session}/                       2       -     -
POST   /kam/password-reset/                              1       1     1
POST   /kam/password-reset/confirm/                      3       3     3
GET    /kam/people/                                      2       2     2
POST   /kam/people/                                      -       8     8
DELETE /kam/people/{colleague}/                          -       7     7
GET    /kam/people/{colleague}/                          2       2     2
POST   /kam/people/{colleague}/deactivate/               -      12    12
PATCH  /kam/people/{colleague}/                          -       5     5
PUT    /kam/people/{colleague}/                          -       7     7
GET    /kam/people/{colleague}/history/                  -       2     2
POST   /kam/sign-up/                                     8       8     8
POST   /kam/people/{gone}/erase/                         -       -     6
GET    /kam/people/{colleague}/personal_data/            -       -    11
POST   /kam/sign-up/request/                             1       1     1
GET    /kam/teams/                                       2       2     2
POST   /kam/teams/                                       -       6     5
DELETE /kam/teams/{below}/                               -       6     6
GET    /kam/teams/{below}/                               -       2     2
PATCH  /kam/teams/{below}/                               -       6     5
PUT    /kam/teams/{below}/                               -       7     6

GET    /lead/                                            1       1     1
GET    /lead/restaurants/                                2       2     2
GET    /lead/collaborators/                              2       2     2
POST   /lead/collaborators/                             11      11    11
DELETE /lead/collaborators/{owned}/                      9       9     9
GET    /lead/collaborators/{owned}/                      2       2     2
GET    /lead/covers/                                     2       2     2
POST   /lead/covers/                                    10      10    10
DELETE /lead/covers/{owned}/                             8       8     8
GET    /lead/covers/{owned}/                             2       2     2
PATCH  /lead/covers/{owned}/                             9       9     9
PUT    /lead/covers/{owned}/                            11      11    11
POST   /lead/restaurants/                                6       4     4
DELETE /lead/restaurants/{owned}/                        6       6     6
GET    /lead/restaurants/{owned}/                        2       2     2
PATCH  /lead/restaurants/{owned}/                        5       5     5
PUT    /lead/restaurants/{owned}/                       10      10    10
POST   /lead/restaurants/{owned}/change_status/         10      10    10
POST   /lead/restaurants/{archived}/restore/             -       8     8
POST   /lead/restaurants/allocate/                       -      17    17
POST   /lead/restaurants/{owned}/allocate/               -      18    18
POST   /lead/restaurants/{pool}/claim/                   9       9     9
GET    /lead/restaurants/{owned}/allocations/            2       2     2
GET    /lead/restaurants/{owned}/brief/                  9       9     9
GET    /lead/restaurants/{owned}/suggestions/            -       3     3
GET    /lead/restaurants/{owned}/status_history/         2       2     2
GET    /lead/restaurants/{owned}/history/                2       2     2

GET    /notifications/                                   1       1     1
GET    /notifications/messages/                          2       2     2
POST   /notifications/messages/read_all/                 2       2     2
GET    /notifications/messages/unread_count/             2       2     2
GET    /notifications/messages/{mine}/                   2       2     2
POST   /notifications/messages/{mine}/read/              4       4     4
GET    /notifications/preferences/                       2       2     2
PATCH  /notifications/preferences/                       3       3     3
GET    /notifications/unsubscribe/{secret}/              0       0     0
POST   /notifications/unsubscribe/{secret}/              3       3     3

GET    /performance/                                     1       1     1
GET    /performance/accounts/{owned}/                    7       7     7
GET    /performance/order-patterns/                      2       2     2
GET    /performance/performing-accounts/                 2       2     2
GET    /performance/rhythm/                              3       3     3
GET    /performance/summary/                             5       5     5
GET    /performance/trends/                              2       2     2
GET    /performance/underperforming-accounts/            2       2     2

GET    /track/                                           1       1     1
GET    /track/interactions/                              2       2     2
POST   /track/interactions/                              8       8     8
GET    /track/interactions/orders/                       2       2     2
DELETE /track/interactions/{owned}/                      8       8     8
GET    /track/interactions/{owned}/                      2       2     2
PATCH  /track/interactions/{owned}/                      5       5     5
PUT    /track/interactions/{owned}/                      8       8     8
GET    /track/interactions/{owned}/order_details/        2       2     2
PUT    /track/interactions/{owned}/order_details/        9       9     9
GET    /track/interactions/{owned}/history/              2       2     2
POST   /track/interactions/{deleted}/restore/            -       5     5
"""

# A request's own figures; a manager's writes cost one more, for the teams.
LISTS_AND_DETAILS, SIMPLE_WRITES = 3, 6
COMPOSITE = {
    "POST /lead/restaurants/allocate/": "an allocation writes two histories, and tells who gets and who loses them",
    "POST /lead/restaurants/{pk}/allocate/": "an allocation writes two histories, and tells who gets and who loses it",
    "GET /lead/restaurants/{pk}/suggestions/": "the restaurant and the people who could have it are two questions",
    "POST /contact/contacts/{pk}/erase/": "the chain is looked up, and who asked for it is written down",
    "GET /contact/contacts/{pk}/personal_data/": "what is kept about somebody is read table by table",
    "GET /kam/people/{pk}/personal_data/": "likewise",
    "GET /kam/me/personal-data/": "likewise",
    "POST /kam/people/{pk}/deactivate/": "who leaves hands on what they have, and those concerned are told",
    "GET /lead/restaurants/{pk}/brief/": "a brief has a chapter or more of each app, each read by one statement",
    "GET /call/next/": "a ranking comes with whom to ask for and what about, each read by one statement",
    "GET /call/compliance/": "people, their calls and their attempts are read one by one",
    "GET /call/compliance/calls/": "the days of the calls are those of people, whose clocks are asked for first",
    "GET /health/ready": "readiness looks at each part of the service",
    "POST /call/": "a plan asks for the clock of its KAM",
    "POST /call/{pk}/record_call/": "a call writes an interaction and the plan, and answers both",
    "DELETE /lead/restaurants/{pk}/": "what goes has a history, and its rhythm and plans rest from then on",
    "PUT /lead/restaurants/{pk}/": "a restaurant that closes takes back the call that is planned",
    "POST /lead/restaurants/{pk}/change_status/": "likewise, beside the history",
    "GET /performance/rhythm/": "who is still learning comes after all others, by a statement where a page has room",
    "GET /performance/accounts/{pk}/": "a portrait has the row, rhythm, months, scores and last contact, one by one",
    "GET /performance/summary/": "people, their restaurants, calls and revenue are read one by one",
    "POST /track/interactions/": "a call or an order is counted in the account's month",
    "PUT /track/interactions/{pk}/": "an interaction comes with its order and participants, and is counted anew",
    "DELETE /track/interactions/{pk}/": "an order that goes is counted no more, in the rhythm nor in the month",
    "PUT /track/interactions/{pk}/order_details/": "another price is counted in the account's month",
    "POST /lead/collaborators/": "both people are looked at and told, and the restaurant is held",
    "DELETE /lead/covers/{pk}/": "both people are told",
    "DELETE /lead/collaborators/{pk}/": "both people are told, and who has the restaurant decides",
    "POST /lead/covers/": "both people are looked at and told, and the absent one is held",
    "PATCH /lead/covers/{pk}/": "both people are told",
    "PUT /lead/covers/{pk}/": "both people are told, and the absent one is held while the time changes",
    "PUT /kam/teams/{pk}/": "a team's place is checked against the whole tree",
    "PATCH /call/{pk}/set_frequency/": "a plan is changed with its history, and takes back what it no longer asks for",
    "POST /lead/restaurants/{pk}/restore/": "what comes back has a history, an owner, a rhythm and plans",
    "POST /lead/restaurants/{pk}/claim/": "an allocation writes two histories, and holds who gets it",
    "DELETE /kam/people/{pk}/": "who leaves looks after nothing, is no last admin, and has a history",
    "PUT /kam/people/{pk}/": "names and addresses are nobody else's, and the change has a history",
    "POST /kam/me/password/": "a guess is counted for the account and the address, and the change has a history",
    "POST /kam/people/": "a person is entered, and written a letter, by what the caller may do",
    "POST /kam/sign-up/": "an invitation is accepted, and the person entered, by what the inviter may do",
}


@dataclass(frozen=True)
class Row:
    method: str
    template: str
    costs: dict[str, str]

    @property
    def operation(self) -> str:
        return f"{self.method} {re.sub(r'{(?!secret|session|token)[a-z_]+}', '{pk}', self.template)}"

    @property
    def account(self) -> str:
        """Whose row the body is about."""
        subject = re.search(r"{([a-z_]+)}", self.template)
        if subject:
            return subject[1]
        return "south" if self.template.startswith("/kam/") else "bare" if self.operation == "POST /call/" else "owned"


def rows() -> list[Row]:
    lines = [line.split() for line in TABLE.strip().splitlines()[1:] if line]
    return [Row(method, path, dict(zip(CALLERS, costs, strict=True))) for method, path, *costs in lines]


def statements(world: World, row: Row, caller: str) -> list[str]:
    """What the request asks of the database; it is undone."""
    with transaction.atomic():
        body = world.body(row.operation, row.account)
        call = api(world.people[caller])
        with CaptureQueriesContext(connection) as captured:
            answer = call(row.method, world.path(row.template.replace("{mine}", f"{{{caller}}}")), body)
        transaction.set_rollback(True)
    assert answer.status_code < 300, answer.content.decode()
    sql = [query["sql"] for query in captured.captured_queries]
    return [one for one in sql if not re.match(r"(RELEASE )?SAVEPOINT|ROLLBACK|BEGIN|COMMIT", one)]


@pytest.fixture
def world(cast: Cast, settings: Any) -> Iterator[World]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_UP = "open"
    with time_machine.travel(NOON, tick=False):
        world = World(cast)
        for user in filter(None, world.people.values()):
            user.password = make_password(PASSWORD)  # `set_password` would end what they have
            user.save()
        world.open_calendars()
        # A history that is empty costs one more: whether the restaurant is there at all.
        StatusChange.objects.create(
            restaurant_id=world.keys["restaurants"]["owned"],
            old_status="NEW",
            new_status="CONVERTED",
            changed_at=NOON,
            lasted=timedelta(),
        )
        yield world


def test_it_costs_what_the_table_says_for_3_and_for_30_rows(world: World) -> None:
    wrong = []
    for size in (3, 30):
        for number in range(len(world.keys["restaurants"]), size):
            world.open_account(f"account {number}", world.cast.asha)
        wrong += [text for row in rows() for text in beyond(world, row)]
    assert not wrong, "\n\n".join(wrong)


def beyond(world: World, row: Row) -> Iterator[str]:
    """What costs another number of statements than the table says, with the statements."""
    for caller, cost in row.costs.items():
        if cost != "-":  # who may not do it
            asked = statements(world, row, caller)
            if len(asked) != int(cost):
                yield "\n".join([f"{row.operation} by {caller}: {len(asked)}, not {cost}", *asked])


def test_it_would_be_seen_that_each_row_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (restaurants,) = [row for row in rows() if row.operation == "GET /lead/restaurants/"]
    assert list(beyond(world, restaurants)) == []
    page = RestaurantViewSet.page

    def one_by_one(view: RestaurantViewSet) -> Any:
        answer = page(view)
        for shown in answer.data:
            Restaurant.objects.get(pk=shown["id"])
        return answer

    monkeypatch.setattr(RestaurantViewSet, "page", one_by_one)
    assert [text.splitlines()[0] for text in beyond(world, restaurants)] == [
        "GET /lead/restaurants/ by owner: 4, not 2",
        "GET /lead/restaurants/ by manager: 5, not 2",
        "GET /lead/restaurants/ by admin: 6, not 2",
    ]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.operation)
def test_it_stays_within_the_budget(row: Row) -> None:
    reads = row.method == "GET"
    most = LISTS_AND_DETAILS if reads else SIMPLE_WRITES
    for cost in row.costs.values():
        assert cost == "-" or row.operation in COMPOSITE or int(cost) <= most


def test_it_has_a_row_for_every_operation() -> None:
    offered = {str(operation) for operation in operations() if operation.path not in DOCUMENTATION}
    assert {row.operation for row in rows()} == offered
