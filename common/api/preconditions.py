"""ETag, If-Match and If-None-Match.

An ETag is `"version-digest"`: the digest tells a reader whether the answer differs, the version tells a writer
whether the row does. Only the version decides a write, so that a field which time changes refuses nobody, and neither
does a proxy: one that compresses answers marks their tags as weak, `W/"…"`.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from django.conf import settings
from rest_framework.request import Request

from common.api.problems import Problem


def etag(version: int, body: bytes) -> str:
    return f'"{version}-{blake2b(body, digest_size=8).hexdigest()}"'


def not_modified(request: Request, tag: str) -> bool:
    """Whether the reader has this answer already."""
    known = request.headers.get("If-None-Match", "")
    return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}


def check(request: Request, row: Any) -> None:
    """Refuse to change a locked row that is not the one the writer has read."""
    given = request.headers.get("If-Match")
    if given is None:
        if settings.REQUIRE_IF_MATCH and request.method in {"PUT", "PATCH", "DELETE"}:
            raise Problem(428, "precondition_required", "Send the ETag of the row you read as If-Match.")
        return
    versions = {one.strip().removeprefix("W/").strip('"').partition("-")[0] for one in given.split(",")}
    if given.strip() != "*" and str(row.version) not in versions:
        raise Problem(412, "stale", "Somebody has changed this row. Read it again, then decide.")
