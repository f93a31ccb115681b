"""Many people at work for a while: `python -m benchmarks.soak --database-url postgres://…/kam_bench --minutes 30`.

gunicorn with four processes serves a dataset; the users log in, list, open, search, record calls, change, read reports
and refresh their tokens, with time to think. Each minute the service is looked at. At the end, medians and memory of
the last third of the time are held against the first. Ends with 1 where there was an error, or something has grown. It
writes to the dataset: give it a copy. What was found is kept in `benchmarks/results/`. On the machine of the server,
with Linux.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import orjson
import psycopg

from benchmarks.dataset import set_up
from benchmarks.soaking import Minute, Service, Steadiness, head, line

RESULTS = Path(__file__).with_name("results")
ARRIVING = 180  # seconds, until the last of the users is there: to check a password takes long
LOOKING = 10  # of so many users, one only looks


@dataclass(frozen=True)
class Plan:
    url: str
    cache: str
    minutes: int
    users: int
    think: tuple[float, float]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--database-url", default=os.environ.get("DATABASE_URL"), metavar="URL")
    parser.add_argument("--cache-url", default="redis://127.0.0.1:6379/0", metavar="URL")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--think", type=float, nargs=2, default=(1.0, 3.0), metavar="SECONDS", help="at least, at most")
    asked = parser.parse_args()
    if not (asked.database_url or "").startswith("postgres"):
        parser.error("say which PostgreSQL dataset to work on: --database-url postgres://…/kam_bench")
    set_up(asked.database_url)
    plan = Plan(asked.database_url, asked.cache_url, asked.minutes, asked.users, (asked.think[0], asked.think[1]))
    return soak(plan)


def soak(plan: Plan) -> int:
    from benchmarks.users import Answers, User  # noqa: PLC0415 - the settings had to be told the database

    service, over = Service(plan.url, plan.cache), Event()
    minutes: list[Minute] = []
    with service.running():
        answers, chance = Answers(), random.Random(plan.users)  # noqa: S311 - who does what, not a secret
        threads = []
        for number, (username, is_kam) in enumerate(accounts(plan)):
            own = random.Random(chance.random())  # noqa: S311
            user = User(username, port=service.port, writes=is_kam, answers=answers, chance=own)
            after = number * ARRIVING / plan.users
            threads.append(Thread(target=user.work, args=(over,), kwargs={"think": plan.think, "after": after}))
        for thread in threads:
            thread.start()
        sys.stdout.write(head())
        try:
            for number in range(1, plan.minutes + 1):
                sleep(max(0.0, answers.began + 60 * number - monotonic()))
                minutes.append(service.look(number, answers.rows))
                sys.stdout.write(line(minutes[-1]))
                sys.stdout.flush()
        finally:
            over.set()
            for thread in threads:
                thread.join()
    steadiness = Steadiness.of(minutes, answers.rows, after=ARRIVING // 60)
    keep(plan, minutes, steadiness, answers)
    sys.stdout.write(steadiness.text() + "".join(f"{one}\n" for one in answers.wrong[:20]))
    return int(bool(answers.wrong) or not steadiness.steady or service.replaced)


def accounts(plan: Plan) -> list[tuple[str, bool]]:
    """As whom each of the users comes, and whether they write: several share an account where there are too few."""
    with psycopg.connect(plan.url) as connection:
        rows = connection.execute(
            "SELECT username, role FROM kams_user WHERE is_active AND role IN ('KAM', 'MANAGER', 'ANALYST') ORDER BY id"
        ).fetchall()
    kams = [name for name, role in rows if role == "KAM"]
    others = [name for name, role in rows if role != "KAM"]
    numbers = range(plan.users)
    return [
        (others[number // LOOKING % len(others)], False)
        if number % LOOKING == LOOKING - 1
        else (kams[number % len(kams)], True)
        for number in numbers
    ]


def keep(plan: Plan, minutes: list[Minute], steadiness: Steadiness, answers: Any) -> None:
    RESULTS.mkdir(exist_ok=True)
    found = {
        "users": plan.users,
        "think": plan.think,
        "minutes": minutes,
        "kinds": steadiness.kinds,
        "memory": steadiness.memory,
        "cpu": steadiness.cpu,
        "load": steadiness.load,
        "wrong": answers.wrong[:100],
    }
    path = RESULTS / f"soak-{plan.users}.json"
    path.write_bytes(orjson.dumps(found) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
