"""Guessed passwords: how attempts to log in are counted, and what is answered to too many.

django-axes keeps the count, per account and per address, in the database that all processes share. Here is what it
asks: whose account a name means, and the answer; where a request comes from, its door knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.api.problems import ProblemResponse
from kams.models import User

TOO_MANY = "Too many failed attempts to log in. Wait, or ask an admin."


def account_named(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str | None:
    """The username that is meant: who is named by an address is counted with their username, in any case.

    A name that nobody has is counted as it is written, so that it is treated like any other.
    """
    given = (credentials or {}).get("username") or request.POST.get("username")
    if not isinstance(given, str):
        return None
    known: dict[str, str] = request.__dict__.setdefault("_accounts_named", {})
    if given not in known:
        name = given.lower()[:255].replace("\0", "")
        found = User.objects.of_address(name).values_list("username", flat=True).first() if "@" in name else None
        known[given] = (found or name).lower()
    return known[given]


def too_many(request: HttpRequest, response: HttpResponse, _: Mapping[str, Any] | None = None) -> HttpResponse:
    """The answer to an attempt too many: 429, and when to come back; the admin's own page says it in words."""
    wait = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    if request.path.startswith("/admin/"):
        response.status_code, response["Retry-After"] = 429, wait
        return response
    return ProblemResponse(request, status=429, code="throttled", detail=TOO_MANY, headers={"Retry-After": wait})
