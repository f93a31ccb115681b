"""The door of every request: who comes in, from where, and by which request."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from django.http import HttpRequest, HttpResponseBase
from rest_framework.throttling import BaseThrottle

from common.logs import person_of
from common.origin import Origin, behind


def address_of(request: HttpRequest) -> str | None:
    """Where the request comes from: the address of the connection, or what `NUM_PROXIES` proxies of ours say."""
    said = BaseThrottle().get_ident(request)  # type: ignore[arg-type] # looks at META only
    for address in (said, request.META.get("REMOTE_ADDR")):
        try:
            return str(ip_address(address or ""))
        except ValueError:
            continue
    return None


def origin_of(request: HttpRequest) -> Origin:
    """By now it is known who asks, whichever way they said it."""
    return Origin(by=person_of(request), address=address_of(request) or "", request=request.META["REQUEST_ID"])


def door(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The middleware: what a request changes comes from who sent it. What changes nothing costs nothing."""

    def through(request: HttpRequest) -> HttpResponseBase:
        with behind(lambda: origin_of(request)):
            return get_response(request)

    return through
