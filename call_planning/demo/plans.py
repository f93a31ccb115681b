"""The call plans of the demo, and the calls that were made by them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from call_planning.choices import Frequency
from call_planning.demo.chance import Chance
from call_planning.demo.lives import Life
from call_planning.models import CallPlan
from call_planning.schedule import first_call, next_call
from kams.models import User
from leads.choices import LeadStatus
from leads.models import Restaurant

_MOST_CALLS = 30
_NOTES = ("", "", "Call before lunch service.", "Ask for the owner.", "Best reached in the afternoon.")


class Cadence(NamedTuple):
    frequency: Frequency
    shortest: int  # of its intervals, in days; and the longest
    longest: int

    @property
    def interval_days(self) -> int | None:
        return self.shortest if self.frequency == Frequency.CUSTOM else None


DAILY = Cadence(Frequency.DAILY, 1, 1)
TWICE_A_WEEK = Cadence(Frequency.CUSTOM, 3, 3)
WEEKLY = Cadence(Frequency.WEEKLY, 7, 7)
TEN_DAYS = Cadence(Frequency.CUSTOM, 10, 10)
BIWEEKLY = Cadence(Frequency.BIWEEKLY, 14, 14)
MONTHLY = Cadence(Frequency.MONTHLY, 28, 31)
QUARTERLY = Cadence(Frequency.QUARTERLY, 89, 92)
# How common each is.
_OF_ACCOUNTS = {DAILY: 2, TWICE_A_WEEK: 5, WEEKLY: 33, TEN_DAYS: 5, BIWEEKLY: 30, MONTHLY: 20, QUARTERLY: 5}
_OF_LEADS = {DAILY: 5, TWICE_A_WEEK: 10, WEEKLY: 45, TEN_DAYS: 5, BIWEEKLY: 25, MONTHLY: 10}


class Due(Enum):
    OVERDUE = auto()
    TODAY = auto()
    LATER = auto()


class Call(NamedTuple):
    date: datetime
    was_made: bool


class Planned(NamedTuple):
    plan: CallPlan
    calls: list[Call]


def dues(lives: list[Life], *, chance: Chance) -> dict[Life, Due]:
    """Which restaurants have a plan, and when it is due; for every KAM some are overdue and some due today."""
    weights = {Due.OVERDUE: 15, Due.TODAY: 15, Due.LATER: 70}
    accounts: defaultdict[User, list[Life]] = defaultdict(list)
    found = {}
    for life in lives:
        if life.kam and chance.happens(0.4 if life.status == LeadStatus.NEW else 0.85):
            found[life] = chance.weighted(weights)
            # Accounts have been known for longer than the interval of any plan that is due today.
            if life.status == LeadStatus.CONVERTED:
                accounts[life.kam].append(life)
    for own in accounts.values():
        found.update(zip(own, (Due.OVERDUE, Due.TODAY, Due.OVERDUE, Due.TODAY), strict=False))
    return found


def planned(life: Life, row: Restaurant, due: Due, *, pk: int, now: datetime, chance: Chance) -> Planned:
    """The plan, counted from a last call that makes it due as wanted; one that is too young was never called."""
    cadence = chance.weighted(_OF_ACCOUNTS if life.status == LeadStatus.CONVERTED else _OF_LEADS)
    if due == Due.TODAY and cadence.shortest < cadence.longest:
        cadence = WEEKLY  # A month has no fixed number of days to count back.
    begun = _begun(life)
    calls = list(_calls(life, cadence, due, begun=begun, now=now, chance=chance))
    last_called = calls[0].date if calls else None
    zone = ZoneInfo(life.city.timezone)
    counted: dict[str, Any] = {"frequency": cadence.frequency, "interval_days": cadence.interval_days, "zone": zone}
    plan = CallPlan(
        pk=pk,
        lead=row,
        frequency=cadence.frequency,
        interval_days=cadence.interval_days,
        last_called=last_called,
        next_call_date=next_call(after=last_called, **counted) if last_called else first_call(created=begun, **counted),
        notes=chance.choice(_NOTES),
        created_at=begun,
        updated_at=last_called or begun,
        version=1 + sum(call.was_made for call in calls),
    )
    plan.follow(row)
    return Planned(plan, calls)


def _begun(life: Life) -> datetime:
    """Plans are made with the first contact, or with the first after a restaurant came back."""
    contacted = [stage.since for stage in life.stages if stage.status == LeadStatus.CONTACTED]
    return (contacted or [life.stages[-1].since])[-1]


def _calls(life: Life, cadence: Cadence, due: Due, *, begun: datetime, now: datetime, chance: Chance) -> Iterator[Call]:
    """The calls of a plan, from the last one back; now and then one was missed."""
    if life.status == LeadStatus.NEW:
        return
    age = {
        Due.OVERDUE: cadence.longest + chance.randint(1, 9),
        Due.TODAY: cadence.longest,
        Due.LATER: chance.randint(1, max(1, cadence.shortest - 1)),
    }[due]
    first, day = life.city.day(begun), life.city.day(life.until(now)) - timedelta(days=age)
    for number in range(_MOST_CALLS):
        if day <= first:
            return
        yield Call(life.city.at_work(day, chance), was_made=not number or chance.happens(0.95))
        day -= timedelta(days=chance.randint(cadence.shortest, cadence.longest + 1))
