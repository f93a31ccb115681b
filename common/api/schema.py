"""OpenAPI from the code."""

from __future__ import annotations

from drf_spectacular.openapi import AutoSchema


class Schema(AutoSchema):
    """Filled in as the endpoints grow."""
