from __future__ import annotations

import django_filters

from common.api.filters import ChoicesFilter, ExactFilter, FlagFilter, IdFilter, SearchFilter
from contact.choices import RoleKind
from contact.models import Contact


class ContactFilter(django_filters.FilterSet):
    restaurant = IdFilter()
    role = ExactFilter()
    role_kind = ChoicesFilter(choices=RoleKind.choices)
    is_primary = FlagFilter()
    search = SearchFilter()

    class Meta:
        model = Contact
        fields = ()
