"""Measures an endpoint: all servers in turn, A B A B, so that what else the machine does meets all of them alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import orjson
import psycopg
from django.test import Client
from django.utils import timezone

from benchmarks.answers import USER_AGENT, Caller, canonical, check_same
from benchmarks.catching import Statements
from benchmarks.endpoints import Endpoint
from benchmarks.processors import Clock, backends_of
from benchmarks.ratios import Cost, as_rows, cost, ratios
from benchmarks.serving import Server
from kams.models import Session, User
from kams.tokens import log_in

# How long a server is asked in a round, and how often at least and at most.
LEAST, MOST = 12, 150
WARM_UP = 8


class Contender:
    """A server that is asked for one endpoint."""

    def __init__(self, server: Server, endpoint: Endpoint, database: psycopg.Connection[Any]) -> None:
        self.server, self.endpoint, self.database = server, endpoint, database
        pair = _pair(endpoint)
        self.caller = Caller(server.port, pair.get("access"))
        self.before: Any = pair or None
        self.answer, self.asked = b"", 0
        self.clocks = Clock(), Clock()
        self.rounds: list[tuple[float, float, int]] = []

    def ask(self) -> None:
        endpoint = self.endpoint
        body = endpoint.next_body(self.before, number=self.asked)
        self.asked += 1
        self.answer = self.caller.ask(endpoint.method, endpoint.path_for(self.server.name), body)
        if callable(endpoint.body):
            self.before = orjson.loads(self.answer)

    def warm_up(self) -> float:
        """Have each worker at work, and find how many seconds an answer takes."""
        for _ in range(WARM_UP):
            self.ask()
        began = time.monotonic()
        for _ in range(LEAST):
            self.ask()
        return (time.monotonic() - began) / LEAST

    def spent(self) -> tuple[float, float]:
        server, database = self.clocks
        return server.look(self.server.processes), database.look(backends_of(self.database, self.server.application))

    def measure(self, count: int) -> None:
        self.spent()
        for _ in range(count):
            self.ask()
        self.rounds.append((*self.spent(), count))

    def lost(self) -> int:
        """How many processes ended while they were measured: what they spent is not known."""
        return sum(clock.lost for clock in self.clocks)


def check(endpoint: Endpoint, servers: Sequence[Server], database: psycopg.Connection[Any]) -> list[Contender]:
    """Who offers it. Raises `Differs` where they do not all answer the same."""
    asked = [Contender(server, endpoint, database) for server in servers if endpoint.is_offered_by(server.name)]
    for one in asked:
        one.ask()
    if not callable(endpoint.body):
        found = [(one.server.name, canonical(orjson.loads(one.answer), left_out=endpoint.left_out)) for one in asked]
        for name, answer in found[1:]:
            check_same(*found[0], name, answer)
    return asked


def measure(
    endpoint: Endpoint, servers: Sequence[Server], database: psycopg.Connection[Any], *, rounds: int, seconds: float
) -> dict[str, Any]:
    """What an answer costs at each server that offers it, once all have given the same."""
    asked = check(endpoint, servers, database)
    counts = {one.server.name: int(min(MOST, max(LEAST, seconds / one.warm_up()))) for one in asked}
    for turn in range(rounds):
        # Who begins changes, so that nobody always follows the same neighbour.
        for one in asked[turn % len(asked) :] + asked[: turn % len(asked)]:
            one.measure(counts[one.server.name])
    costs: dict[str, Cost] = {one.server.name: cost(one.rounds) for one in asked}
    found = orjson.loads(asked[0].answer)
    for one in asked:
        one.caller.close()
    return {
        "endpoint": endpoint.name,
        "person": endpoint.person,
        "asked": f"{endpoint.method} {endpoint.path}",
        "not_compared": sorted(endpoint.left_out),
        "rows": len(found) if isinstance(found, list) else 1,
        "bytes": len(asked[0].answer),
        "statements": statements(endpoint),
        "costs": as_rows(costs),
        "ratios": {name: round(ratio, 3) for name, ratio in ratios(costs).items()},
        "processes_lost": {one.server.name: one.lost() for one in asked if one.lost()},
    }


def statements(endpoint: Endpoint) -> int:
    """How many statements our answer takes, counted in this process."""
    from django.db import connection  # noqa: PLC0415 - beside its one use

    pair = _pair(endpoint)
    headers = {"Authorization": f"Bearer {pair['access']}"} if pair else {}
    client = Client(SERVER_NAME="localhost", headers=headers)
    body = endpoint.next_body(pair)
    with connection.execute_wrapper(caught := Statements()):
        client.generic(endpoint.method, endpoint.path, orjson.dumps(body), content_type="application/json")
    return len([text for text, _ in caught.found if not text.startswith(("SAVEPOINT", "RELEASE"))])


def _pair(endpoint: Endpoint) -> dict[str, str]:
    """Tokens of whom it is asked as: a log-in of their own, which the driver takes back at the end."""
    if not endpoint.person:
        return {}
    return log_in(User.objects.get(username=endpoint.person), at=timezone.now(), user_agent=USER_AGENT)


def log_out() -> None:
    """Take back the log-ins that were made to measure."""
    Session.objects.filter(user_agent=USER_AGENT).delete()
