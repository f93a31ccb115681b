"""People at work: each asks over HTTP, thinks, and asks again, until the day is over."""

from __future__ import annotations

import http.client
import json
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock
from time import monotonic
from typing import Any

from call_planning.demo.people import PASSWORD

TIMEOUT = 60  # seconds; who waits longer than this for an answer counts it as none
NO_ANSWER = 0
# What an answer may be; two who share an account change the same row, and one of them is told so.
FINE = {"change": {200, 412}, "enter": {201}}
REPORTS = {
    "summary": "/performance/summary/",
    "trends": "/performance/trends/",
    "rhythm": "/performance/rhythm/?page_size=50",
    "patterns": "/performance/order-patterns/?page_size=50",
    "performing": "/performance/performing-accounts/?page_size=50",
}
WORDS = ("green", "royal", "spice", "garden", "house", "blue")


@dataclass(frozen=True)
class Asked:
    kind: str
    status: int
    began: float  # seconds since the start
    took: float

    @property
    def fine(self) -> bool:
        return self.status in FINE.get(self.kind, {200})


@dataclass
class Answers:
    """What everybody was answered."""

    began: float = field(default_factory=monotonic)
    rows: list[Asked] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, kind: str, status: int, began: float, said: str) -> None:
        one = Asked(kind, status, began - self.began, monotonic() - began)
        with self.lock:
            self.rows.append(one)
            if not one.fine:
                self.wrong.append(f"{kind}: {status} {said[:300]}")


class User:
    """One login. A KAM looks and writes; anybody else looks."""

    def __init__(self, username: str, *, port: int, writes: bool, answers: Answers, chance: random.Random) -> None:
        self.username, self.port, self.writes, self.answers, self.chance = username, port, writes, answers, chance
        self.connection: http.client.HTTPConnection | None = None
        self.tokens: dict[str, str] = {}
        self.restaurants: list[int] = []
        self.plans: list[int] = []
        looks: dict[Callable[[], Any], int] = {
            self.list_restaurants: 16,
            self.open: 20,
            self.search: 8,
            self.today: 10,
            self.next_calls: 6,
            self.report: 10,
            self.talks: 6,
            self.refresh: 4,
        }
        self.does = looks | ({self.change: 8, self.record_call: 5, self.enter: 5} if writes else {})

    def work(self, over: Event, *, think: tuple[float, float], after: float) -> None:
        """A day: the first of a hundred people come some time before the last of them."""
        if over.wait(after):
            return
        self.log_in()
        self.list_restaurants()
        self.today()
        while not over.wait(self.chance.uniform(*think)):
            [todo] = self.chance.choices([*self.does], [*self.does.values()])
            todo()

    # --- what they do -------------------------------------------------------------------------
    def log_in(self) -> None:
        self._keep(self.ask("log in", "POST", "/api/token/", {"username": self.username, "password": PASSWORD})[1])

    def refresh(self) -> None:
        self._keep(self.ask("refresh", "POST", "/api/token/refresh/", {"refresh": self.tokens.get("refresh")})[1])

    def list_restaurants(self) -> None:
        order = self.chance.choice(("id", "name", "-updated_at"))
        rows = self.ask("list", "GET", f"/lead/restaurants/?page_size=50&ordering={order}")[1]
        self.restaurants = [row["id"] for row in rows or ()] or self.restaurants

    def search(self) -> None:
        self.ask("search", "GET", f"/lead/restaurants/?search={self.chance.choice(WORDS)}&page_size=20")

    def open(self) -> tuple[int, str]:
        """A restaurant of theirs, and the version that they read of it."""
        key = self.chance.choice(self.restaurants or [1])
        return key, self.ask("open", "GET", f"/lead/restaurants/{key}/")[0].get("ETag", "")

    def today(self) -> None:
        rows = self.ask("today", "GET", "/call/today/?page_size=50")[1]
        self.plans = [row["id"] for row in rows or ()] or self.plans

    def next_calls(self) -> None:
        self.ask("next", "GET", "/call/next/")

    def report(self) -> None:
        kind = self.chance.choice([*REPORTS])
        self.ask(kind, "GET", REPORTS[kind])

    def talks(self) -> None:
        self.ask("talks", "GET", f"/track/interactions/?lead={self.chance.choice(self.restaurants or [1])}")

    def change(self) -> None:
        key, read = self.open()
        self.ask("change", "PATCH", f"/lead/restaurants/{key}/", {"notes": uuid.uuid4().hex}, If_Match=read)

    def record_call(self) -> None:
        if self.plans:
            body = {"outcome": self.chance.choice(("CONNECTED", "NO_ANSWER")), "details": "We spoke of the next order."}
            path = f"/call/{self.chance.choice(self.plans)}/record_call/"
            self.ask("record call", "POST", path, body, Idempotency_Key=uuid.uuid4().hex)

    def enter(self) -> None:
        key = self.chance.choice(self.restaurants or [1])
        people = self.ask("contacts", "GET", f"/contact/contacts/?restaurant={key}")[1]
        if people:
            body = {
                "lead": key,
                "contact": people[0]["id"],
                "interaction_type": "NOTE",
                "details": "They want to grow.",
            }
            self.ask("enter", "POST", "/track/interactions/", body, Idempotency_Key=uuid.uuid4().hex)

    # --- how they ask -------------------------------------------------------------------------
    def ask(self, kind: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[dict[str, str], Any]:
        """The headers and the body of the answer; no body where it is not what it should be."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent |= {"Content-Type": "application/json"} if body is not None else {}
        sent |= {"Authorization": f"Bearer {self.tokens['access']}"} if "access" in self.tokens else {}
        began = monotonic()
        try:
            status, said, raw = self._exchange(method, path, None if body is None else json.dumps(body), sent)
        except (OSError, http.client.HTTPException) as nothing:
            self._hang_up()
            status, said, raw = NO_ANSWER, {}, repr(nothing).encode()
        self.answers.note(kind, status, began, raw.decode())
        return said, json.loads(raw) if status in {200, 201} else None

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        """On one connection for all their requests, as a browser has it."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()

    def _hang_up(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _keep(self, pair: Any) -> None:
        self.tokens = pair or self.tokens
