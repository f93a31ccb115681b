from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import BooleanField, Case, F, Q, Value, When

from kams.models.access import VisibleSet
from kams.models.user import User

LONGEST_USER_AGENT = 200


class SessionSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """One's own, whatever the role: where somebody is logged in is nobody else's to know."""
        return self.filter(user=user)

    def open(
        self, *, user: User, at: datetime, until: datetime, jti: str, address: str | None = None, user_agent: str = ""
    ) -> Session:
        said = "".join(letter for letter in user_agent if letter.isprintable())
        session: Session = self.create(
            user=user,
            created_at=at,
            expires_at=until,
            current_jti=jti,
            generation=user.token_generation,
            address=address,
            user_agent=said[:LONGEST_USER_AGENT],
        )
        return session

    def alive(self, *, at: datetime) -> Self:
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)

    def good(self, *, at: datetime) -> Self:
        """The live ones whose people may still come in with what they had then."""
        return self.alive(at=at).filter(user__is_active=True, generation=F("user__token_generation"))

    def over(self, *, before: datetime) -> Self:
        """The logins that ended before this moment, at the latest."""
        return self.filter(expires_at__lt=before)

    def of_bearer(self, session: uuid.UUID, *, generation: int, at: datetime) -> Self:
        """The good session of a token of this generation."""
        return self.good(at=at).filter(pk=session, generation=generation)

    def beside(self, session: uuid.UUID | None) -> Self:
        """Each with whether it is this one, `is_current`."""
        current = When(Q(pk=session), then=Value(value=True))
        return self.annotate(is_current=Case(current, default=Value(value=False), output_field=BooleanField()))

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
    # Of its person when it was opened: what raises theirs ends this.
    generation = models.PositiveIntegerField(default=1, editable=False)
    # From where, as it was said at the log-in.
    address = models.GenericIPAddressField(null=True, editable=False)
    user_agent = models.CharField(max_length=LONGEST_USER_AGENT, default="", editable=False)

    objects: ClassVar[Any] = SessionSet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes = [
            # The clean-up of sessions that are over.
            models.Index(fields=["expires_at"], name="session_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.user} since {self.created_at:%Y-%m-%d %H:%M}"
