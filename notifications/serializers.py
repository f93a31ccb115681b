from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from common.api.fields import Choice, Flag, Text, Whole
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from notifications.choices import Channel
from notifications.kinds import KINDS
from notifications.models import Message

MESSAGE = {
    "id": 7,
    "kind": "cover_begun",
    "title": "bela covers for asha from now on",
    "restaurant": None,
    "created_at": "2024-12-28T10:00:00Z",
    "read_at": None,
    "version": 1,
}


@example(adds=MESSAGE)
class MessageSerializer(RowSerializer):
    words: ClassVar = {
        "kind": "What it is about; preferences name it likewise.",
        "title": "In one line, in the language that its reader had then.",
        "restaurant": "The id of the restaurant it is about, if it is about one.",
        "read_at": "When it was marked read; null while it is unread.",
    }

    class Meta:
        model = Message
        fields: tuple[str, ...] = ("id", "kind", "title", "restaurant", "created_at", "read_at", "version")
        read_only_fields = fields


@example(adds={**MESSAGE, "text": "bela sees the restaurants of asha and works on them.\n"})
class WholeMessageSerializer(MessageSerializer):
    text = Text(read_only=True, help_text="All of it, by the reader's clock and in their language as they are now.")

    class Meta(MessageSerializer.Meta):
        fields = (*MessageSerializer.Meta.fields, "text")
        read_only_fields = fields


@example(adds={"unread": 3})
class UnreadSerializer(StrictSerializer):
    unread = Whole(read_only=True)


@example(adds={"read": 3})
class ReadSerializer(StrictSerializer):
    read = Whole(read_only=True, help_text="How many were unread until now.")


@example(
    adds={
        "kind": "cover_begun",
        "label": "A cover has begun",
        "channel": "EMAIL",
        "default": True,
        "enabled": False,
    }
)
class PreferenceSerializer(StrictSerializer):
    kind = Text(read_only=True)
    label = Text(read_only=True, help_text="The kind in words.")  # type: ignore[assignment] # DRF keeps a `label` of its own
    channel = Choice(read_only=True, choices=Channel.choices)
    default = Flag(read_only=True, help_text="Whether it comes this way to who has said nothing.")
    enabled = Flag(read_only=True, help_text="Whether it comes this way to the caller.")


class ChannelsSerializer(StrictSerializer):
    """For each channel, whether a kind of message shall come by it."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {channel.value: Flag(required=False) for channel in Channel}


@example(sent={"cover_begun": {"EMAIL": False}})
class ChoicesSerializer(StrictSerializer):
    """By kind and channel, what shall come and what shall not; what is left out stays."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {code: ChannelsSerializer(required=False) for code, kind in sorted(KINDS.items()) if kind.optional}


@example(adds={"detail": "Send POST to this address, and we write to you no more."})
class UnsubscribeSerializer(StrictSerializer):
    detail = Text(read_only=True)
