"""The floor: a bare WSGI function that checks the token, sends the one best statement and returns bytes of orjson.

`gunicorn benchmarks.peers.floor:application`. Nothing in it is meant to be maintained.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID
from zoneinfo import ZoneInfo

import jwt
import orjson
from psycopg import Connection
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool

from benchmarks.peers.shapes import ACCOUNT, CLOSED, INTERACTION, PAGE, PERFORMS_FROM, PLAN, RESTAURANT, column

KEY = os.environ["JWT_SIGNING_KEY"]
OPTIONS = os.environ["BENCH_DATABASE_OPTIONS"] + " -c timezone=UTC"
NAME = os.environ["BENCH_APPLICATION"]

set_json_loads(orjson.loads)
_pool: ConnectionPool[Connection[Any]] | None = None

# Who asks, with what they cover and share: one statement.
CALLER = """
SELECT u.id, u.role, u.team_id, u.timezone, u.is_superuser, u.is_active, u.token_generation,
  ARRAY(SELECT c.absent_id FROM leads_cover c
        WHERE c.covering_id = u.id AND c.archived_at IS NULL AND c.ends_at > now() AND c.starts_at <= now()) AS covered,
  ARRAY(SELECT s.restaurant_id FROM leads_collaboration s WHERE s.kam_id = u.id AND s.archived_at IS NULL) AS shared
FROM kams_user u JOIN kams_session l ON l.user_id = u.id
WHERE u.id = %(user)s AND l.id = %(session)s AND l.revoked_at IS NULL
"""
TEAMS = """
WITH RECURSIVE below AS (
  SELECT id FROM kams_team WHERE manager_id = %(id)s OR id = %(team_id)s
  UNION SELECT t.id FROM kams_team t JOIN below ON t.parent_id = below.id)
SELECT id FROM below
"""
LENT = " OR r.assigned_to_id IS NULL OR r.id = ANY(%(shared)s) OR r.assigned_to_id = ANY(%(covered)s))"
SEEN = {
    "ADMIN": "",
    "ANALYST": "",
    "MANAGER": " AND (r.assigned_to_id IN (SELECT id FROM kams_user WHERE id = %(id)s OR team_id IN ("
    + TEAMS
    + "))"
    + LENT,
    "KAM": " AND (r.assigned_to_id = %(id)s" + LENT,
}
OWN = " AND r.assigned_to_id = %(id)s"
OWN_AND_LENT = " AND (r.assigned_to_id = ANY(%(covered)s || %(id)s::bigint) OR r.id = ANY(%(shared)s))"


def _columns(names: Iterable[str], table: str) -> str:
    # A float is what JSON makes of it; an exact number would be made in Python, digit by digit.
    shown = {"potential_revenue": "r.potential_revenue::float8"}
    return ", ".join(shown.get(name, f"{table}.{column(name)}") for name in names)


ROWS = f"SELECT {_columns(RESTAURANT, 'r')} FROM leads_restaurant r WHERE r.archived_at IS NULL"
PLANS = f"""
SELECT {_columns(PLAN, "p")}, p.next_call_date < %(morning)s,
  CASE WHEN p.snoozed_until > now() THEN p.snoozed_until END,
  CASE WHEN p.snoozed_until > now() THEN p.snooze_reason ELSE '' END
FROM call_planning_callplan p JOIN leads_restaurant r ON r.id = p.lead_id
WHERE p.archived_at IS NULL AND r.archived_at IS NULL AND p.next_call_date < %(tonight)s
  AND r.lead_status <> ALL(%(closed)s) AND (p.snoozed_until IS NULL OR p.snoozed_until < %(tonight)s)
"""
PLAN_NAMES = (*PLAN, "is_overdue", "snoozed_until", "snooze_reason")
PATTERN_NAMES = ("restaurant_id", "name", "orders_last_month", "orders_this_month")
COUNTED = """
SELECT i.date >= %(this)s AS now, count(*) AS orders FROM interaction_tracking_interaction i
WHERE i.lead_id = r.id AND i.order_placed AND i.archived_at IS NULL AND i.status = 'DONE'
  AND i.date >= %(last)s AND i.date < %(next)s GROUP BY 1
"""
PATTERNS = f"""
SELECT r.id, r.name, coalesce(max(o.orders) FILTER (WHERE NOT o.now), 0) AS before,
  coalesce(max(o.orders) FILTER (WHERE o.now), 0) AS now
FROM {{rows}} r LEFT JOIN LATERAL ({COUNTED}) o ON true GROUP BY r.id, r.name
"""
ADD = f"""
INSERT INTO interaction_tracking_interaction AS i (lead_id, contact_id, kam_id, interaction_type, status, details,
  outcome, order_placed, date, created_at, updated_at, version)
SELECT r.id, c.id, %(id)s, %(interaction_type)s, 'DONE', %(details)s, '', %(order_placed)s, %(date)s, now(), now(), 1
FROM leads_restaurant r JOIN contact_contact c ON c.restaurant_id = r.id AND c.archived_at IS NULL
WHERE r.id = %(lead)s AND c.id = %(contact)s AND r.archived_at IS NULL{{seen}}
RETURNING {_columns(INTERACTION, "i")}
"""

CHANGE = f"""
UPDATE interaction_tracking_interaction i SET details = %(details)s, updated_at = now(), version = i.version + 1
FROM leads_restaurant r WHERE i.id = %(key)s AND i.archived_at IS NULL AND r.id = i.lead_id
  AND r.archived_at IS NULL{{seen}}
RETURNING {_columns(INTERACTION, "i")}, ARRAY(SELECT p.contact_id FROM interaction_tracking_interaction_participants p
  WHERE p.interaction_id = i.id ORDER BY 1)
"""


class Refused(Exception):
    """The status and nothing else."""


def pool() -> ConnectionPool[Connection[Any]]:
    """Opened by each worker for itself."""
    global _pool  # noqa: PLW0603 - a process has one
    if _pool is None:
        settings = {"autocommit": True, "options": OPTIONS, "application_name": NAME}
        _pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=8, kwargs=settings, open=True)
    return _pool


def caller(environ: dict[str, Any], cursor: Any) -> dict[str, Any]:
    try:
        claims = jwt.decode(environ["HTTP_AUTHORIZATION"].removeprefix("Bearer "), KEY, algorithms=["HS256"])
        named = {"user": int(claims["user_id"]), "session": UUID(claims["session"])}
    except (jwt.InvalidTokenError, LookupError, ValueError):
        raise Refused("401 Unauthorized") from None
    row = cursor.execute(CALLER, named).fetchone()
    names = ("id", "role", "team_id", "timezone", "is_superuser", "is_active", "generation", "covered", "shared")
    person = dict(zip(names, row, strict=True)) if row and claims.get("token_type") == "access" else {}
    if not person or not person["is_active"] or person["generation"] != claims["generation"]:
        raise Refused("401 Unauthorized")
    if person["is_superuser"]:
        person["role"] = "ADMIN"
    return person


def listed(person: dict[str, Any]) -> str:
    if person["role"] != "KAM":
        return SEEN[person["role"]]
    return OWN_AND_LENT if person["covered"] or person["shared"] else OWN


def restaurants(person: dict[str, Any], query: dict[str, str], cursor: Any) -> list[Any]:
    text = ROWS + listed(person)
    if "status" in query:
        text += " AND r.lead_status = %(status)s"
    if "search" in query:
        text += " AND r.search_text LIKE %(search)s"
        query["search"] = f"%{query['search'].lower()}%"
    if "after" in query:
        text += " AND r.id > %(after)s"
    text += f" ORDER BY r.id LIMIT {PAGE + 1}"
    return _records(RESTAURANT, cursor.execute(text, {**person, **query}))[:PAGE]


def restaurant(person: dict[str, Any], key: str, cursor: Any) -> Any:
    text = ROWS + SEEN[person["role"]] + " AND r.id = %(key)s"
    return _one(RESTAURANT, cursor.execute(text, {**person, "key": int(key)}))


def today(person: dict[str, Any], _: dict[str, str], cursor: Any) -> list[Any]:
    morning = datetime.now(ZoneInfo(person["timezone"])).replace(hour=0, minute=0, second=0, microsecond=0)
    given = {"morning": morning, "tonight": morning + timedelta(days=1), "closed": list(CLOSED), **person}
    text = PLANS + listed(person) + f" ORDER BY p.next_call_date, p.id LIMIT {PAGE + 1}"
    return _records(PLAN_NAMES, cursor.execute(text, given))[:PAGE]


def patterns(person: dict[str, Any], query: dict[str, str], cursor: Any) -> list[Any]:
    this = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    given = {
        "this": this,
        "last": (this - timedelta(days=1)).replace(day=1),
        "next": (this + timedelta(days=32)).replace(day=1),
    }
    rows = f"SELECT r.id, r.name FROM leads_restaurant r WHERE r.archived_at IS NULL{listed(person)}"
    if "ordering" in query:
        text = PATTERNS.format(rows=f"({rows})") + f" ORDER BY 4 DESC, 1 DESC LIMIT {PAGE + 1}"
    else:
        text = PATTERNS.format(rows=f"({rows} ORDER BY r.id LIMIT {PAGE + 1})") + " ORDER BY 1"
    return _records(PATTERN_NAMES, cursor.execute(text, {**given, **person}))[:PAGE]


def performing(person: dict[str, Any], _: dict[str, str], cursor: Any) -> list[Any]:
    text = f"SELECT {_columns(ACCOUNT, 'r')} FROM leads_restaurant r WHERE r.archived_at IS NULL{listed(person)}"
    text += " AND r.lead_status = 'CONVERTED' AND r.potential_revenue >= %(revenue)s"
    text += f" ORDER BY r.potential_revenue DESC, r.id DESC LIMIT {PAGE + 1}"
    return _records(ACCOUNT, cursor.execute(text, {**person, "revenue": PERFORMS_FROM}))[:PAGE]


def add_interaction(person: dict[str, Any], body: dict[str, Any], cursor: Any) -> Any:
    text = ADD.format(seen=SEEN[person["role"]])
    given = {**person, **body, "date": datetime.fromisoformat(body["date"])}
    return {**_one(INTERACTION, cursor.execute(text, given)), "participants": [], "order": None}


def change_interaction(person: dict[str, Any], key: str, body: dict[str, Any], cursor: Any) -> Any:
    text = CHANGE.format(seen=SEEN[person["role"]])
    given = {**person, "key": int(key), "details": body["details"]}
    return {**_one((*INTERACTION, "participants"), cursor.execute(text, given)), "order": None}


def _records(names: tuple[str, ...], cursor: Any) -> list[dict[str, Any]]:
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _one(names: tuple[str, ...], cursor: Any) -> dict[str, Any]:
    for record in _records(names, cursor):
        return record
    raise Refused("404 Not Found")


LISTS = {
    "/lead/restaurants/": restaurants,
    "/call/today/": today,
    "/performance/order-patterns/": patterns,
    "/performance/performing-accounts/": performing,
}
DETAIL = re.compile(r"/lead/restaurants/([0-9]{1,18})/\Z")
CHANGED = re.compile(r"/track/interactions/([0-9]{1,18})/\Z")


def answer(environ: dict[str, Any]) -> tuple[str, Any]:
    path = environ["PATH_INFO"]
    with pool().connection() as connection, connection.cursor(binary=True) as cursor:
        person = caller(environ, cursor)
        if path in LISTS:
            query = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
            return "200 OK", LISTS[path](person, query, cursor)
        if found := DETAIL.match(path):
            return "200 OK", restaurant(person, found[1], cursor)
        if path == "/track/interactions/":
            return "201 Created", add_interaction(person, _body(environ), cursor)
        if found := CHANGED.match(path):
            return "200 OK", change_interaction(person, found[1], _body(environ), cursor)
    return "404 Not Found", None


def _body(environ: dict[str, Any]) -> Any:
    return orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    try:
        status, found = answer(environ)
    except Refused as refused:
        status, found = str(refused), None
    body = orjson.dumps(found, option=orjson.OPT_UTC_Z)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
