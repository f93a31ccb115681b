"""A crowd of a few thousand accounts, skewed as organisations are, made by a few statements of PostgreSQL.

It is there to have plans of queries looked at: the same rows each time, with statistics of all of them. Asha has one
account of a hundred, Carl a quarter and the pool a tenth; the others belong to people without names. A tenth is
archived, half is in one city, and accounts that are closed have the oldest due dates.
"""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from benchmarks.rows import insert
from benchmarks.workers import Statement
from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from kams.models import User
from leads.models import Allocation, Restaurant, StatusChange
from notifications.models import Message
from performance_tracking.models import Month, OrderRhythm
from tests.cast import NOON, Cast

RESTAURANTS = 3_001  # a prime, so that going through them in steps meets all
INTERACTIONS = 8 * RESTAURANTS
ASHAS = 41  # the key of the first account that is hers
PEOPLE = 20
FIRST_OF_THEM = 1_000_000  # their keys, beyond those that were given

# What the planner would find otherwise on another machine, or is told by the service's own connections.
_PINNED = (
    "SET LOCAL jit = off",
    "SET LOCAL max_parallel_workers_per_gather = 0",
    "SET LOCAL random_page_cost = 1.1",
    "SET LOCAL effective_cache_size = '4GB'",
    "SET LOCAL work_mem = '4MB'",
    "SET LOCAL default_statistics_target = 1000",  # a sample of them all, so that no chance is in it
    # Among a million nobody reads a whole table to join it; among a few thousand it would be the cheapest way.
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL enable_hashjoin = off",
    "SET LOCAL enable_mergejoin = off",
)

_FILLED_AT_FIRST = {"contenttypes", "auth"}  # by Django, for all tests
_FROM = f"FROM generate_series(1, {RESTAURANTS}) AS g"
_ARCHIVED = "g / 40 %% 10 = 0"
_STATUS = "(ARRAY['CONVERTED','NEW','CONTACTED','NEGOTIATING','CONVERTED','LOST','INACTIVE'])[1 + g / 3 %% 7]"


def empty() -> None:
    """Give every table new files, within the transaction at hand.

    Earlier tests leave dead rows behind, and the more there are of them, the further they take plans elsewhere.
    """
    tables = sorted(
        {model._meta.db_table for model in apps.get_models() if model._meta.app_label not in _FILLED_AT_FIRST}
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")


def gather(cast: Cast) -> None:
    """Make them all, within the transaction at hand, with their statistics."""
    asha, carl = cast.asha.pk, cast.carl.pk
    owner = (
        f"CASE WHEN g %% 100 = {ASHAS} THEN {asha} WHEN g %% 4 = 0 THEN {carl}"
        f" WHEN g %% 10 = 3 THEN NULL ELSE {FIRST_OF_THEM} + g %% {PEOPLE} END"
    )
    made = {"created_at": "%(noon)s - make_interval(hours => g)", "updated_at": "%(noon)s - make_interval(mins => g)"}
    # Interactions in the order of their dates, so that those of one restaurant lie apart.
    lead = f"1 + g * 1999 %% {RESTAURANTS}"
    statements: tuple[Statement, ...] = (
        insert(
            User,
            f"FROM generate_series(0, {PEOPLE - 1}) AS g",
            id=f"{FIRST_OF_THEM} + g",
            username="'crowd.' || g",
            email="'crowd.' || g || '@kams.example'",
            password="'!'",
        ),
        insert(
            Restaurant,
            _FROM,
            id="g",
            **made,
            archived_at=f"CASE WHEN {_ARCHIVED} THEN %(noon)s::timestamptz END",
            name="CASE WHEN g %% 500 = 0 THEN 'Zafran ' ELSE 'Kitchen ' END || md5(g::text)",
            city="CASE WHEN g %% 2 = 0 THEN 'Mumbai' ELSE 'City ' || g %% 97 END",
            lead_status=_STATUS,
            potential_revenue="g * 7 %% 20011",
            assigned_to_id=owner,
            created_by_id=str(cast.root.pk),
        ),
        insert(
            Contact,
            _FROM,
            id="g",
            **made,
            restaurant_id="g",
            name="'Contact ' || md5(g::text)",
            is_primary="TRUE",
        ),
        insert(
            CallPlan,
            f"{_FROM} WHERE g %% 4 < 3",
            id="g",
            **made,
            lead_id="g",
            owner_id=owner,
            rests=f"{_ARCHIVED} OR {_STATUS} IN ('LOST', 'INACTIVE')",
            frequency="'WEEKLY'",
            next_call_date="%(noon)s::timestamptz + make_interval(days => g %% 61 - 30)"
            " - CASE WHEN g / 3 %% 7 > 4 THEN interval '200 days' ELSE interval '0' END",
        ),
        insert(
            Interaction,
            f"FROM generate_series(1, {INTERACTIONS}) AS g JOIN leads_restaurant r ON r.id = {lead}",
            id="g",
            created_at="%(noon)s - make_interval(mins => 20 * g)",
            updated_at="%(noon)s - make_interval(mins => 20 * g)",
            date="%(noon)s - make_interval(mins => 20 * g)",
            lead_id="r.id",
            contact_id="r.id",
            kam_id="r.assigned_to_id",
            interaction_type="CASE WHEN g %% 3 = 0 THEN 'ORDER' WHEN g %% 211 = 0 THEN 'VISIT' ELSE 'CALL' END",
            status="'DONE'",
            order_placed="g %% 3 = 0",
        ),
        insert(
            Order,
            "FROM interaction_tracking_interaction WHERE order_placed",
            interaction_id="id",
            product_details="'20 cans'",
            quantity="20",
            total_price="100 + id %% 50",
            order_date="date",
        ),
        insert(
            Month,
            f"{_FROM}, generate_series(0, 5) AS m",
            id="6 * g + m",
            restaurant_id="g",
            month="date_trunc('month', %(noon)s::timestamptz)::date - make_interval(months => m)",
            orders="1 + g %% 5",
            revenue="100 * (1 + g %% 5)",
            **dict.fromkeys(("calls", "visits", "responses", "response_days"), "1"),
        ),
        insert(
            OrderRhythm,
            f"{_FROM} WHERE g %% 3 < 2",
            restaurant_id="g",
            owner_id=owner,
            is_account=f"NOT ({_ARCHIVED}) AND {_STATUS} = 'CONVERTED'",
            gaps="5",
            state="(ARRAY['ON_RHYTHM','DUE','LATE','LAPSED'])[1 + g / 2 %% 4]",
            last_order_on="%(noon)s::date - 7 * (g / 2 %% 4)",
            median_days="7",
            spread_days="1",
            cycles="(1 + g %% 400) / 100.0",
            due_on="%(noon)s::date - 7 * (g / 2 %% 4) + 7",
            late_on="%(noon)s::date - 7 * (g / 2 %% 4) + 9",
            lapsed_on="%(noon)s::date - 7 * (g / 2 %% 4) + 21",
        ),
        insert(
            StatusChange,
            f"{_FROM}, generate_series(0, 3) AS n",
            id="4 * g + n",
            restaurant_id="g",
            old_status="'NEW'",
            new_status="'CONTACTED'",
            changed_at="%(noon)s - make_interval(days => n)",
            lasted="interval '1 day'",
        ),
        insert(
            Allocation,
            "FROM leads_restaurant WHERE assigned_to_id IS NOT NULL",
            id="id",
            restaurant_id="id",
            kam_id="assigned_to_id",
            started_at="created_at",
        ),
        insert(
            Message,
            f"FROM generate_series(1, {2 * RESTAURANTS}) AS g",
            id="g",
            uuid="md5(g::text)::uuid",
            key="'crowd:' || g",
            kind="'cover_begun'",
            channel="'IN_APP'",
            state="'SENT'",
            user_id=f"CASE WHEN g %% 20 = 0 THEN {asha} ELSE {FIRST_OF_THEM} + g %% {PEOPLE} END",
            created_at="%(noon)s - make_interval(mins => g)",
            due_at="%(noon)s - make_interval(mins => g)",
            read_at="CASE WHEN g %% 60 > 0 THEN %(noon)s::timestamptz END",
        ),
        (_CHANGES, {}),
    )
    with connection.cursor() as cursor:
        for text, values in statements:
            cursor.execute(text, {**values, "noon": NOON})
        for pinned in _PINNED:
            cursor.execute(pinned)
        for index in ("restaurant_search", "contact_search"):
            cursor.execute("SELECT gin_clean_pending_list(%s)", [index])  # as a vacuum does in time
        cursor.execute("ANALYZE")


# The history of each restaurant and plan, and of interactions: nobody asks for its values here.
_CHANGES = f"""
INSERT INTO common_change (model, "row", version, action, at, address, request, changes, mark)
SELECT model, g, n, 'CHANGED', %(noon)s - make_interval(days => n), '', '', '{{}}', ''
FROM unnest(ARRAY['leads.restaurant', 'call_planning.callplan', 'contact.contact']) AS model,
     generate_series(1, {RESTAURANTS}) AS g, generate_series(1, 2) AS n
"""  # noqa: S608 - names of our own
