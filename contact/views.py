from __future__ import annotations

from typing import Any, ClassVar

from common.api.views import ResourceViewSet
from contact.filters import ContactFilter
from contact.models import Contact
from contact.serializers import ContactSerializer


class ContactViewSet(ResourceViewSet):
    queryset = Contact.objects.none()
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    ordering_fields = ("id", "name")
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Contact.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)
