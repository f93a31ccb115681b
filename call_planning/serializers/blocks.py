"""Shapes of blocks: times in which a restaurant is not called."""

from __future__ import annotations

from typing import ClassVar

from call_planning.models import Block
from common.api.fields import RelatedId
from common.api.schema import example
from common.api.serializers import RowSerializer
from leads.models import Restaurant


@example(
    sent={
        "restaurant": 1,
        "starts_at": "2025-01-06T00:00:00Z",
        "ends_at": "2025-02-03T00:00:00Z",
        "reason": "Closed for renovation.",
    },
    changed={"ends_at": "2025-02-10T00:00:00Z"},
    adds={
        "id": 1,
        "made_by": 1,
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:00:00Z",
        "version": 1,
    },
)
class BlockSerializer(RowSerializer):
    words: ClassVar = {
        "restaurant": "The id of the restaurant; a block stays with it.",
        "starts_at": "From this moment on; now unless said otherwise.",
        "ends_at": "Before this moment; from it on the restaurant is called again.",
        "made_by": "The id of who entered it.",
    }
    restaurant = RelatedId(queryset=Restaurant.objects.all())

    class Meta:
        model = Block
        fields = (
            "id",
            "restaurant",
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
