from __future__ import annotations

import django_filters

from common.api.filters import ChoicesFilter, FlagFilter, IdFilter, IdOrNoneFilter, SearchFilter
from kams.choices import Role
from kams.models import Team, User


class PersonFilter(django_filters.FilterSet):
    role = ChoicesFilter(choices=Role.choices)
    team = IdOrNoneFilter()
    is_active = FlagFilter()
    search = SearchFilter()

    class Meta:
        model = User
        fields = ()


class TeamFilter(django_filters.FilterSet):
    parent = IdOrNoneFilter()
    manager = IdFilter()

    class Meta:
        model = Team
        fields = ()
