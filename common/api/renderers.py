"""JSON out: bytes by orjson, decimals as exact numbers, moments in UTC with `Z`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer


def exact(amount: Decimal | None) -> orjson.Fragment | None:
    """The number with all its places, written digit by digit rather than by way of a float."""
    return None if amount is None else orjson.Fragment(format(amount, "f").encode())


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def dumps(data: Any) -> bytes:
    return orjson.dumps(data, default=_other, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class CalendarRenderer(BaseRenderer):
    """An iCalendar, which is bytes already."""

    media_type = "text/calendar"
    format = "ics"
    charset = "utf-8"

    def render(self, data: bytes | None, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return data or b""


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None  # JSON is UTF-8, and says no charset.

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else dumps(data)
