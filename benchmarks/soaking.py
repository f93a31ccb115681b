"""The service that a soak asks, what it looks like from minute to minute, and whether that stays."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import NamedTemporaryFile
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Self

import psycopg

from benchmarks.processors import on_processor, resident_mb, tree
from benchmarks.serving import free_port

if TYPE_CHECKING:
    from benchmarks.users import Asked

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = 4
PATIENCE = 90  # seconds, for the service to start
# How much more is still steady: others use the machine as well, and a moment is soon twice as long.
SLOWER, MOMENT, LARGER = 1.5, 0.025, 1.1
FEWEST = 20  # answers of a kind in a third, for a median that says something


@dataclass(frozen=True)
class Minute:
    number: int
    requests: int
    statuses: dict[str, int]
    wrong: int
    median_ms: float
    p95_ms: float
    cpu_ms: float  # of the processes of the service, for each request
    memory_mb: list[float]  # of each process
    connections: int
    load: float  # of the machine
    by_kind: dict[str, list[float]] = field(default_factory=dict)  # median and 95th percentile, in ms


def head() -> str:
    return "minute  requests  wrong  median ms  p95 ms  CPU ms each  MB each process          connections  load\n"


def line(one: Minute) -> str:
    memory = " ".join(f"{size:.1f}" for size in one.memory_mb)
    return (
        f"{one.number:6}  {one.requests:8}  {one.wrong:5}  {one.median_ms:9.1f}  {one.p95_ms:6.0f}  {one.cpu_ms:11.1f}"
        f"  {memory:<23}  {one.connections:11}  {one.load:4.1f}\n"
    )


def milliseconds(rows: list[Asked]) -> list[float]:
    """The median and the 95th percentile."""
    times = [1000 * row.took for row in rows]
    late = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    return [round(median(times), 1), round(late, 1)]


def kinds_of(rows: list[Asked]) -> dict[str, list[Asked]]:
    kinds: dict[str, list[Asked]] = {}
    for row in rows:
        kinds.setdefault(row.kind, []).append(row)
    return dict(sorted(kinds.items()))


class Service:
    """gunicorn as in production, on one dataset."""

    def __init__(self, url: str, cache: str) -> None:
        self.url = url
        self.log = NamedTemporaryFile("w+", prefix="soak-", suffix=".log")  # noqa: SIM115 - until it has ended
        self.port = free_port()
        # All users come from one address: that their log-ins are counted for it is no figure of this.
        own = {"DATABASE_URL": url, "CACHE_URL": cache, "LOG_LEVEL": "WARNING", "ADDRESS_REQUESTS_A_MINUTE": "0"}
        self.environment = {**os.environ, **own}
        self.process: subprocess.Popen[bytes] | None = None
        self.pids: list[int] = []
        self.spent, self.counted, self.replaced = 0.0, 0, False

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.conf.py")]
        command += ["--bind", f"127.0.0.1:{self.port}", "--workers", str(PROCESSES)]
        self.process = subprocess.Popen(  # noqa: S603 - what we start is our own
            command, cwd=ROOT, env=self.environment, stdout=self.log, stderr=self.log
        )
        try:
            self._wait()
            self.pids, self.spent = self._children(), self._cpu()
            yield
        finally:
            self.process.terminate()
            self.process.wait()

    def look(self, number: int, rows: list[Asked]) -> Minute:
        """What has happened since the last look."""
        new, self.counted = rows[self.counted :], len(rows)
        before, self.spent = self.spent, self._cpu()
        self.replaced = self.replaced or self._children() != self.pids
        middle, late = milliseconds(new) if new else (0.0, 0.0)
        return Minute(
            number=number,
            requests=len(new),
            statuses={str(status): count for status, count in sorted(Counter(row.status for row in new).items())},
            wrong=sum(not row.fine for row in new),
            median_ms=middle,
            p95_ms=late,
            cpu_ms=round(1000 * (self.spent - before) / max(1, len(new)), 1),
            memory_mb=[round(resident_mb(pid), 1) for pid in self._children()],
            connections=self._connections(),
            load=os.getloadavg()[0],
            by_kind={kind: milliseconds(of) for kind, of in kinds_of(new).items()},
        )

    def _wait(self) -> None:
        end = monotonic() + PATIENCE
        while monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == http.client.OK and len(self._children()) == PROCESSES:
                    return
            except (OSError, http.client.HTTPException):
                pass
            sleep(0.2)
        raise SystemExit(f"The service does not get ready: {Path(self.log.name).read_text()[-3000:]}")

    def _children(self) -> list[int]:
        return sorted(tree(self.process.pid)[1:]) if self.process else []

    def _cpu(self) -> float:
        """Seconds that its processes were on a processor."""
        return sum(map(on_processor, self._children())) / 1000

    def _connections(self) -> int:
        with psycopg.connect(self.url) as connection:
            row = connection.execute(
                "SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"
            ).fetchone()
        return int(row[0]) if row else 0


@dataclass(frozen=True)
class Steadiness:
    """The first third of the time beside the last, without the minutes in which people come."""

    kinds: dict[str, dict[str, Any]]
    memory: dict[str, float]
    # These do not decide: the processors' time for each request, and what the machine had to do.
    cpu: dict[str, float]
    load: dict[str, float]

    @classmethod
    def of(cls, minutes: list[Minute], rows: list[Asked], *, after: int) -> Self:
        after = min(after, len(minutes) - 1)
        length = max(1, (len(minutes) - after) // 3)
        parts = [range(after, after + length), range(len(minutes) - length, len(minutes))]
        thirds = [kinds_of([row for row in rows if int(row.began // 60) in part]) for part in parts]
        kinds = {}
        for kind in sorted(thirds[0].keys() & thirds[1].keys()):
            earlier, later = (milliseconds(of[kind]) for of in thirds)
            counts = [len(of[kind]) for of in thirds]
            kinds[kind] = {"first": earlier, "last": later, "requests": counts, "steady": still(earlier, later, counts)}
        looks = {
            name: [minutes[number] for number in part] for name, part in zip(("first", "last"), parts, strict=True)
        }
        return cls(
            kinds,
            memory={name: max(max(one.memory_mb) for one in third) for name, third in looks.items()},
            cpu={name: round(mean(one.cpu_ms for one in third), 1) for name, third in looks.items()},
            load={name: round(mean(one.load for one in third), 1) for name, third in looks.items()},
        )

    @property
    def steady(self) -> bool:
        return self.memory["last"] <= LARGER * self.memory["first"] and all(
            one["steady"] for one in self.kinds.values()
        )

    def text(self) -> str:
        lines = ["", "| kind | requests | median, p95 ms in the first third | in the last | steady |", "|---" * 5 + "|"]
        for kind, one in self.kinds.items():
            first, last = (", ".join(map(str, one[part])) for part in ("first", "last"))
            lines.append(f"| {kind} | {sum(one['requests'])} | {first} | {last} | {'yes' if one['steady'] else 'no'} |")
        was, now = self.memory["first"], self.memory["last"]
        lines.append(f"\nThe largest process has {was} MB in the first third, {now} MB in the last.")
        lines.append(f"Processors for each request: {self.cpu['first']} ms, {self.cpu['last']} ms.")
        lines.append(f"Load of the machine: {self.load['first']}, {self.load['last']}.")
        lines.append("Steady." if self.steady else "Not steady.")
        return "\n".join(lines) + "\n"


def still(earlier: list[float], later: list[float], counts: list[int]) -> bool:
    """Whether the median is no longer than it was, as far as that can be told."""
    return min(counts) < FEWEST or later[0] <= SLOWER * earlier[0] + 1000 * MOMENT
