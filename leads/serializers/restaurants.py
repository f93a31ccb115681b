from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from common.api.fields import Choice, RelatedId, Seconds, Text
from common.api.hours import WeekHours
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from kams.models import User
from leads.choices import LeadStatus
from leads.models import Restaurant, StatusChange

LONGEST_REASON = 500


@example(
    sent={
        "name": "The Great Restaurant",
        "address": "123 Food Street",
        "city": "New York",
        "state": "New York",
        "pincode": "10001",
        "contact_person": "John Doe",
        "phone": "+1234567890",
        "email": "johndoe@example.com",
        "lead_status": "NEW",
        "potential_revenue": 5000.00,
        "notes": "Interested in premium features.",
        "assigned_to": 1,
    },
    changed={"potential_revenue": 7500.00, "cuisine_type": "Italian"},
    adds={
        "id": 1,
        "country": "US",
        "region": "NY",
        "timezone": "America/New_York",
        "opening_hours": {"mon": [["11:00", "15:00"], ["18:00", "01:00"]]},
        "cuisine_type": None,
        "restaurant_type": None,
        "source": "",
        "notify_contacts": False,
        "parent": None,
        "created_by": 1,
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class RestaurantSerializer(RowSerializer):
    words: ClassVar = {
        "country": "ISO 3166 alpha-2, such as IN.",
        "region": "ISO 3166-2 after the dash, such as MH: whose public holidays it keeps beside the country's.",
        "opening_hours": "Local times by day; an end not later than its start is on the next day; {} is unknown.",
        "timezone": "The name of an IANA zone, such as Asia/Kolkata; empty means its KAM's.",
        "contact_person": "Whom to ask for.",
        "phone": "As typed; it is found in whichever way it is written.",
        "lead_status": "NEW unless said otherwise; a change follows the rule of statuses and is kept in the history.",
        "potential_revenue": "What it may bring; null is unknown.",
        "assigned_to": "The id of its KAM; null is the pool. Left out, it is the caller, when a KAM.",
        "source": "Where the lead came from.",
        "notify_contacts": "Whether a contact is told by mail when an interaction with them is recorded or changed.",
        "parent": "The id of the chain's head office.",
        "created_by": "The id of who entered it.",
    }
    assigned_to = RelatedId(queryset=User.objects.all(), required=False, allow_null=True)
    opening_hours = WeekHours(required=False)
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
            "region",
            "timezone",
            "opening_hours",
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
            "notify_contacts",
            "parent",
            "created_by",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "created_by", "created_at", "updated_at", "version")


@example(sent={"status": "CONTACTED"})
class ChangeStatusSerializer(StrictSerializer):
    words: ClassVar = {"status": "The next status.", "reason": "Kept in the history."}
    status = Choice(choices=LeadStatus.choices)
    reason = Text(required=False, allow_blank=True, max_length=LONGEST_REASON, default="")


@example(
    adds={
        "id": 7,
        "old_status": "NEW",
        "new_status": "CONTACTED",
        "changed_by": "asha",
        "changed_at": "2024-12-28T10:00:00Z",
        "reason": "",
        "lasted_seconds": 86400,
    }
)
class StatusChangeSerializer(RowSerializer):
    words: ClassVar = {
        "changed_by": "A username; null where a job did it.",
        "lasted_seconds": "How long the old status lasted.",
    }
    changed_by = serializers.CharField(source="changed_by.username", read_only=True, allow_null=True)
    lasted_seconds = Seconds(source="lasted", read_only=True)

    class Meta:
        model = StatusChange
        fields: ClassVar = ("id", "old_status", "new_status", "changed_by", "changed_at", "reason", "lasted_seconds")
        read_only_fields = fields
