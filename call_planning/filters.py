from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from call_planning.choices import By, Figure, Frequency
from call_planning.models import Block, Callee, CallPlan
from common.api.filters import ChoiceFilter, ChoicesFilter, FlagFilter, IdFilter, IdOrNoneFilter, after, before
from performance_tracking.filters import PeriodFilter


class BlockFilter(django_filters.FilterSet):
    restaurant = IdFilter()
    starts_after = after("starts_at")
    starts_before = before("starts_at")
    ends_after = after("ends_at")
    ends_before = before("ends_at")

    class Meta:
        model = Block
        fields = ()


class CallPlanFilter(django_filters.FilterSet):
    lead = IdFilter()
    frequency = ChoicesFilter(choices=Frequency.choices)
    is_overdue = FlagFilter()
    is_snoozed = FlagFilter()
    due_after = after("next_call_date")
    due_before = before("next_call_date")

    class Meta:
        model = CallPlan
        fields = ()


class CallableNowFilter(FlagFilter):
    """Whether somebody can pick up now; told when the ranking is made, from calendars that no column holds."""

    def filter(self, qs: QuerySet[Any], value: bool) -> QuerySet[Any]:  # noqa: FBT001 - as django-filter calls it
        return qs


class OwnerFilter(IdOrNoneFilter):
    """What this person has, or, for `none`, nobody."""

    def filter(self, qs: Any, value: int | None) -> QuerySet[Any]:
        rows: QuerySet[Any] = qs.of_owner(isnull=True) if value is None else qs.of_owner(pk=value)
        return rows


class OwnersTeamFilter(IdFilter):
    """What the people of this team have."""

    def filter(self, qs: Any, value: int) -> QuerySet[Any]:
        rows: QuerySet[Any] = qs.of_owner(team=value)
        return rows


class NextCallFilter(django_filters.FilterSet):
    assigned_to = OwnerFilter()
    team = OwnersTeamFilter(field_name="assigned_to__team")
    callable_now = CallableNowFilter()

    class Meta:
        model = Callee
        fields = ()


class ComplianceFilter(PeriodFilter):
    by = ChoiceFilter(choices=By.choices, label="A line for each person, or for each team; `kam` without it.")


class ComplianceCallFilter(PeriodFilter):
    figure = ChoiceFilter(choices=Figure.choices, label="The figure whose calls are listed; `planned` without it.")
