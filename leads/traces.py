"""What restaurants and their histories may say about people."""

from __future__ import annotations

from typing import Any

from common.traces import Holding, Subject, Texts, declare
from kams.choices import SubjectKind
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange


def _had(subject: Subject) -> list[dict[str, Any]]:
    spells = Allocation.objects.filter(kam=subject.pk).order_by("pk")
    return list(spells.values("restaurant", "started_at", "ended_at"))


declare(
    Holding(SubjectKind.PERSON, "restaurants", tell=_had),
    Texts(Restaurant, ("contact_person", "phone", "phone_e164", "email", "notes"), near="pk"),
    Texts(StatusChange, ("reason",), near="restaurant"),
    Texts(Allocation, ("reason",), near="restaurant"),
    Texts(Collaboration, ("reason",), near="restaurant"),
    Texts(Cover, ("reason",)),
)
