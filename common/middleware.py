"""What happens around a view, and before Django reads a request: it stumbles over some, and drops bodies of others."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Iterable
from io import BytesIO
from time import perf_counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from common.api.limits import spend_on_pages
from common.api.problems import Problem
from common.logs import request_at_hand

logger = logging.getLogger("common.requests")

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Asgi = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_CHARSET = re.compile(r";\s*charset\s*=[^;]*", re.IGNORECASE)


def readable(application: Wsgi, *, limit: int) -> Wsgi:
    """Gives a chunked body its length, and takes the charset away.

    Django takes a body without `Content-Length` for an empty one. One byte more than the limit is read at most,
    enough for the parser to refuse it. The charset would decode the query, and there are codecs that decode no text;
    what we read is UTF-8 whatever it says.
    """

    def read(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ = {**environ, "CONTENT_TYPE": _CHARSET.sub("", environ.get("CONTENT_TYPE", ""))}
        if "CONTENT_LENGTH" not in environ and "HTTP_TRANSFER_ENCODING" in environ:
            try:
                body = environ["wsgi.input"].read(limit + 1)
                length = len(body)
            except Exception:  # noqa: BLE001 - each server has errors of its own for chunks that are none
                body, length = b"", 1  # shorter than it says: no JSON, rather than an empty body
            environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(length)}
        return application(environ, start_response)

    return read


def readable_asgi(application: Asgi) -> Asgi:
    """Takes the charset away, as `readable` does; here Django reads chunks by itself."""

    async def read(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        headers = [
            (name, _CHARSET.sub("", value.decode("latin-1")).encode("latin-1") if name == b"content-type" else value)
            for name, value in scope.get("headers", ())
        ]
        await application({**scope, "headers": headers}, receive, send)

    return read


def logged(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Writes one line for each request, and gives it an id that every other line and the answer carry as well.

    A proxy that has an id already sends it as `X-Request-ID`. Queries, bodies and headers are in no line.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        began = perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request.META["REQUEST_ID"] = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        before = request_at_hand.set(request)
        try:
            response = get_response(request)
            response["X-Request-ID"] = request.META["REQUEST_ID"]
            took = round((perf_counter() - began) * 1000, 1)
            logger.info("Answered", extra={"status": response.status_code, "ms": took})
            return response
        finally:
            request_at_hand.reset(before)

    return answer


def limited(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The pages for staff are counted as the API is: for the person, and for their address until they are known."""

    def answer(request: HttpRequest) -> HttpResponse:
        spent = spend_on_pages(request, at=timezone.now()) if request.path.startswith("/admin/") else None
        if spent is None:
            return get_response(request)
        try:
            spent.check()
        except Problem as refusal:
            headers = {**spent.headers, "Retry-After": str(refusal.retry_after)}
            return HttpResponse(str(refusal.detail), "text/plain", refusal.status_code, headers=headers)
        return get_response(request)

    return answer
