from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models

from common.models.rows import RowSet


class IdempotencySet(RowSet):
    def run_out(self, *, at: datetime) -> Self:
        """The answers that no retry gets any more."""
        return self.filter(expires_at__lte=at)


class IdempotencyRecord(models.Model):
    """The answer to one POST that carried an `Idempotency-Key`, kept so that a retry gets it again.

    The row is reserved before the work begins, with a lease, and finished in the transaction of the work: the
    effect and the stored answer commit together. A process that dies in between leaves a lease that runs out.
    """

    # SHA-256 of person, method, path and key: what makes two requests the same one.
    id = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    body_digest = models.CharField(max_length=64)
    lease = models.UUIDField()
    leased_until = models.DateTimeField()
    expires_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)  # null while the first request is still running
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=bytes)

    objects: ClassVar[Any] = IdempotencySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # The clean-up of old answers.
            models.Index(fields=["expires_at"], name="idempotency_by_expiry"),
        ]

    def __str__(self) -> str:
        return self.id
