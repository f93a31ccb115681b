from __future__ import annotations

from common.api.fields import RelatedId
from common.api.serializers import RowSerializer
from contact.models import Contact
from leads.models import Restaurant


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
