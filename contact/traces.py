"""What is known of a contact, and where other contacts may name them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from common.models import Change
from common.traces import Holding, Subject, Texts, declare
from contact.models import Contact
from kams.choices import SubjectKind

KNOWN = ("id", "restaurant", "name", "role", "role_kind", "email", "phone", "address", "reports_to", "is_primary")
PERSONAL = ("name", "role", "email", "phone", "phone_e164", "address", "call_window")
SAID = ("opted_out", "call_window", "created_at", "updated_at", "archived_at")


def _known(subject: Subject) -> list[dict[str, Any]]:
    return list(Contact.objects.filter(pk=subject.pk).values(*KNOWN, *SAID))


def _forget_history(subject: Subject, at: datetime) -> int:
    """What their row said of them, from the first."""
    return int(Change.objects.of(Contact).filter(row=subject.pk).redact(*PERSONAL, at=at))


declare(
    Holding(SubjectKind.CONTACT, "contact", tell=_known, erase=_forget_history),
    Texts(Contact, ("role", "address"), near="restaurant"),
)
