"""The lives of restaurants, drawn at random. There are few of them, and many restaurants live the same one.

So all that takes thought is done here, once for each life and by the rules of the service: rhythms, months, due dates.
What is left to the database is to copy a life as often as there are restaurants that live it. A life has moments on the
hour; each restaurant lives it some minutes later than the others, by one number of seconds of its own, less than an
hour: so no day changes, in the zone of the restaurant or in the organisation's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import exp, log
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.cadences import Plan, plan_of
from call_planning.demo.chance import WORDS, Chance
from common.clock import local_date, resolve
from contact.choices import RoleKind
from interaction_tracking.choices import UNANSWERED, InteractionStatus, InteractionType
from leads.choices import CLOSED, LeadStatus
from performance_tracking.figures import Fact, Figures, by_month
from performance_tracking.models import report_day
from performance_tracking.models.order_rhythm import SINCE
from performance_tracking.rhythm import Rhythm, rhythm

# How many in a hundred have each status, and how much more than others happens with them.
MIX = {
    LeadStatus.NEW: 18,
    LeadStatus.CONTACTED: 13,
    LeadStatus.MEETING_SCHEDULED: 7,
    LeadStatus.NEGOTIATING: 8,
    LeadStatus.CONVERTED: 40,
    LeadStatus.LOST: 7,
    LeadStatus.INACTIVE: 7,
}
_BUSY = {LeadStatus.NEW: 0.1, LeadStatus.CONTACTED: 0.5, LeadStatus.CONVERTED: 2.0, LeadStatus.INACTIVE: 1.5}
_AVERAGE = sum(share * _BUSY.get(status, 0.8) for status, share in MIX.items()) / 100
_PATH = (LeadStatus.NEW, LeadStatus.CONTACTED, LeadStatus.MEETING_SCHEDULED, LeadStatus.NEGOTIATING)

_TALK = {
    InteractionType.CALL: 45,
    InteractionType.EMAIL: 20,
    InteractionType.MESSAGE: 12,
    InteractionType.VISIT: 12,
    InteractionType.MEETING: 6,
    InteractionType.NOTE: 5,
}
_OUTCOMES = {"CONNECTED": 60, "NO_ANSWER": 15, "BUSY": 5, "": 20}
# The mean gap between a restaurant's orders lies between these, in days; the larger the shape, the more regular.
_QUICKEST, _SLOWEST, _SHAPE = 2, 45, 4
# For how many of its gaps an account has not ordered, and how common that is.
_SINCE = {(0.0, 1.0): 68, (1.3, 4.0): 20, (4.0, 12.0): 12}
_OLDEST = timedelta(days=900)
_PEOPLE = {1: 60, 2: 28, 3: 12}
_ROLES = {RoleKind.OWNER: 30, RoleKind.MANAGER: 25, RoleKind.PURCHASING: 20, RoleKind.CHEF: 15, RoleKind.OTHER: 10}
ONE_HOUR = timedelta(hours=1)


@dataclass(kw_only=True)
class Event:
    """An interaction of everybody who lives this life; `person` is which of their contacts it was with."""

    at: datetime
    kind: InteractionType
    status: InteractionStatus = InteractionStatus.DONE
    person: int | None = None
    details: str = ""
    outcome: str = ""
    seconds: int | None = None
    is_order: bool = False
    price: Decimal | None = None
    quantity: int | None = None
    by_plan: bool = False
    shifts: bool = True

    @property
    def columns(self) -> tuple[Any, ...]:
        return astuple(self)

    @property
    def fact(self) -> Fact | None:
        """What figures rest on, as `Interaction.counted` has it."""
        reached = self.outcome not in UNANSWERED
        is_call, is_visit = (self.kind == kind and reached for kind in (InteractionType.CALL, InteractionType.VISIT))
        if self.status != InteractionStatus.DONE or not (is_call or is_visit or self.is_order):
            return None
        revenue = self.price or Decimal(0)
        return Fact(
            self.at, report_day(self.at), is_call=is_call, is_visit=is_visit, is_order=self.is_order, revenue=revenue
        )


@dataclass
class Life:
    zone: str
    status: LeadStatus
    created_at: datetime
    until: datetime  # now, or when it was closed
    revenue: Decimal | None
    cuisine: str
    kind: str
    contacts: list[tuple[RoleKind, bool]]  # with whether they opted out
    stages: list[tuple[LeadStatus, datetime]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    plan: Plan | None = None

    @property
    def rhythm(self) -> Rhythm | None:
        return rhythm({fact.day for fact in self.facts if fact.is_order})

    @property
    def months(self) -> dict[date, Figures]:
        return by_month(self.facts)

    @property
    def facts(self) -> list[Fact]:
        return [fact for event in self.events if (fact := event.fact)]


def drawn(*, zone: str, mean: float, now: datetime, chance: Chance) -> Life:
    """A life with about `mean` interactions, as an average over many."""
    status = chance.weighted(MIX)
    count = round(chance.gammavariate(2, mean * _BUSY.get(status, 0.8) / _AVERAGE / 2))
    until = now - chance.days((10, 150)) if status in CLOSED else now
    days = Days(zone, now, chance)
    orders = list(_order_days(days, until, count)) if _orders(status, chance) else []
    begun = min(orders) if orders else until - chance.days((5, 300))
    life = Life(
        zone=zone,
        status=status,
        created_at=days.at_work(begun - chance.days((15, 200))),
        until=until,
        revenue=None if chance.happens(0.05) else Decimal(round(chance.lognormvariate(9, 1.2) * 100)) / 100,
        cuisine=chance.choice(list(WORDS["names"])[1:]),
        kind=chance.choice(WORDS["restaurants"]["kinds"]),
        contacts=[(chance.weighted(_ROLES), chance.happens(0.04)) for _ in range(chance.weighted(_PEOPLE))],
    )
    life.stages = list(_stages(life, begun, chance))
    life.events = [_order(at, life, chance) for at in orders]
    life.plan, calls = plan_of(status, created_at=life.created_at, until=until, now=now, zone=zone, chance=chance)
    life.events += [_call(*call, chance=chance) for call in calls]
    left = range(max(0, count - len(life.events)))
    life.events += [talk for _ in left if (talk := _talk(days, life, chance)) is not None]
    return life


@dataclass
class Days:
    """Working hours of a zone."""

    zone: str
    now: datetime
    chance: Chance

    def at_work(self, moment: datetime) -> datetime:
        """A full hour of that day."""
        here = ZoneInfo(self.zone)
        return resolve(datetime.combine(local_date(moment, here), time(self.chance.randint(10, 17))), here)

    def is_past(self, moment: datetime) -> bool:
        """Also for who lives it an hour later."""
        return moment + ONE_HOUR <= self.now


def _orders(status: LeadStatus, chance: Chance) -> bool:
    return status in {LeadStatus.CONVERTED, LeadStatus.INACTIVE} or (status == LeadStatus.LOST and chance.happens(0.3))


def _order_days(days: Days, until: datetime, count: int) -> Iterator[datetime]:
    """Its own rhythm, from the last order back."""
    gap = exp(days.chance.uniform(log(_QUICKEST), log(_SLOWEST)))
    moment = until - timedelta(days=gap * days.chance.uniform(*days.chance.weighted(_SINCE)))
    for _ in range(max(1, round(count * 0.6))):
        at = days.at_work(moment)
        if at < days.now - _OLDEST:
            return
        if days.is_past(at):
            yield at
        moment -= timedelta(days=days.chance.gammavariate(_SHAPE, gap / _SHAPE))


def _stages(life: Life, begun: datetime, chance: Chance) -> Iterator[tuple[LeadStatus, datetime]]:
    """The statuses it took after NEW, and when: one after another, the last before it was closed."""
    if life.status == LeadStatus.NEW:
        return
    is_account = life.status in {LeadStatus.CONVERTED, LeadStatus.INACTIVE}
    way = _PATH[1 : _PATH.index(life.status) + 1] if life.status in _PATH else _PATH[1:]
    path = [*way, *([LeadStatus.CONVERTED] if is_account else []), *([life.status] if life.status in CLOSED else [])]
    end = max(begun, life.created_at + timedelta(days=1))
    steps = sorted(life.created_at + chance.random() * (end - life.created_at) for _ in path)
    if life.status in CLOSED:
        steps[-1] = life.until
    yield from zip(path, (step.replace(minute=0, second=0, microsecond=0) for step in steps), strict=True)


def _order(at: datetime, life: Life, chance: Chance) -> Event:
    kind = InteractionType.CALL if chance.happens(0.15) else InteractionType.ORDER
    said = chance.phrase(WORDS["said"]["ORDER"], "The chef")
    event = Event(at=at, kind=kind, details=said, is_order=True, person=chance.randrange(len(life.contacts)))
    if chance.happens(0.9):  # of the others it is only known that they were placed
        event.quantity = chance.randint(1, 40)
        event.price = event.quantity * Decimal(chance.choice(WORDS["product"])["price"])
    return event


def _call(at: datetime, status: InteractionStatus, shifts: bool, *, chance: Chance) -> Event:  # noqa: FBT001 - a row of the plan's
    """A call that the plan asked for."""
    return Event(
        at=at,
        kind=InteractionType.CALL,
        status=status,
        details="Call as planned.",
        outcome=chance.weighted(_OUTCOMES) if status == InteractionStatus.DONE else "",
        person=0 if status == InteractionStatus.DONE else None,
        by_plan=True,
        shifts=shifts,
    )


def _talk(days: Days, life: Life, chance: Chance) -> Event | None:
    at = days.at_work(life.created_at + chance.random() * (life.until - life.created_at))
    kind = chance.weighted(_TALK)
    if not life.created_at < at < life.until or not days.is_past(at):
        return None
    is_call = kind == InteractionType.CALL
    return Event(
        at=at,
        kind=kind,
        details=chance.phrase(WORDS["said"][kind], "the owner"),
        outcome=chance.weighted(_OUTCOMES) if is_call else "",
        seconds=chance.randint(30, 1200) if is_call else None,
        person=None if kind == InteractionType.NOTE else chance.randrange(len(life.contacts)),
    )


def record(life: Life, today: date) -> tuple[Any, ...]:
    """The columns of a life that is kept for the database to copy."""
    plan, found = life.plan or Plan(), life.rhythm or Rhythm(0, date.min)
    return (
        life.zone,
        life.status,
        life.created_at,
        life.revenue,
        life.cuisine,
        life.kind,
        life.plan is not None,
        *astuple(plan),
        found.gaps,
        None if life.rhythm is None else found.last_order_on,
        found.median_days,
        found.spread_days,
        *(found.first_day(state) for state in reversed(SINCE)),
        found.state(today),
        found.cycles(today),
        len(life.contacts),
        len(life.stages),
        len(life.months),
    )
