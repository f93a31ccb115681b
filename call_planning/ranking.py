"""Whom to call next: points for each reason, and the reasons in words.

Plain arithmetic on days; nothing here reads the clock or a row. A score is the sum of its printed reasons, and a
reason has whole points: the most it can have, times a share, a fraction counting as a whole point. Who was tried a
moment ago has some taken off. What a share is, stands with each reason; `docs/how-the-ranking-works.md` says the same
to those who call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

# For so many days after somebody was spoken to, a late order is given time to come.
REST_DAYS = 3
# For so many minutes it counts that nobody answered, each minute a little less.
TRIED_COUNTS_FOR = 240
# So many missed calls weigh as much as missed calls can.
MOST_MISSED = 2

_HALF, _ONE = Decimal("0.5"), Decimal(1)


class Code(StrEnum):
    """Why somebody is to be called; of equal points, the earlier is said first."""

    PROMISE_DUE = "PROMISE_DUE"
    ORDER_LATE = "ORDER_LATE"
    CADENCE_OVERDUE = "CADENCE_OVERDUE"
    MISSED_CALL = "MISSED_CALL"
    NEW_LEAD = "NEW_LEAD"
    SILENCE = "SILENCE"
    HIGH_POTENTIAL = "HIGH_POTENTIAL"
    TRIED = "TRIED"


@dataclass(frozen=True)
class Rules:
    """What the ranking goes by: the most points of each reason, and from where on something counts."""

    points: Mapping[str, int]
    silence_days: int
    high_value: int


@dataclass(frozen=True)
class LateOrder:
    """An account that is late by its own rhythm."""

    last_order_on: date
    median_days: Decimal


@dataclass(frozen=True)
class Standing:
    """What is known of one restaurant: days are those of who asks, the days of orders the organisation's."""

    pk: int
    value: Decimal | None = None
    is_new_lead: bool = False
    entered_on: date = date.min
    spoken_on: date | None = None
    ordered_on: date | None = None
    late_order: LateOrder | None = None
    due_on: date | None = None
    interval_days: int = 1
    missed_calls: int = 0
    promised_at: datetime | None = None
    attempted_at: datetime | None = None

    def is_promised(self, at: datetime) -> bool:
        return self.promised_at is not None and self.promised_at <= at


@dataclass(frozen=True)
class Day:
    """The moment of the question, and the day it is: for who asks, and for the organisation."""

    at: datetime
    today: date
    report_day: date


@dataclass(frozen=True)
class Reason:
    """A part of the score: its points, which may be taken off it, why in words, and the figures behind it."""

    code: Code
    points: int
    text: str
    facts: dict[str, Any]

    def record(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Ranked:
    """A restaurant that is to be called, with the reasons, the weightiest first."""

    standing: Standing
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(reason.points for reason in self.reasons)


def ranked(standings: Iterable[Standing], rules: Rules, day: Day) -> list[Ranked]:
    """Those that there is a reason to call, best first; of equals the one worth more, then the lower key."""
    found = (Ranked(one, reasons_of(one, rules, day)) for one in standings)
    return sorted((one for one in found if one.reasons), key=_place)


def _place(one: Ranked) -> tuple[int, Decimal, int]:
    return -one.score, -(one.standing.value or Decimal(0)), one.standing.pk


def reasons_of(one: Standing, rules: Rules, day: Day) -> tuple[Reason, ...]:
    """Why it is to be called; to be worth much is no reason by itself, and to have been tried is none at all."""
    weighing = Weighing(one, rules, day)
    found = [reason for code in URGENT if (reason := _weighed(code, weighing))]
    if found:
        found += [reason for code in BESIDE if (reason := _weighed(code, weighing))]
    return tuple(sorted(found, key=lambda reason: -reason.points))


def _weighed(code: Code, weighing: Weighing) -> Reason | None:
    most = weighing.rules.points[code]
    part = _PARTS[code](weighing) if most else None
    if part is None:
        return None
    points = int((most * part.share).to_integral_value(ROUND_CEILING))
    return Reason(code, -points if code == Code.TRIED else points, part.text, part.facts)


# --- The reasons: each says how much of its points it has, from 0 to 1 ---------------------------------
@dataclass(frozen=True)
class Part:
    share: Decimal
    text: str
    facts: dict[str, Any]


def worth(value: Decimal | None, rules: Rules) -> Decimal:
    """From half for what is worth nothing, or nobody knows what, to all from the value on that counts as high."""
    return _from_half((value or Decimal(0)) / rules.high_value)


def _from_half(share: Decimal) -> Decimal:
    return _HALF + _HALF * min(_ONE, share)


@dataclass(frozen=True)
class Weighing:
    """One restaurant, asked for each reason in turn; None where it is no reason."""

    one: Standing
    rules: Rules
    day: Day

    def promise_due(self) -> Part | None:
        """All of its points from the promised moment on."""
        one = self.one
        if not one.is_promised(self.day.at):
            return None
        return Part(_ONE, "You promised to call back.", {"call_back_at": one.promised_at})

    def order_late(self) -> Part | None:
        """As many of its points as a whole cycle is over; weighted by what the account is worth.

        Who was just spoken to is left alone, unless a call is promised.
        """
        one, rules, day = self.one, self.rules, self.day
        rests = one.spoken_on is not None and (day.today - one.spoken_on).days < REST_DAYS
        if one.late_order is None or (rests and not one.is_promised(day.at)):
            return None
        since, median = (day.report_day - one.late_order.last_order_on).days, one.late_order.median_days
        over = (since - median) / median
        if over <= 0:
            return None
        text = f"Usually orders {_every(median)}; the last order was {_days(since)} ago."
        facts = {
            "last_order_on": one.late_order.last_order_on,
            "days_since": since,
            "median_days": median,
            "cycles": since * 100 // median / 100,
            "potential_revenue": one.value,
        }
        return Part(min(_ONE, over) * worth(one.value, rules), text, facts)

    def cadence_overdue(self) -> Part | None:
        """Half of its points on the day itself, all of them when it is a whole interval over."""
        one, day = self.one, self.day
        if one.due_on is None or one.due_on > day.today:
            return None
        over = (day.today - one.due_on).days
        due = "it is due today" if over == 0 else f"it was due {_days(over)} ago"
        text = f"To be called {_every(one.interval_days)}; {due}."
        facts = {"due_on": one.due_on, "days_overdue": over, "interval_days": one.interval_days}
        return Part(_from_half(Decimal(over) / one.interval_days), text, facts)

    def missed_call(self) -> Part | None:
        """Half of its points for one, all of them for two or more."""
        one = self.one
        if not one.missed_calls:
            return None
        calls = "A planned call was" if one.missed_calls == 1 else f"{one.missed_calls} planned calls were"
        share = min(_ONE, Decimal(one.missed_calls) / MOST_MISSED)
        return Part(share, f"{calls} missed since the last one.", {"missed_calls": one.missed_calls})

    def new_lead(self) -> Part | None:
        """Its points weighted by what the lead is worth, until somebody was spoken to."""
        one, rules, day = self.one, self.rules, self.day
        if not one.is_new_lead or one.spoken_on is not None:
            return None
        days = max(0, (day.today - one.entered_on).days)
        when = "today" if days == 0 else f"{_days(days)} ago"
        text = f"A new lead, entered {when}, that nobody has spoken to."
        facts = {"entered_on": one.entered_on, "potential_revenue": one.value}
        return Part(worth(one.value, rules), text, facts)

    def silence(self) -> Part | None:
        """Half of its points when there was no contact for longer than counts as long, all of them for twice as long.

        Who is called less often than that is silent when a whole interval has passed. A new lead is a reason by itself.
        """
        one, rules, day = self.one, self.rules, self.day
        heard_on = max(filter(None, (one.spoken_on, one.ordered_on)), default=None)
        if one.is_new_lead and heard_on is None:
            return None
        long = max(rules.silence_days, one.interval_days)
        since = (day.today - (heard_on or one.entered_on)).days
        if since <= long:
            return None
        text = f"No contact for {_days(since)}." if heard_on else f"No contact yet; it was entered {_days(since)} ago."
        facts = {"last_contact_on": heard_on, "days_since": since, "counts_as_long": long}
        return Part(_from_half(Decimal(since - long) / long), text, facts)

    def high_potential(self) -> Part | None:
        """Half of its points from the value on that counts as high, all of them from twice that value on."""
        one, rules = self.one, self.rules
        if one.value is None or one.value < rules.high_value:
            return None
        text = f"Worth {one.value:,.2f}; from {rules.high_value:,} on, that is high."
        facts = {"potential_revenue": one.value, "counts_as_high": rules.high_value}
        return Part(min(_ONE, one.value / rules.high_value / 2), text, facts)

    def tried(self) -> Part | None:
        """Takes all of its points off at once, and none any more after some hours."""
        one, day = self.one, self.day
        if one.attempted_at is None:
            return None
        minutes = max(0, (day.at - one.attempted_at) // timedelta(minutes=1))
        if minutes >= TRIED_COUNTS_FOR:
            return None
        when = "just now" if minutes == 0 else "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
        facts = {"attempted_at": one.attempted_at, "minutes_since": minutes}
        return Part(_ONE - Decimal(minutes) / TRIED_COUNTS_FOR, f"Tried {when}; nobody answered.", facts)


def _days(number: Decimal | int) -> str:
    return "1 day" if number == 1 else f"{Decimal(number).normalize():f} days"


def _every(number: Decimal | int) -> str:
    return "every day" if number == 1 else f"every {_days(number)}"


_PARTS: dict[Code, Callable[[Weighing], Part | None]] = {
    Code.PROMISE_DUE: Weighing.promise_due,
    Code.ORDER_LATE: Weighing.order_late,
    Code.CADENCE_OVERDUE: Weighing.cadence_overdue,
    Code.MISSED_CALL: Weighing.missed_call,
    Code.NEW_LEAD: Weighing.new_lead,
    Code.SILENCE: Weighing.silence,
    Code.HIGH_POTENTIAL: Weighing.high_potential,
    Code.TRIED: Weighing.tried,
}
# What is said only where there is another reason.
BESIDE = (Code.HIGH_POTENTIAL, Code.TRIED)
URGENT = tuple(code for code in Code if code not in BESIDE)


# --- The day's capacity -----------------------------------------------------------------------------
def left_for_tomorrow(owners: Iterable[int | None], room: Mapping[int | None, int]) -> Iterator[bool]:
    """For calls in the order of the ranking, each by its owner: whether it is beyond what they can make today.

    Whoever has no place in `room` has no end to their day.
    """
    left = dict(room)
    for owner in owners:
        if owner in left:
            left[owner] -= 1
        yield left.get(owner, 0) < 0
