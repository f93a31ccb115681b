from __future__ import annotations

import django_filters

from common.api.filters import AmountFilter, ExactFilter, IdOrNoneFilter
from performance_tracking.models import Account


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
