from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models

from common.models import RowSet
from kams.models.user import User


class SessionSet(RowSet):
    def open(self, *, user: User, at: datetime, until: datetime, jti: str) -> Session:
        session: Session = self.create(user=user, created_at=at, expires_at=until, current_jti=jti)
        return session

    def alive(self, *, at: datetime) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)

    def over(self, *, before: datetime) -> Self:
        """The logins that ended before this moment, at the latest."""
        return self.filter(expires_at__lt=before)

    def of_bearer(self, session: uuid.UUID, *, generation: int, at: datetime) -> Self:
        """The live session of a token, if its person may still come in with what they had then."""
        return self.alive(at=at).filter(pk=session, user__is_active=True, user__token_generation=generation)

    def newest(self, session: uuid.UUID, *, jti: str, at: datetime) -> Self:
        """The live session, if this is the one refresh token of it that was not spent."""
        return self.alive(at=at).filter(pk=session, current_jti=jti)

    def rotate(self, session: uuid.UUID, *, spent: str, fresh: str, at: datetime) -> bool:
        """Exchange the one valid refresh token for the next. Of any number at once exactly one succeeds."""
        return bool(self.newest(session, jti=spent, at=at).update(current_jti=fresh, rotated_at=at))

    def close(self, session: uuid.UUID, *, spent: str, at: datetime) -> bool:
        """Log out with the one valid refresh token."""
        return bool(self.newest(session, jti=spent, at=at).update(revoked_at=at))

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

    objects: ClassVar[Any] = SessionSet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = [
            # The clean-up of sessions that are over.
            models.Index(fields=["expires_at"], name="session_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
