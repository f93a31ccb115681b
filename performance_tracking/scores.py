"""RFM: in which fifth of all accounts one is by how recently, how often and for how much it orders.

Plain arithmetic; nothing here reads the clock or a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

FIFTHS = 5


def thresholds(values: Iterable[Any]) -> list[Any]:
    """The last value of each fifth but the highest, from the lowest fifth on; of no values there are none."""
    ordered = sorted(values)
    return [ordered[-(-part * len(ordered) // FIFTHS) - 1] for part in range(1, FIFTHS)] if ordered else []


def score(value: Decimal | int, limits: Sequence[Decimal | int], *, less_is_better: bool = False) -> int:
    """1 to 5, 5 the best: equal values have equal scores."""
    above = sum(value > limit for limit in limits)
    return FIFTHS - above if less_is_better else 1 + above
