from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from common.api.filters import (
    AmountFilter,
    ChoiceFilter,
    ChoicesFilter,
    DayFilter,
    ExactFilter,
    IdFilter,
    IdOrNoneFilter,
    WholeFilter,
)
from performance_tracking.choices import RhythmState, Shortfall
from performance_tracking.models import Account, OrderRhythm, Portfolio


class OrderPatternFilter(django_filters.FilterSet):
    assigned_to = IdOrNoneFilter()
    city = ExactFilter()
    cuisine_type = ExactFilter()
    restaurant_type = ExactFilter()

    class Meta:
        model = Account
        fields = ()


class AccountFilter(OrderPatternFilter):
    """`min_revenue` and `max_revenue` replace the threshold of the setting on their side."""

    min_revenue = AmountFilter(field_name="potential_revenue", lookup_expr="gte")
    max_revenue = AmountFilter(field_name="potential_revenue", lookup_expr="lte")


class UnderperformingFilter(AccountFilter):
    rule = ChoiceFilter(choices=Shortfall.choices, label="What makes an account underperform; `potential` without it.")


class OrderRhythmFilter(django_filters.FilterSet):
    state = ChoicesFilter(choices=RhythmState.choices)
    restaurant = IdFilter()
    assigned_to = IdOrNoneFilter(field_name="owner")
    city = ExactFilter(field_name="restaurant__city")
    cuisine_type = ExactFilter(field_name="restaurant__cuisine_type")
    restaurant_type = ExactFilter(field_name="restaurant__restaurant_type")

    class Meta:
        model = OrderRhythm
        fields = ()


class TeamFilter(IdFilter):
    """Rows of the people of this team and of those below it."""

    def filter(self, qs: Any, value: int) -> QuerySet[Any]:
        rows: QuerySet[Any] = qs.of_team(value)
        return rows


class TrendFilter(django_filters.FilterSet):
    months = WholeFilter(least=1, most=36, label="How many months, this one included.")
    restaurant = IdFilter(field_name="pk")
    assigned_to = IdOrNoneFilter()
    team = TeamFilter()
    city = ExactFilter()
    cuisine_type = ExactFilter()
    restaurant_type = ExactFilter()

    class Meta:
        model = Account
        fields = ()


class PeriodFilter(django_filters.FilterSet):
    """Whose calls, and of which days."""

    vars()["from"] = DayFilter(label="The first day whose calls count; the first of this month without it.")
    to = DayFilter(label="The last day whose calls count; today without it.")
    assigned_to = IdFilter(field_name="pk")
    team = TeamFilter()

    class Meta:
        model = Portfolio
        fields = ()
