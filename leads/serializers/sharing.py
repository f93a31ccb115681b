"""Shapes of sharing: collaborators and covers."""

from __future__ import annotations

from typing import ClassVar

from common.api.fields import RelatedId
from common.api.schema import example
from common.api.serializers import RowSerializer
from kams.models import User
from leads.models import Collaboration, Cover, Restaurant


@example(
    sent={"restaurant": 1, "kam": 2, "reason": "Knows the chef."},
    adds={
        "id": 4,
        "added_by": 1,
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class CollaborationSerializer(RowSerializer):
    words: ClassVar = {
        "restaurant": "The id of the restaurant that is shared.",
        "kam": "The id of who works on it beside the one who has it.",
        "reason": "Why; both are told.",
        "added_by": "The id of who added them.",
    }
    restaurant = RelatedId(queryset=Restaurant.objects.all())
    kam = RelatedId(queryset=User.objects.all())

    class Meta:
        model = Collaboration
        fields = ("id", "restaurant", "kam", "reason", "added_by", "created_at", "updated_at", "version")
        read_only_fields = ("id", "added_by", "created_at", "updated_at", "version")


@example(
    sent={
        "absent": 1,
        "covering": 2,
        "starts_at": "2025-01-06T00:00:00Z",
        "ends_at": "2025-01-20T00:00:00Z",
        "reason": "On leave.",
    },
    changed={"ends_at": "2025-01-27T00:00:00Z"},
    adds={
        "id": 3,
        "made_by": 1,
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class CoverSerializer(RowSerializer):
    words: ClassVar = {
        "absent": "The id of who is away; a cover stays with its two people.",
        "covering": "The id of who works on all that they have meanwhile.",
        "starts_at": "From this moment on; now unless said otherwise. Once it has come, it stays.",
        "ends_at": "Before this moment; at it the cover ends by itself.",
        "reason": "Why; both are told.",
        "made_by": "The id of who arranged it.",
    }
    absent = RelatedId(queryset=User.objects.all())
    covering = RelatedId(queryset=User.objects.all())

    class Meta:
        model = Cover
        fields = (
            "id",
            "absent",
            "covering",
            "starts_at",
            "ends_at",
            "reason",
            "made_by",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "made_by", "created_at", "updated_at", "version")
        extra_kwargs: ClassVar = {"starts_at": {"required": False}}
