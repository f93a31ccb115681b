from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet

from common.api.filters import ExactFilter, FlagFilter, IdFilter, after, before
from notifications.models import Message


class ReadFilter(FlagFilter):
    """Messages that have been read, or that have not."""

    def filter(self, qs: QuerySet[Any], value: bool) -> QuerySet[Any]:  # noqa: FBT001 - django-filter's signature
        return qs.filter(read_at__isnull=not value)


class MessageFilter(django_filters.FilterSet):
    kind = ExactFilter()
    read = ReadFilter()
    restaurant = IdFilter()
    created_after = after("created_at")
    created_before = before("created_at")

    class Meta:
        model = Message
        fields = ()
