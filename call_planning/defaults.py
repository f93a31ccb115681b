"""The hours that count where nobody has said others, read from a file when the service starts."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from common.hours import DAYS, Week, week

_TABLES = ("open", "working", "rush", "rush_of")
_SHIPPED = Path(__file__).with_name("call_hours.toml")


@dataclass(frozen=True)
class Defaults:
    open: Week
    working: Week
    rush: Week
    rush_of: dict[str, Week]

    def rush_at(self, restaurant_type: str | None) -> Week:
        """When a restaurant of this type has no time for calls."""
        return self.rush_of.get((restaurant_type or "").strip().lower(), self.rush)


def defaults() -> Defaults:
    return _read(settings.CALL_HOURS_FILE or str(_SHIPPED))


@cache
def _read(path: str) -> Defaults:
    """The file's hours; what is wrong with it stops the start."""
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        _check_tables(said)
        return Defaults(
            open=_week(said["open"]),
            working=_week(said["working"]),
            rush=_week(said["rush"]),
            rush_of={kind.lower(): _week(hours) for kind, hours in said.get("rush_of", {}).items()},
        )
    except (OSError, ValueError) as wrong:
        raise ImproperlyConfigured(f"CALL_HOURS_FILE {path}: {wrong}") from wrong
    except KeyError as missing:
        raise ImproperlyConfigured(f"CALL_HOURS_FILE {path} lacks the table {missing}.") from missing


def _check_tables(said: dict[str, Any]) -> None:
    """What nobody reads is a slip of the pen, and would count for nothing."""
    if strange := sorted(set(said) - set(_TABLES)):
        raise ValueError(f"{strange[0]} is none of the tables {', '.join(_TABLES)}.")
    if not isinstance(said.get("rush_of", {}), dict):
        raise ValueError("rush_of has a table for each type, such as [rush_of.cafe].")  # noqa: TRY004 - as the others


def _week(said: Any) -> Week:
    daily = said.pop("daily", None) if isinstance(said, dict) else None
    return week(said if daily is None else {**dict.fromkeys(DAYS, daily), **said})
