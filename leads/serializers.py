from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from common.api.fields import Choice, RelatedId, Seconds, Text
from common.api.serializers import RowSerializer, StrictSerializer
from kams.models import User
from leads.choices import LeadStatus
from leads.models import Restaurant, StatusChange


class RestaurantSerializer(RowSerializer):
    assigned_to = RelatedId(queryset=User.objects.all(), required=False, allow_null=True)
    parent = RelatedId(queryset=Restaurant.objects.all(), required=False, allow_null=True)  # type: ignore[assignment] # DRF keeps a `parent` of its own

    class Meta:
        model = Restaurant
        fields = (
            "id",
            "name",
            "address",
            "city",
            "state",
            "pincode",
            "country",
            "timezone",
            "contact_person",
            "phone",
            "email",
            "lead_status",
            "potential_revenue",
            "notes",
            "assigned_to",
            "cuisine_type",
            "restaurant_type",
            "source",
            "parent",
            "created_by",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "created_by", "created_at", "updated_at", "version")


class ChangeStatusSerializer(StrictSerializer):
    status = Choice(choices=LeadStatus.choices)
    reason = Text(required=False, allow_blank=True, max_length=500, default="")


class StatusChangeSerializer(RowSerializer):
    changed_by = serializers.CharField(source="changed_by.username", read_only=True, allow_null=True)
    lasted_seconds = Seconds(source="lasted", read_only=True)

    class Meta:
        model = StatusChange
        fields: ClassVar = ("id", "old_status", "new_status", "changed_by", "changed_at", "reason", "lasted_seconds")
        read_only_fields = fields
