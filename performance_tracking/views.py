from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.pagination import refused
from common.api.rows import Reader, Record, reader_for
from common.api.views import Lists, Reports, RowsView, Shows
from performance_tracking.choices import Shortfall
from performance_tracking.filters import (
    AccountFilter,
    OrderPatternFilter,
    OrderRhythmFilter,
    PeriodFilter,
    TrendFilter,
    UnderperformingFilter,
)
from performance_tracking.models import Account, Month, OrderRhythm, Portfolio, portrait, report_day
from performance_tracking.serializers.accounts import AccountSerializer, OrderPatternSerializer, OrderRhythmSerializer
from performance_tracking.serializers.reports import (
    AccountRowSerializer,
    PortraitSerializer,
    RhythmSerializer,
    SummarySerializer,
    TrendSerializer,
)
from performance_tracking.serializers.shortfalls import SHAPES, UnderperformingSerializer

# How many days a report on calls spans at most.
LONGEST_PERIOD = timedelta(days=366)


class AccountsViewSet(Lists):
    """Accounts by what they bring."""

    scope = "performance"
    queryset = Account.objects.none()
    opened_by: ClassVar = frozenset({"assigned_to"})

    def get_queryset(self) -> Any:
        rows = Account.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)


class PerformingAccountsViewSet(AccountsViewSet):
    """Converted restaurants worth at least `min_revenue`, highest revenue first."""

    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    ordering_fields = ("potential_revenue", "name", "id")
    ordering = "-potential_revenue"

    def get_queryset(self) -> Any:
        threshold = self.asked("min_revenue", settings.PERFORMING_REVENUE)
        return super().get_queryset().performing(revenue=threshold)


class UnderperformingAccountsViewSet(AccountsViewSet):
    """Accounts that bring less than they should, by one of three rules, lowest potential revenue first.

    `potential`: new and lost restaurants worth less than `max_revenue`. `order_value`: accounts whose average order of
    the last full month was worth less than 80 % (a setting) of that of the month before. `order_count`: accounts that
    ordered less often in that month than their own rhythm says. With `rule`, each row has the figures that made it so.
    """

    serializer_class = UnderperformingSerializer
    filterset_class = UnderperformingFilter
    ordering_fields = ("potential_revenue", "name", "id")
    ordering = "potential_revenue"

    @property
    def reader(self) -> Reader:
        return reader_for(SHAPES[self.asked("rule", None)])

    def get_queryset(self) -> Any:
        seen = super().get_queryset()
        today = report_day(self.now)
        match self.asked("rule", Shortfall.POTENTIAL):
            case Shortfall.ORDER_VALUE:
                return seen.short_of_order_value(percent=settings.UNDERPERFORMING_ORDER_PERCENT, today=today)
            case Shortfall.ORDER_COUNT:
                return seen.short_of_order_count(today=today)
        return seen.short_of_potential(revenue=self.asked("max_revenue", settings.UNDERPERFORMING_REVENUE))


class OrderPatternsViewSet(AccountsViewSet):
    """Each restaurant's orders in the last and in this month, by the organisation's calendar."""

    serializer_class = OrderPatternSerializer
    filterset_class = OrderPatternFilter
    ordering_fields = ("restaurant_id", "name", "orders_last_month", "orders_this_month")
    nulls_are_least: ClassVar = frozenset({"orders_last_month", "orders_this_month"})
    ordering = "restaurant_id"

    def get_queryset(self) -> Any:
        return super().get_queryset().with_order_counts(at=self.now, zone=ZoneInfo(settings.TIME_ZONE))


class TrendsViewSet(Reports):
    """What each of the last months brought, this month first: of one account, a KAM, a team, a city, a cuisine, or all.

    Months from before there was anything are left out. A figure of a month that is over is also compared with the
    month before and with the same month of the year before.
    """

    scope = "performance"
    queryset = Account.objects.none()
    serializer_class = TrendSerializer
    filterset_class = TrendFilter
    opened_by: ClassVar = frozenset({"assigned_to", "restaurant"})

    def get_queryset(self) -> Any:
        rows = Account.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)

    @extend_schema(summary="Show what each month brought")
    def list(self, request: Request) -> Response:
        months = Month.objects.of(self.filter_queryset(self.get_queryset()))
        lines = months.trend(today=report_day(self.now), count=self.asked("months", 13))
        return Response([line.shown for line in lines])


class AccountViewSet(Shows):
    """Everything on one account: rhythm, months, scores, the last contact, and what became of its potential."""

    scope = "performance"
    queryset = Account.objects.none()
    serializer_class = PortraitSerializer

    def get_queryset(self) -> Any:
        return Account.objects.visible_to(self.person)

    @property
    def reader(self) -> Reader:
        return reader_for(AccountRowSerializer)

    def found(self, pk: int) -> Record | None:
        row = super().found(pk)
        if row is None:
            return None
        rhythm = reader_for(RhythmSerializer).one(OrderRhythm.objects.of(pk).with_cycle())
        return {**row, "rhythm": rhythm, **portrait(pk, at=self.now)}


class OfPeople(RowsView):
    """What is told of people by how the calls of these days went."""

    queryset = Portfolio.objects.none()
    filterset_class = PeriodFilter

    def get_queryset(self) -> Any:
        return Portfolio.objects.visible_to(self.person)

    @property
    def days(self) -> dict[str, date]:
        """The first and the last day that are asked for, `since` and `until`."""
        today = report_day(self.now)
        since, until = self.asked("from", today.replace(day=1)), self.asked("to", today)
        if not timedelta() <= until - since <= LONGEST_PERIOD:
            raise refused(
                "from", f"Send a day that is not after `to`, and at most {LONGEST_PERIOD.days} days before it."
            )
        return {"since": since, "until": until}


class SummaryViewSet(OfPeople, Reports):
    """For each KAM how their calls went in these days, and what their restaurants bring, by username.

    A KAM sees their own line, a manager those of their teams. All of a line is about the restaurants that the person
    has now.
    """

    scope = "performance"
    serializer_class = SummarySerializer

    @extend_schema(summary="Summarise each KAM's calls and accounts")
    def list(self, request: Request) -> Response:
        people: Any = self.filter_queryset(self.get_queryset())
        return Response([asdict(line) for line in people.summary(**self.days, today=report_day(self.now))])


class OrderRhythmViewSet(Lists):
    """How often each account orders and how late it is, the one that is latest in its own cycles first."""

    scope = "performance"
    queryset = OrderRhythm.objects.none()
    serializer_class = OrderRhythmSerializer
    filterset_class = OrderRhythmFilter
    opened_by: ClassVar = frozenset({"assigned_to", "restaurant"})
    ordering_fields = ("cycles", "last_order_on", "restaurant_id")
    ordering = "-cycles"

    def get_queryset(self) -> Any:
        rows = OrderRhythm.objects
        seen = rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
        return seen.with_cycle()
