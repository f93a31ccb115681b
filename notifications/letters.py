"""The mails about accounts go through the outbox like all others."""

from __future__ import annotations

from datetime import datetime

from kams.choices import Letter
from kams.models import Invitation, User
from notifications.kinds import Facts
from notifications.messages import LETTERS
from notifications.models import Message


def write(*, kind: Letter, about: Invitation | User | str, at: datetime) -> None:
    """Write the letter that an account is due, in the transaction of what made it so.

    One statement, whoever it is about and whether they exist: by what it costs nobody finds out who is here. Who asks
    again within a minute has asked once.
    """
    facts: Facts
    if isinstance(about, str):
        minute = at.replace(second=0, microsecond=0)
        key, address, facts = minute.isoformat(), about, {"email": about, "asked_at": at.isoformat()}
    elif isinstance(about, User):
        key, address, facts = str(about.pk), about.email, {"person": about.pk}
    else:
        key, address, facts = str(about.pk), about.email, {"invitation": about.pk}
    Message.objects.tell_address(LETTERS[kind], address, key=key, at=at, facts=facts)
