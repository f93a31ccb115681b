"""What happened with each restaurant of the demo: talk, visits, calls as planned, and orders in its own rhythm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp, log
from typing import Any, NamedTuple

from call_planning.demo.chance import WORDS, Chance
from call_planning.demo.lives import Life
from call_planning.demo.plans import Call
from contact.models import Contact
from interaction_tracking.choices import InteractionStatus, InteractionType
from leads.choices import CLOSED, LeadStatus

# What is said and done between the calls, and how often.
_TALK = {
    InteractionType.EMAIL: 30,
    InteractionType.MESSAGE: 25,
    InteractionType.VISIT: 20,
    InteractionType.MEETING: 12,
    InteractionType.NOTE: 8,
    InteractionType.CALL: 5,
}
_DAYS_BETWEEN_TALK = 25
_SECONDS = {InteractionType.CALL: (45, 1200), InteractionType.MEETING: (1800, 5400)}
_WITH_OTHERS = {InteractionType.MEETING, InteractionType.VISIT}

# The mean gap between a restaurant's orders lies between these, in days; the larger the shape, the more regular.
_QUICKEST, _SLOWEST, _SHAPE = 2, 30, 4
# How accounts order of late: a slipping one more rarely for some weeks, a lapsed one not at all.
_MOODS = {"steady": 68, "slipping": 20, "lapsed": 12}
_SLIPS_BY, _SLIPS_FOR = 3, timedelta(days=60)


class Basket(NamedTuple):
    product_details: str
    quantity: int
    total_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Event:
    """An interaction to be: it has no number yet, for they are given in the order of dates."""

    life: Life
    date: datetime
    recorded_at: datetime
    kind: InteractionType
    status: InteractionStatus
    contact: Contact
    participants: list[Contact]
    details: str
    outcome: str
    seconds: int | None
    by_plan: bool = False
    brought_order: bool = False
    basket: Basket | None = None


@dataclass
class History:
    """What happened with one restaurant."""

    life: Life
    people: list[Contact]
    head_office: list[Contact]  # of a branch's chain
    now: datetime
    chance: Chance

    def __post_init__(self) -> None:
        self.until = self.life.until(self.now)
        self.usual = self.chance.sample(WORDS["product"], 3)
        self.usual_quantity = self.chance.lognormvariate(2.2, 0.6)

    def events(self, calls: Iterable[Call]) -> Iterator[Event]:
        yield from self._turns()
        for call in calls:
            status = InteractionStatus.DONE if call.was_made else InteractionStatus.MISSED
            yield self._event(InteractionType.CALL, call.date, status=status, by_plan=True)
        yield from self._talk()
        yield from self._orders()
        if self.life.status == LeadStatus.MEETING_SCHEDULED:
            yield self._coming_meeting()

    def _turns(self) -> Iterator[Event]:
        """Each status was taken for a reason: something had happened shortly before."""
        for stage in self.life.stages[1:]:
            turn = WORDS["turns"][stage.status]
            date = stage.since - timedelta(minutes=self.chance.randint(5, 40))
            kind = InteractionType(turn["kind"])
            ordered = self._order() if kind == InteractionType.ORDER else {}
            yield self._event(kind, date, said=turn["said"], **ordered)

    def _talk(self) -> Iterator[Event]:
        moment = self.life.stages[1].since if len(self.life.stages) > 1 else self.until
        while (moment := moment + timedelta(days=self.chance.expovariate(1 / _DAYS_BETWEEN_TALK))) < self.until:
            date = self._at_work(moment)
            kind = self.chance.weighted(_TALK)
            called_off = kind == InteractionType.MEETING and self.chance.happens(0.15)
            status = InteractionStatus.CANCELLED if called_off else InteractionStatus.DONE
            if date < self.until and self.life.status_at(date) not in (LeadStatus.NEW, *CLOSED):
                yield self._event(kind, date, status=status)

    def _orders(self) -> Iterator[Event]:
        """The orders that follow the first one."""
        first = next((stage.since for stage in self.life.stages if stage.status == LeadStatus.CONVERTED), self.until)
        mean = exp(self.chance.uniform(log(_QUICKEST), log(_SLOWEST)))
        mood = self.chance.weighted(_MOODS)
        last = self.until - timedelta(days=20 + 4 * mean) if mood == "lapsed" else self.until
        moment = first
        while moment < last:
            slips = mood == "slipping" and moment > self.until - _SLIPS_FOR
            gap = self.chance.gammavariate(_SHAPE, mean / _SHAPE) * (_SLIPS_BY if slips else 1)
            moment += timedelta(days=gap)
            date = self._at_work(moment)
            if first < date < last:
                kind = InteractionType.CALL if self.chance.happens(0.15) else InteractionType.ORDER
                yield self._event(kind, date, said=WORDS["said"]["ORDER"], outcome="Ordered", **self._order())

    def _order(self) -> dict[str, Any]:
        """The usual, more or less; of a few it is only known that they were placed."""
        lines = [
            (product, max(1, round(self.usual_quantity * self.chance.uniform(0.6, 1.4))))
            for product in self.chance.sample(self.usual, self.chance.choice((1, 1, 2)))
        ]
        basket = Basket(
            product_details=", ".join(
                f"{quantity} {product['one' if quantity == 1 else 'many']}" for product, quantity in lines
            ),
            quantity=sum(quantity for _, quantity in lines),
            total_price=sum((quantity * Decimal(product["price"]) for product, quantity in lines), Decimal()),
        )
        return {"brought_order": True, "basket": None if self.chance.happens(0.1) else basket}

    def _coming_meeting(self) -> Event:
        city = self.life.city
        date = city.at_work(city.day(self.now) + timedelta(days=self.chance.randint(1, 10)), self.chance)
        agreed_at = self.life.stages[-1].since
        return self._event(InteractionType.MEETING, date, status=InteractionStatus.PLANNED, recorded_at=agreed_at)

    def _at_work(self, moment: datetime) -> datetime:
        return self.life.city.at_work(self.life.city.day(moment), self.chance)

    def _event(
        self,
        kind: InteractionType,
        date: datetime,
        *,
        status: InteractionStatus = InteractionStatus.DONE,
        said: list[str] | None = None,
        recorded_at: datetime | None = None,
        outcome: str = "",
        **more: Any,
    ) -> Event:
        chance, known = self.chance, [*self.people, *self.head_office]
        is_done = status == InteractionStatus.DONE
        contact = self.people[0] if chance.happens(0.5) else chance.choice(known)
        others = [person for person in known if person is not contact] if kind in _WITH_OTHERS else []
        return Event(
            life=self.life,
            date=date,
            recorded_at=recorded_at or date,
            kind=kind,
            status=status,
            contact=contact,
            participants=chance.some(others, most=2),
            details=chance.phrase(said or WORDS["said"][kind if is_done else status], contact.name),
            outcome=outcome or (chance.choice(WORDS["outcomes"].get(kind, [""])) if is_done else ""),
            seconds=chance.randint(*_SECONDS[kind]) if is_done and kind in _SECONDS else None,
            **more,
        )
