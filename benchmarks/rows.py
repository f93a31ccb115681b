"""The rows of a dataset, as statements that copy each life for everybody who lives it.

Ids follow from the order of restaurants, or of moments, so that the statements can run in any order, side by side.
Interactions come in the order of their dates, as they would have been recorded: those of one restaurant lie apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Model

from benchmarks.workers import Statement
from call_planning.demo.chance import WORDS
from call_planning.models import Block, CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange
from performance_tracking.models import Month, OrderRhythm
from performance_tracking.models.order_rhythm import FIGURES

# How many rows one statement writes, more or less.
AT_ONCE = 100_000

# Throws a die for a row; the same throw for the same row, whatever the plan of the statement.
DRAW = """
CREATE OR REPLACE FUNCTION benchmarks.draw(key bigint, salt bigint, sides int) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ((hashint8extended(key, salt) & 2147483647) %% sides)::int $$
"""
OWNERS = """
CREATE UNLOGGED TABLE benchmarks.owner AS
SELECT row_number() OVER (ORDER BY s.n, g) - 1 AS slot, s.kam, s.zone, g > s.live AS archived
FROM benchmarks.share s, generate_series(1, s.live + s.archived) g
"""
# Who has what is scattered: the step goes round all slots, since it has no factor in common with their number.
PLACES = """
CREATE UNLOGGED TABLE benchmarks.place AS
SELECT r.id, l.id AS life, r.kam, r.archived, r.shift, r.created_by, r.other,
       row_number() OVER (PARTITION BY l.id ORDER BY r.id) AS n,
       sum(l.contacts) OVER w - l.contacts AS contacts, sum(l.stages) OVER w - l.stages AS stages,
       sum(l.months) OVER w - l.months AS months,
       CASE WHEN l.has_plan THEN sum(l.has_plan::int) OVER w END AS plan
FROM (
  SELECT g.id, o.kam, o.zone, o.archived, other.kam AS other, coalesce(o.kam, 1) AS created_by,
         make_interval(secs => benchmarks.draw(g.id, %(seed)s, 3600)) AS shift
  FROM generate_series(1, %(restaurants)s::bigint) AS g(id)
  JOIN benchmarks.owner o ON o.slot = g.id * %(step)s %% %(restaurants)s
  JOIN benchmarks.owner other ON other.slot = (g.id + 17) * %(step)s %% %(restaurants)s
) r
JOIN benchmarks.zone z USING (zone)
JOIN benchmarks.life l ON l.id = z.first + benchmarks.draw(r.id, %(seed)s + 1, z.lives)
WINDOW w AS (ORDER BY r.id)
ORDER BY l.id, r.id
"""
# The moments of all lives in their order, each with how many interactions come before it.
MOMENTS = """
CREATE UNLOGGED TABLE benchmarks.moment AS
SELECT e.*, (sum(c.places) OVER (ORDER BY e.at, e.life, e.n) - c.places)::bigint AS base
FROM benchmarks.event e JOIN (SELECT life, count(*) AS places FROM benchmarks.place GROUP BY life) c USING (life)
"""
# The steps before there are restaurants; the statements of a step can run side by side.
PLACING = {
    "Dice": (DRAW,),
    "Owners": (OWNERS,),
    "Places": (PLACES,),
    "Places by life": ("CREATE INDEX ON benchmarks.place (id)", "CREATE INDEX ON benchmarks.place (life)"),
    "Moments": (MOMENTS,),
    "Moments in order": ("CREATE INDEX ON benchmarks.moment (base)", "ANALYZE benchmarks.moment, benchmarks.place"),
}
TOTAL = """
SELECT coalesce(max(base + (SELECT count(*) FROM benchmarks.place WHERE life = last.life)), 0)
FROM (SELECT base, life FROM benchmarks.moment ORDER BY base DESC, n DESC LIMIT 1) last
"""
SCAFFOLD = ("share", "city", "zone", "life", "contact", "stage", "month", "event", "owner", "place", "moment")

_LIVED = "FROM benchmarks.place p JOIN benchmarks.life l ON l.id = p.life"
_HERE = "WHERE p.id > %(after)s AND p.id <= %(until)s"
# Moments are few and restaurants many, so it goes from each moment to who lives it.
_LIVING = """
FROM (SELECT * FROM benchmarks.moment WHERE base >= %(after)s AND base < %(until)s ORDER BY base) e
CROSS JOIN LATERAL (SELECT * FROM benchmarks.place WHERE life = e.life OFFSET 0) p
"""


def insert(model: type[Model], source: str, /, **columns: str) -> Statement:
    """Rows with these columns, each as SQL; what has a default and is not named has the default."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.column not in columns and not (field.null or field.generated or field.primary_key):
            values[str(field.column)] = field.get_db_prep_save(field.get_default(), connection)
    texts = {**columns, **{name: f"%({name})s" for name in values}}
    names = ", ".join(f'"{name}"' for name in texts)
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(texts.values())} {source}", values


def in_parts(statement: Statement, total: int, *, at_once: int = AT_ONCE, **more: Any) -> Iterator[Statement]:
    text, values = statement
    for after in range(0, total, at_once):
        yield text, {**values, **more, "after": after, "until": min(after + at_once, total)}


def _one_of(words: list[str], salt: int) -> str:
    """A word of these, by the restaurant."""
    quoted = ", ".join("'" + word.replace("'", "''").replace("%", "%%") + "'" for word in words)
    return f"(ARRAY[{quoted}])[1 + benchmarks.draw(p.id, %(seed)s + {salt}, {len(words)})]"


_KITCHENS = [word for kitchen, words in WORDS["names"].items() if kitchen != "first" for word in words]
_PERSON = f"{_one_of(WORDS['given']['IN'], 10)} || ' ' || {_one_of(WORDS['family']['IN'], 11)}"


def _number(salt: int) -> str:
    return f"'+919' || lpad((benchmarks.draw(p.id, %(seed)s + {salt}, 1000000000))::text, 9, '0')"


def _stamps(moment: str) -> dict[str, str]:
    return {"created_at": moment, "updated_at": moment}


def below_restaurants(total: int, told: dict[str, Any]) -> Iterator[Statement]:
    """Restaurants and what hangs below them, but what happened."""
    created = "l.created_at + p.shift"
    statements = (
        insert(
            Restaurant,
            f"{_LIVED} JOIN benchmarks.city c ON c.zone = l.zone"
            f" AND c.share = benchmarks.draw(p.id, %(seed)s + 2, 1000) {_HERE} ORDER BY p.id",
            id="p.id",
            **_stamps(created),
            archived_at="CASE WHEN p.archived"
            " THEN %(now)s - make_interval(hours => 1 + benchmarks.draw(p.id, %(seed)s + 3, 2000)) END",
            name=f"{_one_of(WORDS['names']['first'], 4)} || ' ' || {_one_of(_KITCHENS, 5)} || ' ' || p.id",
            address="(1 + benchmarks.draw(p.id, %(seed)s + 6, 300)) || ' Market Road, ' || c.city",
            city="c.city",
            state="c.state",
            country="c.country",
            timezone="l.zone",
            pincode="lpad(benchmarks.draw(p.id, %(seed)s + 7, 1000000)::text, 6, '0')",
            contact_person=_PERSON,
            phone=_number(8),
            phone_e164=_number(8),
            email="'place.' || p.id || '@restaurants.example'",
            lead_status="l.status",
            potential_revenue="round(l.revenue * (80 + benchmarks.draw(p.id, %(seed)s + 9, 41)) / 100, 2)",
            cuisine_type="l.cuisine",
            restaurant_type="l.kind",
            source=_one_of(WORDS["restaurants"]["sources"], 12),
            notes=_one_of(WORDS["restaurants"]["notes"], 13),
            assigned_to_id="p.kam",
            created_by_id="p.created_by",
        ),
        insert(
            Contact,
            f"{_LIVED} JOIN benchmarks.contact c ON c.life = l.id {_HERE} ORDER BY p.id, c.n",
            id="p.contacts + c.n",
            **_stamps(created),
            restaurant_id="p.id",
            name=f"CASE c.n WHEN 1 THEN {_PERSON} ELSE {_one_of(WORDS['given']['GB'], 14)} || ' ' || c.n END",
            role="initcap(c.role_kind)",
            role_kind="c.role_kind",
            email="'person.' || p.contacts + c.n || '@restaurants.example'",
            phone=f"CASE c.n WHEN 1 THEN {_number(8)} ELSE '' END",
            phone_e164=f"CASE c.n WHEN 1 THEN {_number(8)} ELSE '' END",
            is_primary="c.n = 1",
            opted_out="c.opted_out",
        ),
        insert(
            CallPlan,
            f"{_LIVED} {_HERE} AND p.plan IS NOT NULL ORDER BY p.id",
            id="p.plan",
            **_stamps(created),
            lead_id="p.id",
            owner_id="p.kam",
            rests="p.archived OR l.status IN ('LOST', 'INACTIVE')",
            next_call_date="l.next_call_date + CASE WHEN l.last_called IS NULL THEN interval '0' ELSE p.shift END",
            last_called="l.last_called + p.shift",
            **{name: f"l.{name}" for name in ("frequency", "interval_days", "attempts")},
            **{name: f"l.{name}" for name in ("attempted_at", "call_back_at", "snoozed_until")},
        ),
        insert(
            StatusChange,
            f"{_LIVED} JOIN benchmarks.stage s ON s.life = l.id {_HERE} ORDER BY p.id, s.n",
            id="p.stages + s.n",
            restaurant_id="p.id",
            old_status="s.old_status",
            new_status="s.new_status",
            changed_by_id="p.created_by",
            changed_at="s.at + p.shift",
            lasted="s.lasted",
        ),
        insert(
            Allocation,
            f"{_LIVED} {_HERE} AND p.kam IS NOT NULL ORDER BY p.id",
            id="p.id",
            restaurant_id="p.id",
            kam_id="p.kam",
            allocated_by_id="1",
            started_at=created,
        ),
        insert(
            Month,
            f"{_LIVED} JOIN benchmarks.month m ON m.life = l.id {_HERE} ORDER BY p.id, m.n",
            id="p.months + m.n",
            restaurant_id="p.id",
            **{name: f"m.{name}" for name in ("month", "orders", "revenue", "calls", "visits")},
            **{name: f"m.{name}" for name in ("responses", "response_days")},
        ),
        insert(
            OrderRhythm,
            f"{_LIVED} {_HERE} AND l.last_order_on IS NOT NULL ORDER BY p.id",
            restaurant_id="p.id",
            owner_id="p.kam",
            is_account="l.status = 'CONVERTED' AND NOT p.archived",
            state="l.rhythm",
            **{name: f"l.{name}" for name in FIGURES if name != "state"},
        ),
    )
    for statement in statements:
        yield from in_parts(statement, total, **told)
    yield from _exceptions(told)


def _exceptions(told: dict[str, Any]) -> Iterator[Statement]:
    """One in a hundred is blocked and one in two hundred shared; of a hundred people, one is covered."""
    statements = (
        insert(
            Block,
            "FROM benchmarks.place p WHERE benchmarks.draw(p.id, %(seed)s + 20, 100) = 0 ORDER BY p.id",
            id="row_number() OVER (ORDER BY p.id)",
            **_stamps("%(now)s"),
            restaurant_id="p.id",
            made_by_id="p.created_by",
            starts_at="%(now)s - interval '5 days'",
            ends_at="%(now)s + interval '20 days'",
            reason="'Closed for renovation.'",
        ),
        insert(
            Collaboration,
            "FROM benchmarks.place p WHERE benchmarks.draw(p.id, %(seed)s + 21, 200) = 0 AND p.other <> p.kam"
            " AND p.other NOT IN (SELECT id FROM kams_user WHERE username = %(steady)s)",
            id="row_number() OVER (ORDER BY p.id)",
            **_stamps("%(now)s"),
            restaurant_id="p.id",
            kam_id="p.other",
            added_by_id="1",
        ),
        insert(
            Cover,
            "FROM kams_user u JOIN kams_user v ON v.id = u.id + 1 WHERE u.role = 'KAM' AND v.role = 'KAM'"
            " AND u.id %% 100 = 57",
            id="row_number() OVER (ORDER BY u.id)",
            **_stamps("%(now)s"),
            absent_id="u.id",
            covering_id="v.id",
            made_by_id="1",
            starts_at="%(now)s - interval '2 days'",
            ends_at="%(now)s + interval '9 days'",
        ),
    )
    for text, values in statements:
        yield text, {**values, **told}


def happened(total: int) -> Iterator[Statement]:
    """Interactions and orders: `total` interactions in all."""
    date = "e.at + CASE WHEN e.shifts THEN p.shift ELSE interval '0' END"
    interactions = insert(
        Interaction,
        _LIVING,
        id="e.base + p.n",
        **_stamps(date),
        lead_id="p.id",
        contact_id="p.contacts + 1 + e.person",
        kam_id="CASE WHEN e.status <> 'PLANNED' THEN p.kam END",
        interaction_type="e.kind",
        status="e.status",
        details="e.details",
        outcome="e.outcome",
        order_placed="e.is_order",
        date=date,
        duration_seconds="e.seconds",
        call_plan_id="CASE WHEN e.by_plan THEN p.plan END",
        due_at=f"CASE WHEN e.by_plan THEN {date} END",
    )
    orders = insert(
        Order,
        f"{_LIVING} WHERE e.price IS NOT NULL",
        interaction_id="e.base + p.n",
        product_details="e.quantity || ' cases'",
        quantity="e.quantity",
        total_price="e.price",
        order_date=date,
    )
    yield from in_parts(interactions, total)
    yield from in_parts(orders, total, at_once=5 * AT_ONCE)
