"""Accounts: restaurants, seen by what they bring."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.db.models import (
    DateField,
    DecimalField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Floor, Round

from common.clock import local_date
from common.money import MoneyField
from kams.models import Team
from leads.choices import LeadStatus
from leads.models import Restaurant, RestaurantSet
from performance_tracking.choices import Shortfall
from performance_tracking.figures import months_back
from performance_tracking.models.month import Month
from performance_tracking.models.order_rhythm import joined


class AccountSet(RestaurantSet):
    def of_team(self, team: int) -> Self:
        """Those of the people of this team and of the teams below it."""
        return self.filter(assigned_to__team__in=Team.objects.keys_below(team))

    def performing(self, *, revenue: Decimal) -> Self:
        """Converted, and worth at least this much."""
        return self.filter(lead_status=LeadStatus.CONVERTED, potential_revenue__gte=revenue)

    def underperforming(self, *, revenue: Decimal) -> Self:
        """New or lost, and worth less than this."""
        return self.filter(lead_status__in=(LeadStatus.NEW, LeadStatus.LOST), potential_revenue__lt=revenue)

    def short_of_potential(self, *, revenue: Decimal) -> Self:
        """Those that are underperforming, and the figure below which they are."""
        short = self.underperforming(revenue=revenue)
        return short._because(Shortfall.POTENTIAL, potential_revenue_below=Value(revenue, output_field=MoneyField()))

    def short_of_order_value(self, *, percent: int, today: date) -> Self:
        """Accounts whose orders were worth less, on average, than so much of what they were the month before.

        Of the last month that is over; both months had orders.
        """
        last, before = months_back(today.replace(day=1), 3)[1:]
        rows = self.filter(lead_status=LeadStatus.CONVERTED).annotate(
            last_month=FilteredRelation("months", condition=Q(months__month=last)),
            month_before=FilteredRelation("months", condition=Q(months__month=before)),
        )
        # Multiplied out, so that nothing is divided and no cent rounded away.
        of_last = Round(F("last_month__revenue") * F("month_before__orders") * 100, 2, output_field=_AMOUNT)
        of_before = Round(F("month_before__revenue") * F("last_month__orders") * percent, 2, output_field=_AMOUNT)
        short = rows.filter(last_month__orders__gt=0, month_before__orders__gt=0).alias(of_last=of_last)
        return short.filter(of_last__lt=of_before)._because(
            Shortfall.ORDER_VALUE,
            month=Value(last, output_field=DateField()),
            average_order_value=joined("last_month__revenue", "last_month__orders"),
            previous_average_order_value=joined("month_before__revenue", "month_before__orders"),
            percent=Value(percent),
        )

    def short_of_order_count(self, *, today: date) -> Self:
        """Accounts that ordered less often, in the last month that is over, than their own rhythm says.

        Who began to order only then, or since, is not judged yet; nor is who is still learning.
        """
        this, last = months_back(today.replace(day=1), 2)
        days = Value(Decimal((this - last).days), output_field=_AMOUNT)
        had_ordered = Month.objects.filter(restaurant=OuterRef("pk"), orders__gt=0, month__lt=last)
        rows = self.filter(Exists(had_ordered), lead_status=LeadStatus.CONVERTED, order_rhythm__median_days__gt=0)
        rows = rows.annotate(last_month=FilteredRelation("months", condition=Q(months__month=last))).alias(
            orders=Coalesce(F("last_month__orders"), Value(0)),
            expected=Cast(Floor(days / F("order_rhythm__median_days"), output_field=_AMOUNT), IntegerField()),
        )
        return rows.filter(orders__lt=F("expected"))._because(
            Shortfall.ORDER_COUNT,
            month=Value(last, output_field=DateField()),
            orders=F("orders"),
            expected_orders=F("expected"),
            cycle_days=F("order_rhythm__median_days"),
        )

    def _because(self, rule: Shortfall, **figures: Any) -> Self:
        """Adds the rule that named a row, and the figures that made it do so."""
        said = {f"figures__{name}": figure for name, figure in figures.items()}
        return self.annotate(rule=Value(rule.value), **said)

    def with_order_counts(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """Adds `orders_last_month` and `orders_this_month`, null where there were none; `zone` says which month it is.

        They are kept with the months, so that the most active are the beginning of an index.
        """
        this, last = months_back(local_date(at, zone).replace(day=1), 2)
        rows = self.annotate(
            of_last=FilteredRelation("months", condition=Q(months__month=last, months__orders__gt=0)),
            of_this=FilteredRelation("months", condition=Q(months__month=this, months__orders__gt=0)),
        )
        return rows.annotate(orders_last_month=F("of_last__orders"), orders_this_month=F("of_this__orders"))


_AMOUNT = DecimalField(max_digits=30, decimal_places=2)


class Account(Restaurant):
    """A restaurant, asked how it performs."""

    objects: ClassVar[Any] = AccountSet.as_manager()

    class Meta:
        proxy = True
