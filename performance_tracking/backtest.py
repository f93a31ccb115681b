"""How well a rule notices who leaves: replayed on order days that are known to the end.

Each order begins a cycle. If another order follows, the cycle was healthy, and an alarm before it was false. If none
follows and the silence is long by the account's own measure, the account has lapsed, and what counts is how soon the
rule noticed. Plain arithmetic on days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from performance_tracking.choices import RhythmState
from performance_tracking.rhythm import FEWEST_ORDER_DAYS, MOST_GAPS, Rhythm, rhythm

# A silence to the end of so many own cycles, and of so many days, is a lapse; a shorter one is not judged.
LAPSE_CYCLES = 4
LAPSE_DAYS = 14

# The first day on which a rule raises the alarm, if no order comes.
Alarm = Callable[[Rhythm], date]


def by_state(state: RhythmState) -> Alarm:
    """Raise it on the first day of a state of the account's own rhythm."""

    def alarm(found: Rhythm) -> date:
        first = found.first_day(state)
        assert first is not None, "who is still learning is not asked"  # noqa: S101
        return first

    return alarm


def after_days(days: int) -> Alarm:
    """Raise it after so many days, whoever it is."""
    return lambda found: found.last_order_on + timedelta(days=days)


RULES: dict[str, Alarm] = {
    "own rhythm, LATE": by_state(RhythmState.LATE),
    "own rhythm, LAPSED": by_state(RhythmState.LAPSED),
    "fixed, 14 days": after_days(14),
    "fixed, 30 days": after_days(30),
}


@dataclass
class Score:
    """What became of one rule's alarms."""

    healthy_cycles: int = 0
    false_alarms: int = 0
    lapses: int = 0
    days: list[int] = field(default_factory=list)  # until a lapse was noticed, for each that was
    cycles: list[Decimal] = field(default_factory=list)  # the same in cycles of the account

    @property
    def alarms(self) -> int:
        return self.false_alarms + len(self.days)

    @property
    def false_per_100(self) -> float:
        """False alarms in a hundred healthy cycles."""
        return 100 * self.false_alarms / self.healthy_cycles if self.healthy_cycles else 0.0

    @property
    def median_days(self) -> float | None:
        return float(median(self.days)) if self.days else None

    @property
    def median_cycles(self) -> float | None:
        return float(median(self.cycles)) if self.cycles else None


def backtest(accounts: Iterable[Sequence[date]], *, until: date) -> dict[str, Score]:
    """The score of each rule over the order days of these accounts, known until this day."""
    scores = {name: Score() for name in RULES}
    for account in accounts:
        days = sorted(set(account))
        for known in range(FEWEST_ORDER_DAYS, len(days) + 1):
            found = rhythm(days[max(0, known - MOST_GAPS - 1) : known])
            assert found is not None  # noqa: S101 - there are order days
            next_order = days[known] if known < len(days) else None
            for name, alarm in RULES.items():
                _judge(found, scores[name], alarm(found), next_order=next_order, until=until)
    return scores


def _judge(found: Rhythm, score: Score, raised: date, *, next_order: date | None, until: date) -> None:
    """What an alarm on this day was worth. One on the day of the order is none: by the evening it is gone."""
    if next_order is not None:
        score.healthy_cycles += 1
        score.false_alarms += raised < next_order
        return
    assert found.median_days is not None  # noqa: S101 - nobody here is still learning
    silence = (until - found.last_order_on).days
    if silence < LAPSE_DAYS or silence < LAPSE_CYCLES * found.median_days:
        return
    score.lapses += 1
    if raised <= until:
        waited = (raised - found.last_order_on).days
        score.days.append(waited)
        score.cycles.append(waited / found.median_days)
