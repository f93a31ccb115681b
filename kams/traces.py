"""What accounts hold about people: the profile, their logins, and what was kept of their requests."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from axes.models import AccessAttempt
from django.contrib.admin.models import LogEntry
from django.db.models import Q

from common.models import IdempotencyRecord, JobRun, in_batches
from common.tasks import BATCH, remove
from common.traces import Holding, Subject, Texts, declare, erase_history
from kams.choices import SubjectKind
from kams.models import ApiKey, Invitation, Session, User
from kams.models.erasure import Erasure

PROFILE = ("id", "username", "first_name", "last_name", "email", "role", "team", "timezone", "working_hours")
SETTINGS = ("daily_capacity", "language", "is_active", "date_joined", "last_login", "created_at", "updated_at")
PERSONAL = ("username", "first_name", "last_name", "email", "working_hours")
LOGIN = ("created_at", "rotated_at", "expires_at", "revoked_at", "address", "user_agent")
INVITED = ("id", "email", "role", "created_at", "accepted_at")
FAILED = ("id", "username", "ip_address", "user_agent", "attempt_time", "failures_since_start")


def _profile(subject: Subject) -> list[dict[str, Any]]:
    return list(User.objects.filter(pk=subject.pk).values(*PROFILE, *SETTINGS))


def _logins(subject: Subject) -> Any:
    return Session.objects.filter(user=subject.pk).order_by("-created_at")


def _invitations(subject: Subject) -> Any:
    return Invitation.objects.filter(email__in=[word.lower() for word in subject.words]).order_by("pk")


def _attempts(subject: Subject) -> Any:
    tried = Q(pk__in=())
    for word in subject.words:
        tried |= Q(username__iexact=word)
    return AccessAttempt.objects.filter(tried).order_by("pk")


def _forget_answers(subject: Subject, _at: datetime) -> int:
    """Answers to requests of the last day that name them, and all that they got themselves."""
    removed = remove(IdempotencyRecord.objects.filter(user=subject.pk)) if subject.kind == SubjectKind.PERSON else 0
    named = [
        one.pk
        for page in in_batches(IdempotencyRecord.objects.all(), size=BATCH)
        for one in page
        if subject.named_in(bytes(one.body).decode()) or subject.named_in(str(one.headers))
    ]
    return removed + remove(IdempotencyRecord.objects.filter(pk__in=named))


def _values(of: Any, columns: tuple[str, ...], subject: Subject) -> list[dict[str, Any]]:
    return list(of(subject).values(*columns))


def _remove(of: Any, subject: Subject, _at: datetime) -> int:
    return remove(of(subject))


declare(
    Holding(SubjectKind.PERSON, "profile", tell=_profile, erase=erase_history(User, PERSONAL)),
    *(
        Holding(SubjectKind.PERSON, name, tell=partial(_values, of, columns), erase=partial(_remove, of))
        for name, of, columns in (
            ("logins", _logins, LOGIN),
            ("invitations", _invitations, INVITED),
            ("failed_logins", _attempts, FAILED),
        )
    ),
    *(Holding(kind, "answers", erase=_forget_answers) for kind in SubjectKind),
    Texts(LogEntry, ("object_repr", "change_message")),
    Texts(ApiKey, ("name",)),
    Texts(Erasure, ("reason",)),
    Texts(JobRun, ("error",)),
)
