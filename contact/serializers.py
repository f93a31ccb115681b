from __future__ import annotations

from common.api.fields import RelatedId
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
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class ContactSerializer(RowSerializer):
    restaurant = RelatedId(queryset=Restaurant.objects.all())
    reports_to = RelatedId(queryset=Contact.objects.all(), required=False, allow_null=True)

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
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "created_at", "updated_at", "version")
