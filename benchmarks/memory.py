"""What a server holds in memory over many requests: `python -m benchmarks.memory --database-url postgres://…/kam_bench`.

Starts gunicorn as in production, with two workers, and sends mixed requests of several people: lists of their own and
filtered ones, details, `today`, order patterns, searches and writes. Every so often it reads what each worker holds:
RSS, and PSS, in which what processes share is counted once. Beside it stands for how long the workers and PostgreSQL
were on a processor. What is found is printed, and kept in `benchmarks/results/`.

It writes into the database: give it a copy. On the machine of the database, with Linux, as somebody who may look at the
processes of others.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from http.client import HTTPConnection
from itertools import chain, count, islice
from pathlib import Path
from typing import Any

import orjson

from benchmarks.dataset import set_up
from benchmarks.processors import on_processor, tree
from benchmarks.serving import free_port

ROOT = Path(__file__).resolve().parent.parent
KEPT = Path(__file__).with_name("results") / "memory.json"
WORKERS = 2
# A connection stays with the worker that took it, so it is given up now and then, for both to be asked.
_PER_CONNECTION = 50


@dataclass
class Sample:
    requests: int
    rss_mb: list[float]  # of each worker
    pss_mb: list[float]
    workers_cpu_s: float  # since the start of the requests, all workers together
    database_cpu_s: float


class Failed(Exception):
    """The service answered otherwise than it should."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.memory", description=__doc__)
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), required=False, metavar="URL")
    parser.add_argument("--requests", type=int, default=100_000, metavar="N")
    parser.add_argument("--every", type=int, default=10_000, metavar="N", help="requests between two looks")
    asked = parser.parse_args()
    if not (asked.database_url or "").startswith("postgres"):
        parser.error("say which PostgreSQL database to ask: --database-url postgres://…/kam_bench")
    set_up(asked.database_url)
    samples: list[Sample] = []
    for sample in measured(asked.database_url, requests=asked.requests, every=asked.every):
        samples.append(sample)
        KEPT.write_bytes(orjson.dumps([asdict(one) for one in samples], option=orjson.OPT_INDENT_2) + b"\n")
    sys.stdout.write(table(samples))
    return 0


def measured(url: str, *, requests: int, every: int) -> Iterator[Sample]:
    """A sample at the start, and one after each so many requests."""
    with served(url) as (port, master):
        mix = mixed()
        send(islice(mix, 40 * WORKERS), port=port)  # what is imported and compiled by the first requests
        began = _on_processor(master)
        yield _sample(master, 0, began)
        for sent in range(every, requests + 1, every):
            send(islice(mix, every), port=port)
            yield _sample(master, sent, began)


@contextmanager
def served(url: str) -> Iterator[tuple[int, int]]:
    """The service on a port of its own, with the process that watches over its workers."""
    port = free_port()
    counted = {"PERSON_REQUESTS_A_MINUTE": "1000000", "LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}
    environment = {**os.environ, **counted, "DATABASE_URL": url}
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
    command += ["--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS)]
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, env=environment, cwd=ROOT, stderr=log)  # noqa: S603 - our own server
        try:
            if not _answers(port, server):
                log.seek(0)
                raise Failed(f"The server did not get ready.\n{log.read()}")
            yield port, server.pid
        finally:
            server.terminate()
            server.wait(timeout=60)


def _answers(port: int, server: subprocess.Popen[bytes]) -> bool:
    for _ in range(600):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200 and len(_workers(server.pid)) == WORKERS:
                return True
        except OSError:
            pass
        time.sleep(0.2)
    return False


# --- Requests ---------------------------------------------------------------------------------------
Request = tuple[str, str, Any, str]  # method, path, body, token


def mixed() -> Iterator[Request]:
    """Requests without an end: the people in turn, each with one of their restaurants."""
    from kams.models import User  # noqa: PLC0415 - the settings had to be told the database
    from leads.models import Restaurant  # noqa: PLC0415

    people = User.objects.filter(role="KAM", is_active=True).order_by("pk")[:12]
    having = []
    for person in people:
        mine = Restaurant.objects.filter(assigned_to=person, archived_at__isnull=True).order_by("pk")
        rows = list(mine.values_list("pk", "city", "contacts__id", "call_plans__id")[:200])
        having.append((person, [row for row in rows if None not in row]))
    tokens: list[str] = []
    for turn in count():
        # A token is good for half an hour: it is made anew each time round.
        if turn % 50 == 0:
            tokens = [_token(person) for person, _ in having]
        for place, (_, rows) in enumerate(having):
            yield from _asked(rows[turn % len(rows)], tokens[place], turn)


def _token(person: Any) -> str:
    from django.utils import timezone  # noqa: PLC0415

    from kams.tokens import log_in  # noqa: PLC0415

    return log_in(person, at=timezone.now())["access"]


def _asked(row: tuple[Any, ...], token: str, turn: int) -> Iterator[Request]:
    """What somebody does who looks after a restaurant: 20 requests, 3 of them writes."""
    pk, city, contact, plan = row
    word = city.split()[0].replace(" ", "%20")
    yield "GET", "/lead/restaurants/?page_size=50", None, token
    yield "GET", "/lead/restaurants/?status=CONVERTED&page_size=50", None, token
    yield "GET", "/lead/restaurants/?ordering=name&page_size=50", None, token
    yield "GET", f"/lead/restaurants/?search={word}", None, token
    yield "GET", "/call/today/?page_size=50", None, token
    yield "GET", "/call/?ordering=next_call_date&page_size=50", None, token
    yield "GET", "/performance/order-patterns/?page_size=50", None, token
    yield "GET", "/performance/performing-accounts/?page_size=50", None, token
    yield "GET", "/track/interactions/?page_size=50", None, token
    yield "GET", f"/track/interactions/?lead={pk}", None, token
    yield "GET", f"/contact/contacts/?restaurant={pk}", None, token
    yield "GET", "/notifications/messages/unread_count/", None, token
    yield "GET", f"/lead/restaurants/{pk}/", None, token
    yield "GET", f"/call/{plan}/", None, token
    yield "GET", f"/contact/contacts/{contact}/", None, token
    yield "GET", f"/performance/accounts/{pk}/", None, token
    yield "GET", f"/lead/restaurants/{pk}/status_history/", None, token
    yield "PATCH", f"/lead/restaurants/{pk}/", {"notes": f"Asked {turn} times."}, token
    body = {"lead": pk, "contact": contact, "interaction_type": "VISIT", "details": f"Visit {turn}."}
    yield "POST", "/track/interactions/", body, token
    order = {"product_details": "20 cans of olive oil", "quantity": 20, "total_price": 1450.00}
    yield "POST", "/track/interactions/", {**body, "interaction_type": "ORDER", "order": order}, token


def send(requests: Iterable[Request], *, port: int) -> None:
    """By as many callers as there are workers, each one after another."""
    waiting = list(requests)
    with ThreadPoolExecutor(WORKERS) as callers:
        for _ in callers.map(partial(_send, port=port), [waiting[number::WORKERS] for number in range(WORKERS)]):
            pass


def _send(requests: list[Request], *, port: int) -> None:
    for first in range(0, len(requests), _PER_CONNECTION):
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for method, path, body, token in requests[first : first + _PER_CONNECTION]:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Host": "localhost"}
            connection.request(method, path, None if body is None else orjson.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status not in {200, 201}:
                raise Failed(f"{method} {path}: {answer.status} {text.decode()[:300]}")
        connection.close()


# --- Looks ------------------------------------------------------------------------------------------
def _workers(master: int) -> list[int]:
    return sorted(tree(master)[1:])


def _sample(master: int, requests: int, began: tuple[float, float]) -> Sample:
    held = [_held(worker) for worker in _workers(master)]
    now = _on_processor(master)
    return Sample(
        requests=requests,
        rss_mb=[one["Rss"] for one in held],
        pss_mb=[one["Pss"] for one in held],
        workers_cpu_s=round(now[0] - began[0], 2),
        database_cpu_s=round(now[1] - began[1], 2),
    )


def _held(process: int) -> dict[str, float]:
    """What the process holds, in MB of a million bytes."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    named = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return {name: round(named[name] * 1024 / 1e6, 1) for name in ("Rss", "Pss")}


def _on_processor(master: int) -> tuple[float, float]:
    """Seconds on a processor: of the workers, and of the processes of PostgreSQL that are there for this database."""
    from django.db import connection  # noqa: PLC0415 - the settings had to be told the database

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for (backend,) in cursor.fetchall():
            _backends[backend] = on_processor(backend) / 1000
    return sum(map(on_processor, _workers(master))) / 1000, sum(_backends.values())


# What each process of PostgreSQL had spent when it was last seen: the pool ends those that it does not need.
_backends: dict[int, float] = {}


def table(samples: list[Sample]) -> str:
    titles = [f"worker {number}, {what}" for number in range(1, WORKERS + 1) for what in ("RSS", "PSS")]
    lines = ["| requests | " + " | ".join(titles) + " | CPU of the workers | CPU of PostgreSQL |"]
    lines.append("|---" * (3 + 2 * WORKERS) + "|")
    for one in samples:
        held = chain.from_iterable(zip(one.rss_mb, one.pss_mb, strict=True))
        cells = [f"{one.requests:,}", *(f"{mb:.1f} MB" for mb in held)]
        cells += [
            f"{spent / one.requests * 1000:.2f} ms" if one.requests else ""
            for spent in (one.workers_cpu_s, one.database_cpu_s)
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines.append("\nCPU is of each request, on average since the start.\n")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
