"""What was measured, kept for each size and set side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

RESULTS = Path(__file__).with_name("results")


@dataclass
class Finding:
    endpoint: str
    person: str
    restaurants: int
    rows: int
    statements: int
    postgres_ms: float
    planning_ms: float
    execution_ms: float
    buffers: int
    python_ms: float
    slowest: int  # the number of the statement, from 1
    slowest_ms: float


def keep(findings: Iterable[Finding]) -> None:
    """Write them beside those that were found before, in the place of what they replace."""
    for finding in findings:
        known = {(one.endpoint, one.person): one for one in found(finding.restaurants)}
        known[finding.endpoint, finding.person] = finding
        rows = [asdict(one) for _, one in sorted(known.items())]
        RESULTS.mkdir(exist_ok=True)
        path(finding.restaurants).write_bytes(orjson.dumps(rows, option=orjson.OPT_INDENT_2) + b"\n")


def found(restaurants: int | None = None) -> list[Finding]:
    paths = [path(restaurants)] if restaurants else sorted(RESULTS.glob("statements-*.json"))
    return [Finding(**row) for one in paths if one.exists() for row in orjson.loads(one.read_bytes())]


def path(restaurants: int) -> Path:
    return RESULTS / f"statements-{restaurants}.json"


def table(findings: list[Finding], *, names: list[str] | None, people: list[str] | None) -> str:
    """What each size costs, side by side."""
    sizes = sorted({one.restaurants for one in findings})
    rows: dict[tuple[str, str], dict[int, Finding]] = {}
    for one in findings:
        if (not names or one.endpoint in names) and (not people or one.person in people):
            rows.setdefault((one.endpoint, one.person), {})[one.restaurants] = one
    lines = ["| endpoint | as | statements | " + " | ".join(f"{size:,}" for size in sizes) + " |"]
    lines.append("|---" * (3 + len(sizes)) + "|")
    for (endpoint, person), by_size in sorted(rows.items()):
        counts = "/".join(dict.fromkeys(str(one.statements) for one in by_size.values()))
        cells = [_cell(by_size.get(size)) for size in sizes]
        lines.append(f"| {endpoint} | {person} | {counts} | {' | '.join(cells)} |")
    lines.append("\nms of PostgreSQL, of which it planned; (buffers); ms of Python.\n")
    return "\n".join(lines)


def _cell(one: Finding | None) -> str:
    return "" if one is None else f"{one.postgres_ms:.2f}, {one.planning_ms:.2f} ({one.buffers:,}); {one.python_ms:.0f}"
