"""What was drawn, copied into tables of its own for the statements to make rows of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from datetime import date
from itertools import groupby
from typing import Any

import psycopg

from benchmarks.lives import Life, record
from benchmarks.people import Share, cities
from leads.choices import LeadStatus

_TABLES = {
    "share": "n int, kam bigint, zone text, live int, archived int",
    "city": "zone text, share int, city text, state text, country text",
    "zone": "zone text, first int, lives int",
    "life": (
        "id int, zone text, status text, created_at timestamptz, revenue numeric, cuisine text, kind text,"
        " has_plan boolean, frequency text, interval_days int, last_called timestamptz, next_call_date timestamptz,"
        " attempted_at timestamptz, attempts int, call_back_at timestamptz, snoozed_until timestamptz,"
        " gaps int, last_order_on date, median_days numeric, spread_days numeric, due_on date, late_on date,"
        " lapsed_on date, rhythm text, cycles numeric, contacts int, stages int, months int"
    ),
    "contact": "life int, n int, role_kind text, opted_out boolean",
    "stage": "life int, n int, old_status text, new_status text, at timestamptz, lasted interval",
    "month": (
        "life int, n int, month date, orders int, revenue numeric, calls int, visits int, responses int,"
        " response_days int"
    ),
    "event": (
        "life int, n int, at timestamptz, kind text, status text, person int, details text, outcome text, seconds int,"
        " is_order boolean, price numeric, quantity int, by_plan boolean, shifts boolean"
    ),
}


def copy_shares(connection: psycopg.Connection, shares: Sequence[Share]) -> None:
    _copy(connection, "share", ((number, *astuple(share)) for number, share in enumerate(shares)))
    _copy(connection, "city", cities())


def copy_lives(connection: psycopg.Connection, lives: Sequence[Life], *, today: date) -> None:
    """The lives, which are in the order of their zones, numbered from 1."""
    numbered = list(enumerate(lives, start=1))
    zones = [(zone, [number for number, _ in those]) for zone, those in groupby(numbered, lambda one: one[1].zone)]
    _copy(connection, "zone", ((zone, numbers[0], len(numbers)) for zone, numbers in zones))
    _copy(connection, "life", ((number, *record(life, today)) for number, life in numbered))
    _copy(connection, "contact", _below(numbered, lambda life: life.contacts))
    _copy(connection, "stage", _below(numbered, _steps))
    _copy(
        connection, "month", _below(numbered, lambda life: [(day, *astuple(one)) for day, one in life.months.items()])
    )
    _copy(connection, "event", _below(numbered, lambda life: [event.columns for event in life.events]))


def _below(numbered: Iterable[tuple[int, Life]], parts: Any) -> Iterator[tuple[Any, ...]]:
    for number, life in numbered:
        for n, part in enumerate(parts(life), start=1):
            yield number, n, *part


def _steps(life: Life) -> Iterator[tuple[Any, ...]]:
    status, since = LeadStatus.NEW, life.created_at
    for new, at in life.stages:
        yield status, new, at, at - since
        status, since = new, at


def _copy(connection: psycopg.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    connection.execute(f"CREATE UNLOGGED TABLE benchmarks.{table} ({_TABLES[table]})")
    with connection.cursor().copy(f"COPY benchmarks.{table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute(f"ANALYZE benchmarks.{table}")
