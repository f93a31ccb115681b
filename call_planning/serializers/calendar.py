"""Shapes of a person's own calendar feed."""

from __future__ import annotations

from typing import ClassVar

from common.api.fields import Flag, Moment, Text
from common.api.schema import example
from common.api.serializers import StrictSerializer


@example(adds={"active": True, "created_at": "2024-12-28T10:00:00Z"})
class CalendarSerializer(StrictSerializer):
    words: ClassVar = {"active": "Whether there is an address that answers.", "created_at": "Since when; null without."}
    active = Flag(read_only=True)
    created_at = Moment(read_only=True, allow_null=True)


@example(
    adds={
        "url": "https://kam.example.com/call/calendar/0f3Kq8vXJcN2mB7tLwZrYhEaUoGsDpI9x1eVn4R5T6M.ics",
        "created_at": "2024-12-28T10:00:00Z",
    }
)
class NewCalendarSerializer(StrictSerializer):
    words: ClassVar = {"url": "The address, a secret; it is not shown again.", "created_at": "Now."}
    url = Text(read_only=True)
    created_at = Moment(read_only=True)
