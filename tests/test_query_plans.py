"""How the hot endpoints are answered: by the index that is meant for them, from few rows. PostgreSQL only.

Each is asked over HTTP among a crowd of accounts; then PostgreSQL explains each statement that was sent. The table says
which indexes have to be among those it used, and how many rows it may have read at most: what scans gave and what they
passed over, each time they ran, and one for each look-up. The bounds are about twice what was found, because plans
differ a little from one release of PostgreSQL to the next.

An index that is replaced is one word here. A star stands for any end of a name: it is all the same which index of a KAM
finds all that they have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import orjson
import pytest
from django.db import connection

from benchmarks.catching import Statements
from leads.models import Restaurant
from tests.cast import Cast, api, collaboration
from tests.crowd import FIRST_OF_THEM, RESTAURANTS, empty, gather

TABLE = """
as    page  rows  indexes                                  path
asha     1    60  restaurant_live_by_kam                   /lead/restaurants/?page_size=10
asha     2    60  restaurant_live_by_kam                   /lead/restaurants/?page_size=10
asha     1    60  restaurant_by_kam_status                 /lead/restaurants/?status=CONVERTED&page_size=10
asha     1   160  restaurant_live_by_kam                   /lead/restaurants/?ordering=name&page_size=10
asha     1    60  restaurant_by_kam_revenue                /lead/restaurants/?ordering=-potential_revenue&page_size=10
maya     1   320  leads_restaurant_pkey                    /lead/restaurants/?page_size=10
maya     1   270  restaurant_by_name                       /lead/restaurants/?ordering=name&page_size=10
root     1   140  leads_restaurant_pkey                    /lead/restaurants/?page_size=10
root     5    60  leads_restaurant_pkey                    /lead/restaurants/?page_size=10
root     1   190  leads_restaurant_pkey                    /lead/restaurants/?status=CONVERTED&page_size=10
root     1    60  restaurant_by_name                       /lead/restaurants/?ordering=name&page_size=10
root     5    60  restaurant_by_name                       /lead/restaurants/?ordering=name&page_size=10
root     1   140  restaurant_by_updated                    /lead/restaurants/?ordering=-updated_at&page_size=10
root     1   320  leads_restaurant_pkey                    /lead/restaurants/?assigned_to=none&page_size=10
root     1    60  restaurant_by_city                       /lead/restaurants/?city=City+33&page_size=10
root     1    80  restaurant_search                        /lead/restaurants/?search=zafran&page_size=10
asha     1    40  leads_restaurant_pkey                    /lead/restaurants/41/
root     1    40  leads_restaurant_pkey                    /lead/restaurants/41/
asha     1    50  status_change_by_restaurant              /lead/restaurants/41/status_history/
asha     1    90  allocation_by_restaurant                 /lead/restaurants/41/allocations/
asha     1    40  change_by_row                            /lead/restaurants/41/history/
asha     1   100  contact_by_restaurant,status_change_by_restaurant,interaction_of_lead /lead/restaurants/41/brief/

asha     1   220  contact_by_restaurant,restaurant_live_by_kam /contact/contacts/?page_size=10
asha     1    40  contact_by_restaurant                    /contact/contacts/?restaurant=41
root     1    80  contact_by_name                          /contact/contacts/?ordering=name&page_size=10
root     1    60  contact_search                           /contact/contacts/?search=contact+cfcd&page_size=10
asha     1    40  contact_contact_pkey                     /contact/contacts/41/

asha     1   700  restaurant_live_by_kam,interaction_order_of_lead /track/interactions/?page_size=10
asha     1    90  interaction_of_lead                      /track/interactions/?lead=41
maya     1   360  interaction_by_date                      /track/interactions/?page_size=10
root     1   130  interaction_by_date                      /track/interactions/?page_size=10
root     5   120  interaction_by_date                      /track/interactions/?page_size=10
root     1   130  interaction_by_type                      /track/interactions/?interaction_type=VISIT&page_size=10
asha     1   360  restaurant_live_by_kam,interaction_order_of_lead /track/interactions/orders/?page_size=10
root     1   120  interaction_by_order                     /track/interactions/orders/?page_size=10

asha     1   140  call_plan_by_owner                       /call/?page_size=10
asha     1   140  call_plan_by_owner_due                   /call/?ordering=next_call_date&page_size=10
asha     1    50  call_plan_by_lead                        /call/?lead=41
root     1   160  call_plan_by_due                         /call/?ordering=next_call_date&page_size=10
asha     1    50  call_planning_callplan_pkey              /call/41/
asha     1   130  call_plan_due_by_owner                   /call/today/?page_size=10
carl     1   130  call_plan_due_by_owner                   /call/today/?page_size=10
maya     1   360  call_plan_due                            /call/today/?page_size=10
root     1   130  call_plan_due                            /call/today/?page_size=10
asha     1  1100  call_plan_by_lead,restaurant_live_by_kam /call/next/
carl     1  7400  call_plan_by_lead,restaurant_live_by_kam /call/next/

asha     1   110  restaurant_live_by_kam,month_*           /performance/order-patterns/?page_size=10
root     1   180  leads_restaurant_pkey,month_*            /performance/order-patterns/?page_size=10
root     5   180  leads_restaurant_pkey,month_*            /performance/order-patterns/?page_size=10
asha     1    70  restaurant_by_kam*                       /performance/performing-accounts/?page_size=10
root     1    80  restaurant_by_*revenue                   /performance/performing-accounts/?page_size=10
asha     1    60  order_rhythm_by_owner                    /performance/rhythm/?page_size=10
root     1    70  order_rhythm_accounts                    /performance/rhythm/?page_size=10
asha     1    60  month_once_per_restaurant,interaction_of_lead /performance/accounts/41/

asha     1    60  message_by_user                          /notifications/messages/?page_size=10
asha     1   240  message_by_user_unread                   /notifications/messages/unread_count/
"""


@dataclass(frozen=True)
class Row:
    person: str
    page: int
    most: int
    indexes: frozenset[str]
    path: str


def rows() -> Iterator[Row]:
    for line in TABLE.strip().splitlines()[1:]:
        if line:
            person, page, most, indexes, path = line.split()
            yield Row(person, int(page), int(most), frozenset(indexes.split(",")) - {"-"}, path)


@dataclass
class Reading:
    """What PostgreSQL did for an answer."""

    indexes: set[str]
    rows: int
    statements: list[str]


def ask(cast: Cast, row: Row) -> Any:
    """The answer that is the page of this number, and the statements that were sent for it."""
    caller, path = api(getattr(cast, row.person)), row.path
    for _ in range(row.page - 1):
        (path,) = re.findall(r'<http://testserver([^>]+)>; rel="next"', caller.get(path)["Link"])
    with connection.execute_wrapper(caught := Statements()):
        answer = caller.get(path)
    assert answer.status_code == 200, f"{path}: {answer.content.decode()}"
    assert answer.json(), f"{path} as {row.person} has nothing to show."
    return caught.found


def reading(statements: list[tuple[str, Any]]) -> Reading:
    found = Reading(set(), 0, [])
    for text, parameters in statements:
        if not text.startswith(("SELECT", "WITH", "(SELECT")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}", parameters)
            (plan,) = cursor.fetchone() or ("",)
        (plan,) = plan if isinstance(plan, list) else orjson.loads(plan)
        read = 0
        for node in nodes(plan["Plan"]):
            found.indexes |= {node[name] for name in ("Index Name",) if name in node}
            read += rows_read(node)
        found.rows += read
        found.statements.append(f"{read}: {text}")
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def rows_read(node: dict[str, Any]) -> int:
    """What a scan of a table or an index went through, all times that it ran."""
    if "Relation Name" not in node and "Index Name" not in node:
        return 0
    passed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    return int(max(1, node["Actual Rows"] + passed) * node["Actual Loops"])


def wrong(cast: Cast, row: Row) -> Iterator[str]:
    """What the answer does otherwise than the table says, with what was asked."""
    found = reading(ask(cast, row))
    said = f"{row.path}, page {row.page}, as {row.person}"
    missing = sorted(name for name in row.indexes if not any(fnmatchcase(used, name) for used in found.indexes))
    if missing:
        used = ", ".join(sorted(found.indexes))
        yield "\n".join([f"{said}: {', '.join(missing)} is not used, but {used}.", *found.statements])
    if found.rows > row.most:
        yield "\n".join([f"{said}: {found.rows} rows were read, not {row.most} at most.", *found.statements])


@pytest.fixture
def crowd(cast: Cast, noon: None) -> Cast:  # noqa: ARG001 - to ask for the clock is to stop it
    if connection.vendor != "postgresql":
        pytest.skip("Plans are those of PostgreSQL.")
    empty()
    for name in {row.person for row in rows()}:
        getattr(cast, name)
    gather(cast)
    return cast


def test_it_is_answered_by_its_index_from_few_rows(crowd: Cast) -> None:
    found = [text for row in rows() for text in wrong(crowd, row)]
    assert not found, "\n\n".join(found)


def test_a_large_portfolio_is_ranked_from_its_indexes(crowd: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("call_planning.models.callee.MOST_CONSIDERED", 50)
    for of_others in Restaurant.objects.filter(assigned_to__gte=FIRST_OF_THEM, archived_at__isnull=True)[:3]:
        collaboration(of_others, crowd.carl, by=crowd.root)
    carls = frozenset({"call_plan_due_by_owner", "order_rhythm_by_owner", "restaurant_by_kam_revenue"})
    everybodys = frozenset({"call_plan_due", "order_rhythm_accounts", "restaurant_by_revenue"})
    for person, indexes in (("carl", carls), ("root", everybodys)):
        assert list(wrong(crowd, Row(person, 1, 3500, indexes, "/call/next/"))) == []


def test_it_would_be_seen_that_an_index_is_gone(crowd: Cast) -> None:
    by_name = next(row for row in rows() if row.indexes == {"restaurant_by_name"} and row.person == "root")
    assert list(wrong(crowd, by_name)) == []
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX restaurant_by_name")
    not_used, too_many = wrong(crowd, by_name)
    assert "restaurant_by_name is not used" in not_used
    assert f"rows were read, not {by_name.most} at most" in too_many
    assert int(re.findall(r"(\d+) rows were read", too_many)[0]) > RESTAURANTS * 8 // 10


def test_the_bounds_are_far_from_reading_everything() -> None:
    for row in rows():
        if row.page > 1:  # costs what the first page costs
            (first,) = [one for one in rows() if (one.person, one.path, one.page) == (row.person, row.path, 1)]
            assert row.most <= first.most
        assert row.indexes
