"""What happens to a request before Django reads it: Django stumbles over some, and drops the bodies of others."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable
from io import BytesIO
from typing import Any

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Asgi = Callable[[dict[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]

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
