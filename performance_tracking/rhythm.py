"""The order rhythm of an account: how often it orders, and how late it is by its own measure.

Plain arithmetic on days; nothing here reads the clock or a row. The rule is robust to a single odd gap: the middle
of the gaps instead of their mean, and the median absolute deviation instead of the standard deviation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from math import floor
from statistics import median

from performance_tracking.choices import RhythmState

# How many gaps between order days are looked at, newest first: old habits are forgotten.
MOST_GAPS = 12
# Fewer order days than this say nothing about a rhythm.
FEWEST_ORDER_DAYS = 5
# Makes the median absolute deviation of normally spread gaps equal to their standard deviation.
MAD_TO_DEVIATION = Decimal("1.4826")
# No account is as punctual as a few equal gaps may look.
LEAST_SPREAD_DAYS = Decimal(1)
LEAST_SPREAD_OF_MEDIAN = Decimal("0.15")
# How many spreads beyond the median an account is late, and has lapsed.
LATE_SPREADS, LAPSED_SPREADS = 2, 3

_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True)
class Rhythm:
    """What the order days of one account say: days as whole numbers or halves, the spread with two places."""

    gaps: int
    last_order_on: date
    median_days: Decimal | None = None
    spread_days: Decimal | None = None

    def state(self, today: date) -> RhythmState:
        """How the account stands on that day."""
        if self.median_days is None or self.spread_days is None:
            return RhythmState.LEARNING
        since = (today - self.last_order_on).days
        if since > self.median_days + LAPSED_SPREADS * self.spread_days:
            return RhythmState.LAPSED
        if since > self.median_days + LATE_SPREADS * self.spread_days:
            return RhythmState.LATE
        return RhythmState.DUE if since > self.median_days else RhythmState.ON_RHYTHM

    def first_day(self, state: RhythmState) -> date | None:
        """The first day on which an account that orders no more is DUE, LATE or LAPSED; None while it is LEARNING."""
        if self.median_days is None or self.spread_days is None:
            return None
        spreads = {RhythmState.DUE: 0, RhythmState.LATE: LATE_SPREADS, RhythmState.LAPSED: LAPSED_SPREADS}[state]
        return self.last_order_on + timedelta(days=floor(self.median_days + spreads * self.spread_days) + 1)

    def cycles(self, today: date) -> Decimal | None:
        """How many of its own cycles have passed since the last order: two places, cut off."""
        if self.median_days is None:
            return None
        return (today - self.last_order_on).days * 100 // self.median_days / 100


def rhythm(order_days: Iterable[date]) -> Rhythm | None:
    """The rhythm of an account that ordered on these days, in any order; None if it never did.

    Several orders on a day count once, and only the last `MOST_GAPS` gaps count.
    """
    days = sorted(set(order_days))[-MOST_GAPS - 1 :]
    if not days:
        return None
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    if len(days) < FEWEST_ORDER_DAYS:
        return Rhythm(len(gaps), days[-1])
    middle, spread = middle_and_spread(gaps)
    return Rhythm(len(gaps), days[-1], middle, spread)


def middle_and_spread(gaps: Sequence[int]) -> tuple[Decimal, Decimal]:
    """The median of the gaps and how far they usually lie from it, both in days."""
    middle = Decimal(median(map(Decimal, gaps)))
    deviation = Decimal(median(abs(gap - middle) for gap in gaps)) * MAD_TO_DEVIATION
    spread = max(LEAST_SPREAD_DAYS, deviation, LEAST_SPREAD_OF_MEDIAN * middle)
    return middle, spread.quantize(_HUNDREDTH, ROUND_HALF_UP)


def expected_on(last_order_on: date, cycle_days: Decimal) -> date:
    """The day on which the next order is expected; half a day is rounded up."""
    return last_order_on + timedelta(days=int(cycle_days.quantize(Decimal(1), ROUND_HALF_UP)))
