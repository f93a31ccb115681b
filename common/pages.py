"""What pages for browsers need around a view, and the API does not: it has no cookies, so nothing slows it down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest

# Everything else is the API.
PAGES = ("/admin/", "/api/docs/", "/api/redoc/")
STRICTEST = "default-src 'none'; frame-ancestors 'none'"


class OfPages:
    get_response: Callable[[HttpRequest], Any]

    def __call__(self, request: HttpRequest) -> Any:
        if request.path_info.startswith(PAGES):
            return super().__call__(request)  # type: ignore[misc] # of the middleware beside it
        return self.get_response(request)


class Sessions(OfPages, SessionMiddleware):
    pass


class People(OfPages, AuthenticationMiddleware):
    pass


class Messages(OfPages, MessageMiddleware):
    pass


class Policies(CSPMiddleware):
    """Pages keep `CONTENT_SECURITY_POLICY`; an answer of the API loads nothing and is framed by nobody."""

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if request.path_info.startswith(PAGES):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, STRICTEST)
        return response
