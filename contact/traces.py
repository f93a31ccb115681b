"""What is known of a contact, and where other contacts may name them."""

from __future__ import annotations

from typing import Any

from common.traces import Holding, Subject, Texts, declare, erase_history
from contact.models import Contact
from kams.choices import SubjectKind

KNOWN = ("id", "restaurant", "name", "role", "role_kind", "email", "phone", "address", "reports_to", "is_primary")
PERSONAL = ("name", "role", "email", "phone", "phone_e164", "address", "call_window")
SAID = ("opted_out", "call_window", "created_at", "updated_at", "archived_at")


def _known(subject: Subject) -> list[dict[str, Any]]:
    return list(Contact.objects.filter(pk=subject.pk).values(*KNOWN, *SAID))


declare(
    Holding(SubjectKind.CONTACT, "contact", tell=_known, erase=erase_history(Contact, PERSONAL)),
    Texts(Contact, ("role", "address"), near="restaurant"),
)
