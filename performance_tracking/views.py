from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.rows import Reader, Record, reader_for
from common.api.views import Lists, Reports, Shows
from performance_tracking.filters import AccountFilter, OrderPatternFilter, OrderRhythmFilter, TrendFilter
from performance_tracking.models import Account, Month, OrderRhythm, portrait, report_day
from performance_tracking.serializers.accounts import AccountSerializer, OrderPatternSerializer, OrderRhythmSerializer
from performance_tracking.serializers.reports import (
    AccountRowSerializer,
    PortraitSerializer,
    RhythmSerializer,
    TrendSerializer,
)


class AccountsViewSet(Lists):
    """Accounts by what they bring."""

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
    """New and lost restaurants worth less than `max_revenue`, lowest revenue first."""

    serializer_class = AccountSerializer
    filterset_class = AccountFilter
    ordering_fields = ("potential_revenue", "name", "id")
    ordering = "potential_revenue"

    def get_queryset(self) -> Any:
        threshold = self.asked("max_revenue", settings.UNDERPERFORMING_REVENUE)
        return super().get_queryset().underperforming(revenue=threshold)


class OrderPatternsViewSet(AccountsViewSet):
    """Each restaurant's orders in the last and in this month, by the organisation's calendar."""

    serializer_class = OrderPatternSerializer
    filterset_class = OrderPatternFilter
    ordering_fields = ("restaurant_id", "name", "orders_last_month", "orders_this_month")
    ordering = "restaurant_id"

    def get_queryset(self) -> Any:
        return super().get_queryset().with_order_counts(at=self.now, zone=ZoneInfo(settings.TIME_ZONE))


class TrendsViewSet(Reports):
    """What each of the last months brought, this month first: of one account, a KAM, a team, a city, a cuisine, or all.

    Months from before there was anything are left out. A figure of a month that is over is also compared with the
    month before and with the same month of the year before.
    """

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


class OrderRhythmViewSet(Lists):
    """How often each account orders and how late it is, the one that is latest in its own cycles first."""

    queryset = OrderRhythm.objects.none()
    serializer_class = OrderRhythmSerializer
    filterset_class = OrderRhythmFilter
    opened_by: ClassVar = frozenset({"assigned_to", "restaurant"})
    ordering_fields = ("cycles", "last_order_on", "restaurant_id")
    ordering = "-cycles"

    def get_queryset(self) -> Any:
        rows = OrderRhythm.objects
        seen = rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
        return seen.of_accounts().with_cycle()
