"""How much machine so many people need, from what was measured: `python -m benchmarks.capacity` prints the tables.

`docs/performance.md` shows them with each figure, and a test computes them anew. What was measured are the bytes of a
row and the milliseconds of a request; what people do in a day is an assumption, and is named as one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from math import ceil
from pathlib import Path
from typing import Any

import orjson

from benchmarks.findings import found
from benchmarks.ratios import Cost, beside_best_peer, ratios

RESULTS = Path(__file__).with_name("results")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SERVERS = ("ours", "floor", "fastapi", "ninja", "stock")

# --- Measured among 100,000 restaurants with 2,021,490 interactions and 821,757 orders, in bytes with indexes
INTERACTION = 522
ORDER = 99
RESTAURANT = 4_117  # with what hangs below it but interactions and orders
CHANGE = 830  # what the history writes of one change

# --- Assumed
REQUESTS_A_CALL = 10  # to look, to call, to write down
CHANGES_A_CALL = 3  # the interaction, the plan, and something else
DAYS_A_YEAR, YEARS = 250, 3
BUSIEST = 6  # an hour has a sixth of a day
BUSY = 0.5  # how busy a processor may be in that hour
IN_MEMORY = 4  # a quarter of the database is looked at often
ROOM = 2  # for the log, for an index that is made anew, and a backup on the way out

# Works out the rows of a table of the page, each by the titles of its columns.
Table = Callable[[], list[dict[str, str]]]

GB = 1_000_000_000
TEAMS = ((50, 10_000, 25), (500, 100_000, 25), (5_000, 1_000_000, 25), (50_000, 10_000_000, 25))


def python_ms() -> float:
    """Of a worker, for a request, on average over those that `benchmarks.memory` sends."""
    last = _memory()[-1]
    return float(round(last["workers_cpu_s"] / last["requests"] * 1000, 1))


def postgres_ms(restaurants: int) -> float:
    """Of PostgreSQL, for a request of a KAM who has 500, on average over the endpoints that were measured."""
    measured = [size for size in SIZES if size <= restaurants] or [SIZES[0]]
    costs = [one.postgres_ms for one in found(max(measured)) if one.person == "steady.kam"]
    return round(sum(costs) / len(costs), 1)


def worker_mb() -> int:
    """What a worker holds for itself, with its part of what they share: the most that was found."""
    most: float = max(max(one["pss_mb"]) for one in _memory())
    return ceil(most)


def _memory() -> list[dict[str, Any]]:
    samples: list[dict[str, Any]] = orjson.loads((RESULTS / "memory.json").read_bytes())
    return samples


def needs(kams: int, restaurants: int, calls: int) -> dict[str, str]:
    """A row of the calculator: so many KAMs who make so many calls a day, each."""
    a_day = kams * calls
    a_second = a_day * REQUESTS_A_CALL / BUSIEST / 3600
    web = max(1, ceil(a_second * python_ms() / 1000 / BUSY))
    database = max(1, ceil(a_second * postgres_ms(restaurants) / 1000 / BUSY))
    all_calls = a_day * DAYS_A_YEAR * YEARS
    rows = restaurants * RESTAURANT + all_calls * (INTERACTION + ORDER * 0.4 + CHANGES_A_CALL * CHANGE)
    memory = 2 * web * worker_mb() / 1000 + max(1, rows / GB / IN_MEMORY) + 1
    return {
        "KAMs": f"{kams:,}",
        "restaurants": f"{restaurants:,}",
        "calls a day, each": f"{calls:,}",
        "requests a second": f"{a_second:,.1f}",
        "cores, web": f"{web:,}",
        "cores, PostgreSQL": f"{database:,}",
        "memory": f"{ceil(memory):,} GB",
        "disk after 3 years": f"{ceil(rows * ROOM / GB):,} GB",
    }


def measured() -> list[dict[str, str]]:
    """What PostgreSQL spends on an answer for the KAM with 500 restaurants, where that was measured among all sizes."""
    by_size = {
        size: {one.endpoint: one.postgres_ms for one in found(size) if one.person == "steady.kam"} for size in SIZES
    }
    return [
        {"answer": f"`{name}`"} | {f"{size:,}": f"{costs[name]:.1f} ms" for size, costs in by_size.items()}
        for name in sorted(set.intersection(*map(set, by_size.values())))
    ]


def compared() -> list[dict[str, str]]:
    """What an answer costs beside a bare function and other frameworks: of the server and of PostgreSQL, in ms."""
    rows = []
    for one in orjson.loads((RESULTS / f"peers-{SIZES[0]}.json").read_bytes())["endpoints"]:
        costs = {name: Cost(**cost) for name, cost in one["costs"].items()}
        known = ratios(costs)
        shown = {name: f"{cost.server_ms:.1f} + {cost.database_ms:.1f}" for name, cost in costs.items()}
        times = {"× floor": known.get("floor"), "× best": beside_best_peer(costs), "× stock": known.get("stock")}
        rows.append(
            {"request": f"`{one['endpoint']}`", "SQL": str(one.get("statements") or "")}
            | {name: shown.get(name, "") for name in SERVERS}
            | {name: "" if ratio is None else f"{ratio:.1f}" for name, ratio in times.items()}
        )
    return rows


def held() -> list[dict[str, str]]:
    """What the workers held, after so many requests."""
    return [
        {"requests": f"{one['requests']:,}"}
        | {"RSS of each": " and ".join(f"{mb:.0f} MB" for mb in one["rss_mb"])}
        | {"PSS of each": " and ".join(f"{mb:.0f} MB" for mb in one["pss_mb"])}
        for one in _memory()
    ]


def figures() -> list[dict[str, str]]:
    """What the calculator takes for measured."""
    rows = {
        "an interaction": f"{INTERACTION:,} bytes",
        "its order": f"{ORDER:,} bytes",
        "a restaurant, with all else below it": f"{RESTAURANT:,} bytes",
        "a change in the history": f"{CHANGE:,} bytes",
        "a request, in a worker": f"{python_ms()} ms",
        **{f"a request, in PostgreSQL, among {size:,}": f"{postgres_ms(size)} ms" for size in SIZES},
        "a worker": f"{worker_mb()} MB",
    }
    return [{"figure": name, "is": value} for name, value in rows.items()]


def calculated() -> list[dict[str, str]]:
    return [needs(*team) for team in TEAMS]


def table(rows: Iterable[dict[str, str]]) -> str:
    lines = [list(row.values()) for row in rows]
    titles = list(next(iter(rows)))
    return "\n".join(f"| {' | '.join(line)} |" for line in [titles, ["---"] * len(titles), *lines]) + "\n"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table(rows) for rows in (measured(), compared(), held(), figures(), calculated())))
