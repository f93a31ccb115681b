"""Marks: what only who knows `AUDIT_KEY` can make, and what shows that not a byte of the content is another."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings


def mark_of(kind: str, said: Sequence[Any]) -> str:
    """The mark of these values: HMAC-SHA256 of their JSON, in hexadecimal. A kind's mark is good for no other kind."""
    content = orjson.dumps([kind, *said], option=orjson.OPT_UTC_Z)
    return hmac.digest(settings.AUDIT_KEY.encode(), content, "sha256").hex()


def is_mark(mark: str, of: str, said: Sequence[Any]) -> bool:
    return hmac.compare_digest(mark.encode(), mark_of(of, said).encode())
