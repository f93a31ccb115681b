"""The jobs about accounts: what is over for long is removed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from common.tasks import remove
from kams.models import Erasure, Invitation, Session


def forget_logins(at: datetime) -> int:
    """Remove the logins that are over for long."""
    return remove(Session.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))


def forget_invitations(at: datetime) -> int:
    """Remove the invitations that nobody took up, and nobody can for long."""
    return remove(Invitation.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))


def erase_traces(at: datetime) -> int:
    """Take away what still names those who were erased, table by table; how many people that was."""
    under_way = list(Erasure.objects.under_way().order_by("pk"))
    for erasure in under_way:
        erasure.carry_out(at=at)
    return len(under_way)
