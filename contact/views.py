from __future__ import annotations

from typing import Any, ClassVar

from common.api.views import ResourceViewSet
from contact.filters import ContactFilter
from contact.models import Contact
from contact.serializers import ContactSerializer
from kams.views.personal import Personal


class ContactViewSet(Personal, ResourceViewSet):
    scope = "contacts"
    queryset = Contact.objects.none()
    serializer_class = ContactSerializer
    filterset_class = ContactFilter
    ordering_fields = ("id", "name")
    opened_by: ClassVar = frozenset({"restaurant"})

    def get_queryset(self) -> Any:
        rows = Contact.objects
        return rows.listed_for(self.person) if self.lists_portfolio else rows.visible_to(self.person)

    def get_people(self) -> Any:
        return Contact.objects.all() if self.person.is_admin else self.get_queryset()
