"""Hours of the week, as they are sent and shown."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from common.api.fields import Schema
from common.hours import CLOCK, DAYS, MOST_SPANS, week

_SPAN: Schema = {
    "type": "array",
    "items": {"type": "string", "pattern": CLOCK},
    "minItems": 2,
    "maxItems": 2,
}
_DAY: Schema = {"type": "array", "items": _SPAN, "maxItems": MOST_SPANS}
_PLAIN: Schema = {"type": "array", "items": {"type": "array", "items": {"type": "string"}}}


class WeekHours(serializers.Field[Any, Any, Any, Any]):
    """Spans of local time by day, `{"mon": [["11:00", "23:00"]]}`; `{}` is unknown."""

    default_error_messages: ClassVar = {"wrong": "{why}"}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            week(data)
        except ValueError as wrong:
            self.fail("wrong", why=str(wrong))
        return {day: data[day] for day in DAYS if day in data}

    def schema(self, *, sent: bool) -> Schema:
        shape = _DAY if sent else _PLAIN
        return {"type": "object", "properties": dict.fromkeys(DAYS, shape), "additionalProperties": False}
