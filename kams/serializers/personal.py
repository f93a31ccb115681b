"""Shapes of what is kept about a person, and of its being erased."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Moment, Text, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from kams.choices import SubjectKind
from kams.models import Erasure


@example(sent={"reason": "Asked for it by letter of 20 December."})
class EraseSerializer(StrictSerializer):
    reason = Text(required=False, allow_blank=True, default="", max_length=500)


@example(
    adds={
        "id": 1,
        "kind": "contact",
        "subject": 3,
        "reason": "Asked for it by letter of 20 December.",
        "asked_by": 1,
        "counts": {"interactions": 4, "notifications.message": 2},
        "done_at": "2024-12-28T10:05:00Z",
        "created_at": "2024-12-28T10:00:00Z",
        "updated_at": "2024-12-28T10:05:00Z",
        "version": 2,
    }
)
class ErasureSerializer(RowSerializer):
    words: ClassVar = {
        "subject": "The id of the contact or person.",
        "asked_by": "The id of the admin who asked for it.",
        "counts": "How many rows were erased, or named them, by what holds them.",
        "done_at": "When the last trace was gone; null while a job is still at it.",
    }
    counts = serializers.DictField(child=Whole(), read_only=True)

    class Meta:
        model = Erasure
        fields = (
            "id",
            "kind",
            "subject",
            "reason",
            "asked_by",
            "counts",
            "done_at",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = fields


@example(
    adds={
        "kind": "contact",
        "id": 3,
        "made_at": "2024-12-28T10:00:00Z",
        "held": {"contact": [{"id": 3, "name": "John Doe"}], "interactions": [], "messages": []},
    }
)
class PersonalDataSerializer(StrictSerializer):
    words: ClassVar = {"held": "The rows that are about them, by what holds them."}
    kind = Choice(choices=SubjectKind.choices, read_only=True)
    id = Whole(read_only=True)
    made_at = Moment(read_only=True)
    held = serializers.DictField(child=serializers.ListField(child=serializers.DictField()), read_only=True)
