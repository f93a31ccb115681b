"""What the outbox holds about people: what they were told, and where others were told of them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from common.tasks import remove
from common.traces import Holding, Subject, Texts, declare
from kams.choices import SubjectKind
from notifications.models import Message, Preference

_IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
TOLD = ("id", "kind", "channel", "title", "facts", "state", "created_at", "sent_at", "read_at")


def _to(subject: Subject) -> list[Any]:
    """Messages to the person, and those to an address of theirs."""
    column = "contact" if subject.kind == SubjectKind.CONTACT else "user"
    ways = ({column: subject.pk}, {"address__in": [word for word in subject.words if "@" in word]})
    return [Message.objects.filter(**way).order_by("pk") for way in ways]


def _tell(subject: Subject) -> list[dict[str, Any]]:
    rows = [row for rows in _to(subject) for row in rows.values(*TOLD)]
    return [{**row, "facts": _shown(row["facts"])} for row in rows]


def _shown(fact: Any) -> Any:
    """Facts keep moments as text; all answers write them alike."""
    if isinstance(fact, dict):
        return {name: _shown(one) for name, one in fact.items()}
    if isinstance(fact, list):
        return [_shown(one) for one in fact]
    return f"{fact[:-6]}Z" if isinstance(fact, str) and _IN_UTC.fullmatch(fact) else fact


def _erase(subject: Subject, _at: datetime) -> int:
    return sum(remove(rows) for rows in _to(subject))


def _wishes(subject: Subject) -> list[dict[str, Any]]:
    return list(Preference.objects.filter(user=subject.pk).values("kind", "channel", "enabled"))


declare(
    *(Holding(kind, "messages", tell=_tell, erase=_erase) for kind in SubjectKind),
    Holding(SubjectKind.PERSON, "preferences", tell=_wishes),
    Texts(Message, ("title", "facts", "error")),
)
