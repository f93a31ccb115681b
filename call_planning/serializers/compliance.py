"""Shapes of compliance: how many calls were made in time, late or not at all, and which they were."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Whole
from common.api.schema import example
from common.api.serializers import StrictSerializer
from interaction_tracking.choices import Judgement
from interaction_tracking.serializers import InteractionSerializer
from performance_tracking.serializers.accounts import Figure


@example(
    adds={
        "kam": 1,
        "username": "asha",
        "team": 1,
        "team_name": "South",
        "planned": 97,
        "on_day": 84,
        "late": 4,
        "missed": 7,
        "open": 1,
        "unreached": 1,
        "cancelled": 2,
        "attempts": 15,
        "on_day_rate": 0.884,
    }
)
class ComplianceSerializer(StrictSerializer):
    words: ClassVar = {
        "kam": "The id of the person; null in the line of a team.",
        "username": "Null in the line of a team.",
        "team": "The id of their team; null for people who have none.",
        "planned": "Calls of their restaurants that plans asked for in these days: the sum of the next five figures.",
        "on_day": "Those that were made by the end of the day on which they were due, by the person's clock.",
        "late": "Those that were made on a later day.",
        "missed": "Those that were not made on their day.",
        "open": "Those that are still to be made.",
        "unreached": "Those that were tried as often as is asked for, and nobody answered.",
        "cancelled": "Those that somebody called off; they are not among the planned ones.",
        "attempts": "Calls that were made in these days and reached nobody, whether a plan asked for them or not.",
        "on_day_rate": "`on_day` of `on_day`, `late` and `missed` together; null where there are none of them.",
    }
    kam = Whole(read_only=True, allow_null=True)
    username = serializers.CharField(read_only=True, allow_null=True)
    team = Whole(read_only=True, allow_null=True)
    team_name = serializers.CharField(read_only=True, allow_null=True)
    planned = Whole(read_only=True)
    on_day = Whole(read_only=True)
    late = Whole(read_only=True)
    missed = Whole(read_only=True)
    open = Whole(read_only=True)
    unreached = Whole(read_only=True)
    cancelled = Whole(read_only=True)
    attempts = Whole(read_only=True)
    on_day_rate = Figure(read_only=True, allow_null=True)


@example(
    adds={
        "id": 9,
        "lead": 2,
        "contact": None,
        "participants": [],
        "kam": 1,
        "interaction_type": "CALL",
        "status": "DONE",
        "details": "Call as planned.",
        "outcome": "",
        "order_placed": False,
        "order": None,
        "date": "2024-12-24T15:30:00Z",
        "duration_seconds": None,
        "call_plan": 1,
        "due_at": "2024-12-24T10:00:00Z",
        "created_at": "2024-12-24T00:05:00Z",
        "updated_at": "2024-12-24T15:40:00Z",
        "version": 2,
        "judged": "on_day",
    }
)
class ComplianceCallSerializer(InteractionSerializer):
    words: ClassVar = {
        **InteractionSerializer.words,
        "judged": "The figure that it counts in as a planned call; null for an attempt that no plan asked for.",
    }
    judged = Choice(choices=Judgement.choices, read_only=True, allow_null=True)

    class Meta(InteractionSerializer.Meta):
        fields = (*InteractionSerializer.Meta.fields, "judged")  # type: ignore[assignment] # one more
        read_only_fields = fields  # type: ignore[assignment] # it is only read
