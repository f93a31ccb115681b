"""What a run found, kept in `benchmarks/results/peers-<size>.json` as soon as it is known."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import orjson

RESULTS = Path(__file__).with_name("results")
_PACKAGES = (
    *("django", "djangorestframework", "django-ninja", "fastapi", "sqlalchemy", "asyncpg", "psycopg", "pydantic"),
    *("orjson", "gunicorn", "uvicorn", "granian"),
)
MEANING = (
    "ms of CPU for one request, on the median of the rounds: of all processes of the server, and of the processes of "
    "PostgreSQL that serve it; low_ms and high_ms are of the least and the dearest round; a ratio is ours divided by it"
)


class Run:
    """The results for one size."""

    def __init__(self, path: Path, said: dict[str, Any]) -> None:
        self.path, self.said = path, said

    @classmethod
    def begin(cls, restaurants: int, *, kinds: dict[str, str], folder: Path = RESULTS, anew: bool, **how: Any) -> Run:
        """Go on with what was interrupted, on the same code and with the same servers; otherwise begin with nothing."""
        path = folder / f"peers-{restaurants}.json"
        said: dict[str, Any] = {
            "restaurants": restaurants,
            "meaning": MEANING,
            "commit": commit(),
            "servers": {name: {"what": what} for name, what in kinds.items()},
            **how,
            "machine": {
                "processors": os.cpu_count(),
                "system": platform.platform(),
                "python": platform.python_version(),
            },
            "packages": dict(
                sorted((one.name, one.version) for one in distributions() if one.name.lower() in _PACKAGES)
            ),
            "whole": False,
            "endpoints": [],
        }
        before = known(path)
        if before and not anew and not before["whole"] and _same(before, said):
            said["endpoints"] = before["endpoints"]
        return cls(path, said)

    @property
    def done(self) -> set[str]:
        return {one["endpoint"] for one in self.said["endpoints"]}

    def add(self, result: dict[str, Any]) -> None:
        self.said["endpoints"].append(result)
        self.keep()

    def finish(self, memory: dict[str, float]) -> None:
        for name, size in memory.items():
            self.said["servers"][name]["worker_mb"] = round(size, 1)
        self.said["whole"] = True
        self.keep()

    def keep(self) -> None:
        """Written beside and moved into place, so that an interruption leaves no half of a file."""
        self.path.parent.mkdir(exist_ok=True)
        draft = self.path.with_suffix(".draft")
        draft.write_bytes(orjson.dumps(self.said, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(self.path)


def _same(before: dict[str, Any], said: dict[str, Any]) -> bool:
    return bool(before["commit"] == said["commit"]) and before["servers"].keys() == said["servers"].keys()


def known(path: Path) -> dict[str, Any] | None:
    return orjson.loads(path.read_bytes()) if path.exists() else None


def all_known(folder: Path = RESULTS) -> list[dict[str, Any]]:
    """What is known of each size, the smallest first."""
    found = [orjson.loads(path.read_bytes()) for path in folder.glob("peers-*.json")]
    return sorted(found, key=lambda run: run["restaurants"])


def commit() -> str:
    """Of which state of the code this is; with a plus where it was changed since."""
    asked = ("git", "describe", "--always", "--dirty=+", "--exclude=*")
    found = subprocess.run(asked, cwd=RESULTS.parent, capture_output=True, text=True, check=False)  # noqa: S603
    return found.stdout.strip()


def growth(runs: Iterable[dict[str, Any]], server: str) -> dict[str, list[tuple[int, float]]]:
    """For each endpoint what it costs at each size, where it is known of more than one."""
    found: dict[str, list[tuple[int, float]]] = {}
    for run in runs:
        for one in run["endpoints"]:
            if server in one["costs"]:
                found.setdefault(one["endpoint"], []).append((run["restaurants"], one["costs"][server]["total_ms"]))
    return {name: places for name, places in found.items() if len(places) > 1}
