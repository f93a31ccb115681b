"""Everything on one account that is worked out rather than written down."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import F

from common.money import ZERO
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from performance_tracking.figures import Line
from performance_tracking.models.month import Month
from performance_tracking.models.order_rhythm import report_day
from performance_tracking.models.scale import YEAR, Scale, values_of

MONTHS = 13
_TEN_THOUSANDTH = Decimal("0.0001")


def portrait(restaurant: int, *, at: datetime) -> dict[str, Any]:
    """The months, the scores, the last contact, and what became of the potential; four statements."""
    today = report_day(at)
    facts: Any = Restaurant.objects.values_list("order_rhythm__last_order_on", "potential_revenue")
    last_order_on, potential_revenue = facts.get(pk=restaurant)
    lines = Month.objects.filter(restaurant=restaurant).trend(today=today, count=MONTHS)
    return {
        "months": [line.shown for line in lines],
        "rfm": None if last_order_on is None else _scores(lines[:YEAR], last_order_on=last_order_on, today=today),
        "last_contact": last_contact(restaurant),
        "share_of_potential": _share(lines, potential_revenue),
    }


def last_contact(restaurant: int) -> dict[str, Any] | None:
    """When somebody was reached for the last time, how, and who it was."""
    talks = Interaction.objects.talks().filter(lead=restaurant).order_by("-date", "-id")
    found: dict[str, Any] | None = talks.values(
        "id", "date", "interaction_type", contact_name=F("contact__name"), kam_name=F("kam__username")
    ).first()
    if found is None:
        return None
    return {"contact": found.pop("contact_name"), "kam": found.pop("kam_name"), **found}


def _scores(lines: list[Line], *, last_order_on: date, today: date) -> dict[str, Any] | None:
    orders = sum(line.figures.orders for line in lines)
    revenue = sum((line.figures.revenue for line in lines), ZERO)
    values = values_of(today=today, last_order_on=last_order_on, orders=orders, revenue=revenue)
    scores: dict[str, Any] | None = Scale.objects.scores(values)
    return scores


def _share(lines: list[Line], potential_revenue: Decimal | None) -> dict[str, Any] | None:
    over = next((line for line in lines if line.is_over), None)
    if over is None or not potential_revenue:
        return None
    share = (over.figures.revenue / potential_revenue).quantize(_TEN_THOUSANDTH, ROUND_HALF_UP)
    return {"month": over.month, "revenue": over.figures.revenue, "share": share}
