"""What measurements say: medians, spread, ratios and the table. Nothing here reads a clock or a database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

# What is measured, beside what: as the columns of a table.
OURS, FLOOR = "ours", "floor"
PEERS = ("fastapi", "ninja", "stock")
# At most so many times the floor, by the quality goals.
GOALS = {
    **dict.fromkeys(("list-own", "list-status", "list-manager", "list-admin", "list-admin-middle"), 2.0),
    **dict.fromkeys(("today", "performing"), 2.0),
    **dict.fromkeys(("detail", "patterns", "patterns-top"), 3.0),
    "interaction-create": 4.0,
}


@dataclass(frozen=True)
class Cost:
    """What a request costs on the median of some rounds, in ms of CPU; `low` and `high` are of single rounds."""

    server_ms: float
    database_ms: float
    total_ms: float
    low_ms: float
    high_ms: float
    rounds: int
    requests: int


def cost(rounds: Sequence[tuple[float, float, int]]) -> Cost:
    """Of rounds, each with what the server and the database spent, and how many requests there were."""
    each = [(server / count, database / count) for server, database, count in rounds]
    totals = [server + database for server, database in each]
    return Cost(
        server_ms=median(server for server, _ in each),
        database_ms=median(database for _, database in each),
        total_ms=median(totals),
        low_ms=min(totals),
        high_ms=max(totals),
        rounds=len(rounds),
        requests=sum(count for *_, count in rounds),
    )


def ratios(costs: Mapping[str, Cost]) -> dict[str, float]:
    """How many times what each of the others costs ours costs."""
    ours = costs.get(OURS)
    if ours is None:
        return {}
    return {name: ours.total_ms / one.total_ms for name, one in costs.items() if name != OURS and one.total_ms}


def beside_best_peer(costs: Mapping[str, Cost]) -> float | None:
    """How many times the better of FastAPI and django-ninja ours costs."""
    return max((ratio for name, ratio in ratios(costs).items() if name in {"fastapi", "ninja"}), default=None)


def verdict(endpoint: str, costs: Mapping[str, Cost]) -> str:
    """Whether what was aimed at is reached; "" where nothing was, or nothing is known."""
    goal, ratio = GOALS.get(endpoint), ratios(costs).get(FLOOR)
    if goal is None or ratio is None:
        return ""
    return f"≤ {goal:.0f}: {'yes' if ratio <= goal else 'missed'}"


def table(results: Iterable[Mapping[str, Any]], servers: Sequence[str]) -> str:
    """Rows of endpoints: ms of each server, as server + PostgreSQL, and the ratios of ours."""
    lines = [
        f"| endpoint | as | SQL | {' | '.join(servers)} | × floor | × best peer | × stock | goal |",
        "|---" * (7 + len(servers)) + "|",
    ]
    for result in results:
        costs = {name: Cost(**one) for name, one in result["costs"].items()}
        known = ratios(costs)
        cells = [
            result["endpoint"],
            result["person"],
            str(result.get("statements") or ""),
            *(_ms(costs.get(name)) for name in servers),
            *map(_times, (known.get(FLOOR), beside_best_peer(costs), known.get("stock"))),
            verdict(result["endpoint"], costs),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return (
        "\n".join(lines) + "\n\nms of CPU for one request, server + PostgreSQL, on the median; (least–most) of both.\n"
    )


def _ms(one: Cost | None) -> str:
    if one is None:
        return ""
    return f"{one.server_ms:.2f} + {one.database_ms:.2f} ({one.low_ms:.2f}–{one.high_ms:.2f})"


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def as_rows(costs: Mapping[str, Cost]) -> dict[str, dict[str, Any]]:
    return {name: asdict(one) for name, one in costs.items()}
