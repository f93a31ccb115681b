"""Accounts: restaurants, seen by what they bring."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from common.clock import month_bounds
from interaction_tracking.choices import InteractionStatus
from interaction_tracking.models import Interaction
from kams.models import Team
from leads.choices import LeadStatus
from leads.models import Restaurant, RestaurantSet


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

    def with_order_counts(self, *, at: datetime, zone: ZoneInfo) -> Self:
        """Adds `orders_last_month` and `orders_this_month`, by the months of `zone`."""
        return self.annotate(
            orders_last_month=_orders_between(*month_bounds(at, zone, months_back=1)),
            orders_this_month=_orders_between(*month_bounds(at, zone)),
        )


def _orders_between(start: datetime, end: datetime) -> Coalesce:
    orders = (
        Interaction.objects.orders()
        .filter(lead=OuterRef("pk"), status=InteractionStatus.DONE, archived_at__isnull=True)
        .filter(date__gte=start, date__lt=end)
        .order_by()
        .values("lead")
        .annotate(orders=Count("pk"))
        .values("orders")
    )
    return Coalesce(Subquery(orders, output_field=IntegerField()), Value(0))


class Account(Restaurant):
    """A restaurant, asked how it performs."""

    objects: ClassVar[Any] = AccountSet.as_manager()

    class Meta:
        proxy = True
