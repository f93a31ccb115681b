"""For how long processes were on a processor, as Linux counts it: whatever else the machine has to do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROC = Path("/proc")
NANOSECONDS = 1e6  # in a millisecond


def on_processor(process: int, *, proc: Path = PROC) -> float:
    """Milliseconds, of all threads that are there now; 0 of a process that is not there any more."""
    spent = 0
    for counted in proc.glob(f"{process}/task/*/schedstat"):
        try:
            spent += int(counted.read_text().split()[0])
        except OSError:  # it ended meanwhile
            continue
    return spent / NANOSECONDS


def tree(process: int, *, proc: Path = PROC) -> list[int]:
    """A process with all that it started, and what those started."""
    found = [process]
    for one in found:
        for children in proc.glob(f"{one}/task/*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:
                continue
    return found


def resident_mb(process: int, *, proc: Path = PROC) -> float:
    """How much memory a process holds."""
    for line in (proc / str(process) / "status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


class Clock:
    """What processes spend from one look to the next.

    A process that begins in between counts with all it spent. What one spent that ends in between cannot be known any
    more; such are counted in `lost`.
    """

    def __init__(self) -> None:
        self.known: dict[int, float] = {}
        self.lost = 0

    def look(self, processes: Iterable[int], *, proc: Path = PROC) -> float:
        now = {one: on_processor(one, proc=proc) for one in processes}
        spent = sum(after - self.known.get(one, 0.0) for one, after in now.items())
        self.lost += len(self.known.keys() - now.keys())
        self.known = now
        return spent


def backends_of(connection: Any, application: str) -> list[int]:
    """The processes of PostgreSQL that serve these connections."""
    asked = "SELECT pid FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
    return [pid for (pid,) in connection.execute(asked, [application])]
