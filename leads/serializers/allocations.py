"""Shapes of allocation: one restaurant, many at once, the history, the brief, and who could have it."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from common.api.conditions import Conditions
from common.api.fields import Flag, Ids, Moment, RelatedId, Schema, Text, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from kams.models import User
from leads.filters import RestaurantFilter
from leads.models import Allocation
from leads.models.handing_over import MOST_IDS
from leads.serializers.restaurants import LONGEST_REASON


@example(sent={"to": 7, "reason": "Speaks Marathi."})
class AllocateSerializer(StrictSerializer):
    words: ClassVar = {"to": "The id of who has it from now on; null is the pool.", "reason": "Kept in the history."}
    to = RelatedId(queryset=User.objects.all(), allow_null=True)
    reason = Text(required=False, allow_blank=True, max_length=LONGEST_REASON, default="")


WHICH: tuple[Schema, Schema] = ({"required": ["ids"]}, {"required": ["filter"]})


@example(sent={"to": 7, "reason": "New area.", "filter": {"city": "Pune", "assigned_to": 5}, "preview": True})
class BulkAllocateSerializer(AllocateSerializer):
    words: ClassVar = {
        **AllocateSerializer.words,
        "ids": "The ids of the restaurants; each has to be there.",
        "filter": "The filters of the list, with the same names. It finds what the caller may hand on.",
        "preview": "Answer what would happen, and change nothing.",
    }
    contradictory = ({"required": ["ids", "filter"]},)
    incomplete = ({"not": {"anyOf": list(WHICH)}},)
    ids = Ids(most=MOST_IDS, required=False)
    filter = Conditions(filters=RestaurantFilter, required=False)
    preview = Flag(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError({"ids": "Say which restaurants: send either ids or filter."})
        return attrs


class OwnerSerializer(StrictSerializer):
    words: ClassVar = {"kam": "The id of who has them now; null is the pool.", "restaurants": "How many move."}
    kam = Whole(read_only=True, allow_null=True)
    username = Text(read_only=True, allow_null=True)
    restaurants = Whole(read_only=True)


class NamedSerializer(StrictSerializer):
    id = Whole(read_only=True)
    name = Text(read_only=True)


class ToldSerializer(StrictSerializer):
    words: ClassVar = {
        "kam": "The id of who is told.",
        "kind": "The kind of the message.",
        "restaurants": "Of how many.",
    }
    kam = Whole(read_only=True)
    username = Text(read_only=True)
    kind = Text(read_only=True)
    restaurants = Whole(read_only=True)


@example(
    adds={
        "preview": True,
        "allocated": 2,
        "unchanged": 1,
        "owners": [{"kam": 5, "username": "asha", "restaurants": 2}],
        "restaurants": [{"id": 1, "name": "The Great Restaurant"}, {"id": 4, "name": "Spice Garden"}],
        "told": [
            {"kam": 7, "username": "bela", "kind": "restaurant_allocated", "restaurants": 2},
            {"kam": 5, "username": "asha", "kind": "restaurant_taken_away", "restaurants": 2},
        ],
    }
)
class HandOverSerializer(StrictSerializer):
    words: ClassVar = {
        "preview": "Whether nothing was changed.",
        "allocated": "How many change hands.",
        "unchanged": "How many were with this person, or in the pool, already.",
        "owners": "Who loses how many.",
        "restaurants": "The first fifty that change hands.",
        "told": "Who is told of how many; nobody is told what they did themselves.",
    }
    preview = Flag(read_only=True)
    allocated = Whole(read_only=True)
    unchanged = Whole(read_only=True)
    owners = OwnerSerializer(many=True, read_only=True)
    restaurants = NamedSerializer(many=True, read_only=True)
    told = ToldSerializer(many=True, read_only=True)


@example(
    adds={
        "id": 7,
        "kam": "asha",
        "started_at": "2024-12-28T10:00:00Z",
        "ended_at": None,
        "allocated_by": "maya",
        "reason": "New area.",
    }
)
class AllocationSerializer(RowSerializer):
    words: ClassVar = {
        "kam": "The username of who had it.",
        "started_at": "From when on.",
        "ended_at": "Until when; null while they have it.",
        "allocated_by": "A username; null where a job did it.",
    }
    kam = serializers.CharField(source="kam.username", read_only=True)
    allocated_by = serializers.CharField(source="allocated_by.username", read_only=True, allow_null=True)

    class Meta:
        model = Allocation
        fields: ClassVar = ("id", "kam", "started_at", "ended_at", "allocated_by", "reason")
        read_only_fields = fields


# --- The brief ------------------------------------------------------------------------------------


class EntrySerializer(StrictSerializer):
    words: ClassVar = {
        "id": "The key of the row that this is about.",
        "at": "When it was, or will be; null where no moment belongs to it.",
        "label": "What it is.",
    }
    id = Whole(read_only=True)
    at = Moment(read_only=True, allow_null=True)
    label = Text(read_only=True)  # type: ignore[assignment] # DRF keeps a `label` of its own
    text = Text(read_only=True)


class ChapterSerializer(StrictSerializer):
    words: ClassVar = {"code": "Names the chapter, for programs.", "entries": "Newest first, where they have a time."}
    code = Text(read_only=True)
    title = Text(read_only=True)
    entries = EntrySerializer(many=True, read_only=True)


@example(
    adds={
        "restaurant": 1,
        "chapters": [
            {
                "code": "status",
                "title": "Where it stands",
                "entries": [{"id": 1, "at": "2024-12-28T10:00:00Z", "label": "Status", "text": "Converted"}],
            }
        ],
    }
)
class BriefSerializer(StrictSerializer):
    words: ClassVar = {"restaurant": "Its id.", "chapters": "Empty ones included."}
    restaurant = Whole(read_only=True)
    chapters = ChapterSerializer(many=True, read_only=True)


# --- Suggestions ----------------------------------------------------------------------------------


class ReasonSerializer(StrictSerializer):
    words: ClassVar = {"points": "Its part of the score.", "facts": "The figures behind it."}
    code = serializers.ChoiceField(choices=["working_hours", "load", "place"], read_only=True)
    points = Whole(read_only=True)
    text = Text(read_only=True)
    facts = serializers.DictField(read_only=True)


@example(
    adds={
        "kam": 7,
        "username": "bela",
        "score": 68,
        "reasons": [
            {
                "code": "working_hours",
                "points": 40,
                "text": "Works 9 of the restaurant's 9 working hours.",
                "facts": {
                    "shared_minutes": 540,
                    "kam_timezone": "Asia/Kolkata",
                    "restaurant_timezone": "Asia/Kolkata",
                },
            },
            {
                "code": "load",
                "points": 20,
                "text": "Looks after 5; the median of those who could is 5.",
                "facts": {"restaurants": 5, "median": 5.0},
            },
            {
                "code": "place",
                "points": 8,
                "text": "Looks after 2 in Pune, and 0 elsewhere in Maharashtra.",
                "facts": {"in_city": 2, "elsewhere_in_state": 0},
            },
        ],
    }
)
class SuggestionSerializer(StrictSerializer):
    words: ClassVar = {"kam": "The id of who could have it.", "score": "The sum of the reasons' points, 100 at most."}
    kam = Whole(read_only=True)
    username = Text(read_only=True)
    score = Whole(read_only=True)
    reasons = ReasonSerializer(many=True, read_only=True)
