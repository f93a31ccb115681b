from __future__ import annotations

import django_filters

from call_planning.choices import Frequency
from call_planning.models import CallPlan
from common.api.filters import ChoicesFilter, FlagFilter, IdFilter, after, before


class CallPlanFilter(django_filters.FilterSet):
    lead = IdFilter()
    frequency = ChoicesFilter(choices=Frequency.choices)
    is_overdue = FlagFilter()
    due_after = after("next_call_date")
    due_before = before("next_call_date")

    class Meta:
        model = CallPlan
        fields = ()
