from __future__ import annotations

import django_filters

from common.api.filters import ChoicesFilter, FlagFilter, IdFilter, after, before
from interaction_tracking.choices import InteractionStatus, InteractionType
from interaction_tracking.models import Interaction


class InteractionFilter(django_filters.FilterSet):
    lead = IdFilter()
    contact = IdFilter()
    kam = IdFilter()
    call_plan = IdFilter()
    interaction_type = ChoicesFilter(choices=InteractionType.choices)
    order_placed = FlagFilter()
    status = ChoicesFilter(choices=InteractionStatus.choices)
    date_after = after("date")
    date_before = before("date")

    class Meta:
        model = Interaction
        fields = ()
