from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models

from common.errors import NotAllowed
from common.models import Stamped
from kams.choices import Role
from kams.models.access import VisibleSet
from kams.models.team import Team
from kams.models.user import User


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        if user.is_admin:
            return self.all()
        return self.filter(invited_by=user) if user.is_manager else self.none()

    def open_for(self, token: str, *, at: datetime) -> Self:
        """The invitation this secret opens: not used, not expired."""
        return self.filter(token_digest=digest(token), accepted_at__isnull=True, expires_at__gt=at)


class Invitation(Stamped):
    """A manager's or admin's word that somebody may sign up, with the role and team they will have."""

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.KAM)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True)
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationSet.as_manager()

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @classmethod
    def write(
        cls, *, email: str, role: str, team: Team | None, by: User, at: datetime, days: int
    ) -> tuple[Invitation, str]:
        """The invitation, and the secret that goes to the person and is kept nowhere."""
        if not by.may_allocate:
            raise NotAllowed("Only managers and admins invite people.")
        if role != Role.KAM and not by.is_admin:
            raise NotAllowed("A manager invites KAMs. Ask an admin for other roles.", errors={"role": "Use KAM."})
        token = secrets.token_urlsafe(32)
        invitation = cls.objects.create(
            email=email.lower(),
            role=role,
            team=team,
            invited_by=by,
            token_digest=digest(token),
            expires_at=at + timedelta(days=days),
            created_at=at,
            updated_at=at,
        )
        return invitation, token
