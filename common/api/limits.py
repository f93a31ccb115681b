"""How often one may ask: so many requests in a minute for each person, for each API key, and for each address.

Who is known counts for themselves, and nobody for their address. The count is one number in the cache for each of
them and minute, raised by one atomic operation: of requests at once none is lost. While the cache is away nobody is
counted, and everybody is served.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCacheClient
from django.http import HttpRequest
from rest_framework.request import Request

from common.api.door import address_of
from common.api.problems import Problem

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds
REST = timedelta(seconds=5)
# Django's `incr` looks first whether there is a number: a second way to Redis and back. This goes there once.
_RAISE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""
# What one customer of a network provider has of IPv6: who is refused one address takes the next.
NETWORK_BITS = 64


def network_of(request: HttpRequest) -> str:
    """The address that is counted for; of IPv6 the network it is in."""
    address = address_of(request)
    if address is None or not isinstance(ip_address(address), IPv6Address):
        return address or "unknown"
    return str(ip_network((address, NETWORK_BITS), strict=False))


@dataclass(frozen=True)
class Spent:
    """How much of a budget is spent, this request included."""

    policy: str
    quota: int
    count: int
    ends_in: int  # seconds

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers writes them."""
        left = max(0, self.quota - self.count)
        return {
            "RateLimit-Policy": f'"{self.policy}";q={self.quota};w={WINDOW}',
            "RateLimit": f'"{self.policy}";r={left};t={self.ends_in}',
        }

    def check(self) -> None:
        if self.count > self.quota:
            detail = f"{self.quota} requests a minute are allowed. Wait {self.ends_in} seconds."
            raise Problem(429, "throttled", detail, retry_after=self.ends_in)


def spend(request: Request, *, at: datetime) -> Spent | None:
    """Count this request. None where there is no limit, or nobody to count."""
    return _spent(*_budget_of(request), at=at)


def _spent(policy: str, quota: int, who: Any, *, at: datetime) -> Spent | None:
    if not quota:
        return None
    window, passed = divmod(int(at.timestamp()), WINDOW)
    count = _counter.count(f"asked:{policy}:{who}:{window}", at=at)
    return None if count is None else Spent(policy, quota, count, WINDOW - passed)


def spend_on_pages(request: HttpRequest, *, at: datetime) -> Spent | None:
    """Count a request for a page, which comes with a session of the browser."""
    return _spent(*_budget_for(request, request.user if request.user.is_authenticated else None), at=at)


def _budget_of(request: Request) -> tuple[str, int, Any]:
    if (of_key := getattr(request.auth, "budget", None)) is not None:
        return *of_key, request.auth.pk
    return _budget_for(request._request, request.user)


def _budget_for(request: HttpRequest, person: Any) -> tuple[str, int, Any]:
    """A person has the same budget by whichever door they come."""
    if person is not None:
        return "person", settings.PERSON_REQUESTS_A_MINUTE, person.pk
    return "address", settings.ADDRESS_REQUESTS_A_MINUTE, network_of(request)


class Counter:
    """Counts in the cache. One that is away is left alone for a while, so that nobody waits for it at each request."""

    def __init__(self) -> None:
        self.rests_until: datetime | None = None

    def count(self, name: str, *, at: datetime) -> int | None:
        """How often this was counted, now included; None where nothing counts."""
        if self.rests_until is not None and at < self.rests_until:
            return None
        try:
            count = self._raised(name)
        except Exception as away:  # noqa: BLE001 - each cache has errors of its own
            if self.rests_until is None:
                logger.error("The cache is away, and no request is limited: %s", away)  # noqa: TRY400 - no crash of ours
            self.rests_until = at + REST
            return None
        if self.rests_until is not None:
            logger.warning("The cache is back, and requests are limited again.")
            self.rests_until = None
        return count

    def _raised(self, name: str) -> int:
        redis = getattr(cache, "_cache", None)
        if isinstance(redis, RedisCacheClient):
            key = cache.make_and_validate_key(name)
            return int(redis.get_client(key, write=True).eval(_RAISE, 1, key, 2 * WINDOW))
        try:
            return cache.incr(name)
        except ValueError:  # nobody has asked in this minute
            # It outlives its minute, so that it does not run out between being looked for and being raised.
            return 1 if cache.add(name, 1, 2 * WINDOW) else cache.incr(name)


_counter = Counter()
