"""What somebody says of a call when it is over, and what contradicts itself in that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from common.errors import InvalidInput
from contact.models import Contact
from interaction_tracking.choices import UNANSWERED, CallOutcome
from interaction_tracking.models import Interaction


class Recorded(NamedTuple):
    """What a plan made of a call: the interaction that keeps it, and what there is to tell beside the plan."""

    call: Interaction | None
    message: str | None = None


@dataclass(frozen=True)
class WrapUp:
    """A call, as it is told by who made it. What is None was not said."""

    called_at: datetime
    outcome: str | None = None
    contact: Contact | None = None
    details: str | None = None
    duration_seconds: int | None = None
    order: dict[str, Any] | None = None
    call_back_at: datetime | None = None
    next_call_date: datetime | None = None
    notes: str | None = None

    @property
    def in_vain(self) -> bool:
        """Whether nobody was reached: it is an attempt, and no call."""
        return self.outcome in UNANSWERED

    @property
    def agreed(self) -> datetime | None:
        """When they are called next, whatever the cadence says."""
        return self.call_back_at or self.next_call_date

    @property
    def told(self) -> dict[str, Any]:
        """What was said that the interaction keeps."""
        names = ("outcome", "contact", "details", "duration_seconds", "order")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def says_more(self) -> bool:
        """Whether anything was said beside that there was a call."""
        return bool(self.told) or self.agreed is not None or self.notes is not None

    def check(self, *, at: datetime) -> None:
        """Refuse what cannot be so, whatever the plan says."""
        if self.called_at > at + settings.CLOCK_SKEW:
            raise InvalidInput(
                "A call cannot be recorded before it happens.",
                errors={"last_called": "This is in the future. Send the time of the call."},
            )
        if self.call_back_at is not None and self.outcome != CallOutcome.CALL_BACK:
            raise InvalidInput(
                "Only who is to be called back was promised a call.",
                errors={"call_back_at": f"Leave it out, or send the outcome {CallOutcome.CALL_BACK}."},
            )
        if self.call_back_at is None and self.outcome == CallOutcome.CALL_BACK:
            raise InvalidInput(
                "A promise to call back says when.", errors={"call_back_at": "Send the moment that was agreed."}
            )
        # Not of now: who was without a connection may tell it when the promised moment has come.
        if self.call_back_at is not None and self.call_back_at <= self.called_at:
            raise InvalidInput(
                "Nobody is called back in the past.",
                errors={"call_back_at": "This is not later than the call. Send the moment that was agreed."},
            )
        if self.call_back_at is not None and self.next_call_date is not None:
            raise InvalidInput(
                "The next call is the promised one.",
                errors={"next_call_date": "Leave it out: call_back_at is when they are called next."},
            )
        if self.order is not None and self.in_vain:
            raise InvalidInput(
                "Who was not reached ordered nothing.",
                errors={"order": f"Leave it out, or send another outcome than {self.outcome}."},
            )

    def refuse_what_is_to_come(self) -> None:
        """What was agreed in an older call is out of date: nobody can tell whether it still holds."""
        if self.agreed is None:
            return
        later = "A later call is recorded, so this one does not say when the next is."
        if self.call_back_at is None:
            raise InvalidInput(later, errors={"next_call_date": "Leave it out, and change the plan if it still holds."})
        remedy = (
            f"Send the outcome {CallOutcome.CONNECTED} without it, and set the plan's next_call_date if it still holds."
        )
        raise InvalidInput(later, errors={"call_back_at": remedy})
