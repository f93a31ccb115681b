"""Safe retries: a POST with an `Idempotency-Key` has its effect once, and its answer as often as asked.

The key is reserved first, with a lease. The effect and the stored answer then commit together, and only while
the lease is still ours: of two that believe they hold it, one is rolled back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.problems import Problem
from common.api.renderers import dumps
from common.api.transactions import in_transaction
from common.models import IdempotencyRecord

HEADER = "Idempotency-Key"
LONGEST_KEY = 255
LEASE = timedelta(seconds=60)
KEPT_HEADERS = ("Location", "ETag")


def checked_key(request: Request) -> str | None:
    key = request.headers.get(HEADER)
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Problem(
            400, "invalid_idempotency_key", f"An Idempotency-Key has 1 to {LONGEST_KEY} printable ASCII characters."
        )
    return key


def once(request: Request, key: str, *, now: datetime, work: Callable[[], Response]) -> HttpResponse | Response:
    """Do the work unless this key did it before; then give the answer it got."""
    name = _digest(f"{request.user.pk} {request.method} {request.path} {key}")
    body = _digest(json.dumps(request.data, sort_keys=True, default=repr))
    lease = uuid.uuid4()
    if stored := _reserve(name, request.user, body, lease, now=now):
        return stored

    def work_and_keep() -> Response:
        response = work()
        kept = IdempotencyRecord.objects.filter(pk=name, lease=lease).update(
            status=response.status_code,
            headers={header: response[header] for header in KEPT_HEADERS if header in response},
            body=dumps(response.data),
        )
        if not kept:
            raise _still_running()
        return response

    try:
        return in_transaction(work_and_keep)
    except BaseException:
        IdempotencyRecord.objects.filter(pk=name, lease=lease).delete()
        raise


def _reserve(name: str, user: Any, body: str, lease: uuid.UUID, *, now: datetime) -> HttpResponse | None:
    """Take the key, or answer what it has; a lease that ran out is taken over."""
    ours = {
        "user": user,
        "body_digest": body,
        "lease": lease,
        "leased_until": now + LEASE,
        "expires_at": now + timedelta(hours=settings.IDEMPOTENCY_HOURS),
        "status": None,
    }
    try:
        with transaction.atomic():
            IdempotencyRecord.objects.create(pk=name, **ours)
    except IntegrityError:
        record = IdempotencyRecord.objects.filter(pk=name).first()
    else:
        return None
    if record is not None and record.expires_at > now:
        if record.body_digest != body:
            raise Problem(422, "idempotency_mismatch", "This key was used with another body. Use a fresh one.")
        if record.status is not None:
            return _replay(record)
        if record.leased_until > now:
            raise _still_running()
    if record is None or not IdempotencyRecord.objects.filter(pk=name, lease=record.lease).update(**ours):
        raise _still_running()
    return None


def _replay(record: IdempotencyRecord) -> HttpResponse:
    headers = {**record.headers, "Idempotency-Replayed": "true", "Cache-Control": "no-store"}
    return HttpResponse(bytes(record.body), status=record.status, content_type="application/json", headers=headers)


def _still_running() -> Problem:
    return Problem(409, "still_running", "The first request with this key is still running.", retry_after=1)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
