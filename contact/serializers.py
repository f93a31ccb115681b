from __future__ import annotations

from typing import ClassVar

from common.api.fields import RelatedId
from common.api.hours import WeekHours
from common.api.schema import example
from common.api.serializers import RowSerializer
from contact.models import Contact
from leads.models import Restaurant


@example(
    sent={
        "restaurant": 1,
        "name": "John Doe",
        "role": "Manager",
        "email": "john.doe@example.com",
        "phone": "123-456-7890",
        "address": "123 Street, City, Country",
    },
    changed={"role": "Owner", "role_kind": "OWNER"},
    adds={
        "id": 1,
        "role_kind": "OTHER",
        "reports_to": None,
        "is_primary": False,
        "opted_out": False,
        "call_window": {},
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class ContactSerializer(RowSerializer):
    words: ClassVar = {
        "restaurant": "The id of the restaurant; a contact stays with it.",
        "role": "As people say it.",
        "role_kind": "What the role comes down to; OTHER unless said otherwise.",
        "reports_to": "The id of a contact of the same restaurant or its chain.",
        "is_primary": "At most one contact of a restaurant is.",
        "opted_out": "Wants no messages from us.",
        "call_window": "When they like to be called, by the clocks of the restaurant; {} is any time.",
    }
    restaurant = RelatedId(queryset=Restaurant.objects.all())
    reports_to = RelatedId(queryset=Contact.objects.all(), required=False, allow_null=True)

    call_window = WeekHours(required=False)

    class Meta:
        model = Contact
        fields = (
            "id",
            "restaurant",
            "name",
            "role",
            "role_kind",
            "email",
            "phone",
            "address",
            "reports_to",
            "is_primary",
            "opted_out",
            "call_window",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "created_at", "updated_at", "version")
