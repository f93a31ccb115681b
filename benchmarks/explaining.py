"""Asks the service through its whole stack, catches the statements, and has PostgreSQL explain them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Any

import orjson
import time_machine
from django.db import connection
from django.test import Client

from benchmarks.catching import Statements, dataset
from benchmarks.findings import Finding
from kams.models import User
from kams.tokens import log_in

# TIMING OFF: a clock read for each row of each node would be most of what is measured.
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) "


class Failed(Exception):
    """The service answered otherwise than with rows."""


def find(wanted: Sequence[tuple[str, str, str]], *, repeats: int) -> Iterator[Finding]:
    """What each of these costs, as (name, path, username)."""
    restaurants, now = dataset()
    with time_machine.travel(now, tick=True):
        for name, path, username in wanted:
            person = User.objects.get(username=username)
            token = log_in(person, at=now)["access"]
            yield _cost(name, path, username, token, restaurants=restaurants, repeats=repeats)


def _cost(name: str, path: str, username: str, token: str, *, restaurants: int, repeats: int) -> Finding:
    def ask() -> Any:
        answer = Client(SERVER_NAME="localhost").get(path, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 200:
            raise Failed(f"{path} as {username}: {answer.status_code} {answer.content.decode()[:300]}")
        return answer

    rows = len(orjson.loads(ask().content))
    with connection.execute_wrapper(caught := Statements()):
        ask()
    cpu = []
    for _ in range(repeats):
        began = process_time()
        ask()
        cpu.append(process_time() - began)
    plans = [[_explained(*statement) for statement in caught.found] for _ in range(repeats)]
    each = [min(run[place]["Execution Time"] for run in plans) for place in range(len(caught.found))]
    slowest = max(range(len(each)), key=each.__getitem__)
    return Finding(
        endpoint=name,
        person=username,
        restaurants=restaurants,
        rows=rows,
        statements=len(caught.found),
        postgres_ms=_on_processor(caught.found, repeats=4 * repeats),
        planning_ms=min(sum(plan["Planning Time"] for plan in run) for run in plans),
        execution_ms=sum(each),
        buffers=sum(plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"] for plan in plans[-1]),
        python_ms=min(cpu) * 1000,
        slowest=slowest + 1,
        slowest_ms=each[slowest],
    )


def _on_processor(statements: Sequence[tuple[str, Any]], *, repeats: int) -> float:
    """For how many ms the server's process was on a processor, all statements together: the least of several times.

    Linux counts it, whatever else the machine has to do, but for what others do to the caches of the processor. What
    parallel workers do is not in it.
    """
    spent = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (process,) = cursor.fetchone() or (0,)
        counted = Path(f"/proc/{process}/schedstat")
        for _ in range(repeats):
            before = int(counted.read_text().split()[0])
            for text, parameters in statements:
                cursor.execute(text, parameters)
                cursor.fetchall()
            spent.append(int(counted.read_text().split()[0]) - before)
    return min(spent) / 1e6


def _explained(text: str, parameters: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(_EXPLAIN + text, parameters)
        (plans,) = cursor.fetchone() or ([],)
        return plans[0] if isinstance(plans, list) else orjson.loads(plans)[0]
