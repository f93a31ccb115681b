from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from common.models import RowSet
from kams.models.user import User


class SessionSet(RowSet):
    def open(self, *, user: User, at: datetime, until: datetime, jti: str) -> Session:
        return self.create(user=user, created_at=at, expires_at=until, current_jti=jti)

    def alive(self, *, at: datetime) -> SessionSet:
        return self.filter(Q(revoked_at__isnull=True), expires_at__gt=at)

    def rotate(self, session: uuid.UUID, *, spent: str, fresh: str, at: datetime) -> bool:
        """Exchange the one valid refresh token for the next. Of any number at once exactly one succeeds."""
        return bool(self.alive(at=at).filter(pk=session, current_jti=spent).update(current_jti=fresh, rotated_at=at))

    def revoke(self, session: uuid.UUID, *, at: datetime) -> bool:
        return bool(self.alive(at=at).filter(pk=session).update(revoked_at=at))


class Session(models.Model):
    """One login and the family of refresh tokens that came of it; only the newest of them is good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", editable=False)
    created_at = models.DateTimeField(editable=False)
    rotated_at = models.DateTimeField(null=True, editable=False)
    expires_at = models.DateTimeField(editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    current_jti = models.CharField(max_length=64, editable=False)

    objects = SessionSet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = [
            # The clean-up of sessions that are over.
            models.Index(fields=["expires_at"], name="session_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
