"""The monthly figures of an account, from its orders, calls and visits.

Plain arithmetic on days; nothing here reads the clock or a row. An order answers the last call or visit before it,
if that was at most `ANSWERED_WITHIN` days ago; a call that brought the order itself is answered on the day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from dateutil.relativedelta import relativedelta

from common.money import ZERO

ANSWERED_WITHIN = 30
_CENT, _TENTH = Decimal("0.01"), Decimal("0.1")


# What is shown of a month, and the figure it is.
SHOWN = {
    "orders": "orders",
    "revenue": "revenue",
    "average_order_value": "average_order_value",
    "calls": "calls",
    "visits": "visits",
    "response_days": "average_response_days",
}
Change = dict[str, Any]


class Fact(NamedTuple):
    """An order, a call or a visit; a call that brought an order is both."""

    at: datetime
    day: date
    is_call: bool = False
    is_visit: bool = False
    is_order: bool = False
    revenue: Decimal = ZERO


@dataclass
class Figures:
    """What a month brought; `response_days` are those of all `responses` together."""

    orders: int = 0
    revenue: Decimal = ZERO
    calls: int = 0
    visits: int = 0
    responses: int = 0
    response_days: int = 0

    def __bool__(self) -> bool:
        return any(astuple(self))

    @property
    def average_order_value(self) -> Decimal | None:
        return average_value(self.revenue, self.orders) if self.orders else None

    @property
    def average_response_days(self) -> Decimal | None:
        """From a call or visit to the order that answered it."""
        if not self.responses:
            return None
        return (Decimal(self.response_days) / self.responses).quantize(_TENTH, ROUND_HALF_UP)

    @property
    def shown(self) -> dict[str, Any]:
        return {name: getattr(self, column) for name, column in SHOWN.items()}


def average_value(revenue: Decimal, orders: int) -> Decimal:
    """What an order was worth, to the cent."""
    return to_the_cent(revenue / orders)


def to_the_cent(amount: Decimal) -> Decimal:
    """SQLite adds amounts up as floats, and is off by less than that."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def months_touched(days: Iterable[date]) -> list[date]:
    """The months whose figures a fact of one of these days has a part in, each by its first day."""
    found = set()
    for day in days:
        month = day.replace(day=1)
        while month <= day + timedelta(days=ANSWERED_WITHIN):
            found.add(month)
            month += relativedelta(months=1)
    return sorted(found)


def months_back(month: date, count: int) -> list[date]:
    """So many months, this one first."""
    return [month - relativedelta(months=back) for back in range(count)]


def by_month(facts: Iterable[Fact]) -> dict[date, Figures]:
    """The figures of each month in which something happened, from the facts of one account."""
    found: dict[date, Figures] = defaultdict(Figures)
    touched_on: date | None = None
    # Of what happened at the same moment, the call comes before the order.
    for fact in sorted(facts, key=lambda fact: (fact.at, not (fact.is_call or fact.is_visit))):
        month = found[fact.day.replace(day=1)]
        month.calls += fact.is_call
        month.visits += fact.is_visit
        if fact.is_call or fact.is_visit:
            touched_on = fact.day
        if fact.is_order:
            month.orders += 1
            month.revenue += fact.revenue
            if touched_on is not None and (days := (fact.day - touched_on).days) <= ANSWERED_WITHIN:
                month.responses += 1
                month.response_days += days
    return dict(found)


@dataclass(frozen=True)
class Line:
    """A month of a trend, with what it has more, or less, than the month and the year before."""

    month: date
    figures: Figures
    is_over: bool
    against_previous_month: Change | None
    against_year_before: Change | None

    @property
    def shown(self) -> dict[str, Any]:
        return {
            "month": self.month,
            "is_over": self.is_over,
            **self.figures.shown,
            "against_previous_month": self.against_previous_month,
            "against_year_before": self.against_year_before,
        }


def trend(months: Mapping[date, Figures], *, today: date, count: int) -> list[Line]:
    """So many months, this one first, and none from before there was anything.

    Only months that are over are compared, and only with one by which anything had happened.
    """
    first = today.replace(day=1)
    shown = [month for month in months_back(first, count) if _is_known(months, month)]

    def against(month: date, earlier: date) -> Change | None:
        if month == first or not _is_known(months, earlier):
            return None
        return _change(months.get(month, Figures()), months.get(earlier, Figures()))

    return [
        Line(
            month,
            months.get(month, Figures()),
            is_over=month != first,
            against_previous_month=against(month, month - relativedelta(months=1)),
            against_year_before=against(month, month - relativedelta(years=1)),
        )
        for month in shown
    ]


def since_for(today: date, count: int) -> date:
    """The first month that a trend of so many months looks at: the year before the last one's year before."""
    return today.replace(day=1) - relativedelta(months=count - 1, years=2)


def _is_known(months: Mapping[date, Figures], month: date) -> bool:
    """Whether anything had happened by then: in the month itself, or in the year before it."""
    return any(earlier in months for earlier in months_back(month, 13))


def _change(now: Figures, before: Figures) -> Change:
    return {name: _difference(getattr(now, column), getattr(before, column)) for name, column in SHOWN.items()}


def _difference(now: Any, before: Any) -> Any:
    return None if now is None or before is None else now - before
