from __future__ import annotations

import django_filters

from common.api.filters import (
    AmountFilter,
    ChoicesFilter,
    ExactFilter,
    IdFilter,
    IdOrNoneFilter,
    SearchFilter,
    after,
    before,
)
from leads.choices import LeadStatus
from leads.models import Collaboration, Cover, Restaurant


class RestaurantFilter(django_filters.FilterSet):
    status = ChoicesFilter(field_name="lead_status", choices=LeadStatus.choices)
    lead_status = ChoicesFilter(choices=LeadStatus.choices)
    assigned_to = IdOrNoneFilter()
    parent = IdFilter()
    city = ExactFilter()
    state = ExactFilter()
    country = ExactFilter()
    cuisine_type = ExactFilter()
    restaurant_type = ExactFilter()
    min_revenue = AmountFilter(field_name="potential_revenue", lookup_expr="gte")
    max_revenue = AmountFilter(field_name="potential_revenue", lookup_expr="lte")
    created_after = after("created_at")
    created_before = before("created_at")
    updated_after = after("updated_at")
    updated_before = before("updated_at")
    search = SearchFilter()

    class Meta:
        model = Restaurant
        fields = ()


class CollaborationFilter(django_filters.FilterSet):
    restaurant = IdFilter()
    kam = IdFilter()

    class Meta:
        model = Collaboration
        fields = ()


class CoverFilter(django_filters.FilterSet):
    absent = IdFilter()
    covering = IdFilter()
    starts_after = after("starts_at")
    starts_before = before("starts_at")
    ends_after = after("ends_at")
    ends_before = before("ends_at")

    class Meta:
        model = Cover
        fields = ()
