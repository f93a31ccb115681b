"""The jobs about accounts: what is over for long is removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from common.tasks import remove
from kams.models import Invitation, Session


def forget_logins(at: datetime) -> int:
    """Remove the logins that are over for long."""
    return remove(Session.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))


def forget_invitations(at: datetime) -> int:
    """Remove the invitations that nobody took up, and nobody can for long."""
    return remove(Invitation.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))
