"""What interactions tell the apps above them, in the transaction of the change."""

from datetime import datetime
from typing import NamedTuple

from common.events import Event

# The orders of a restaurant are others than before: one more, one less, or another date. `restaurant` is its key.
orders_changed = Event("restaurant", "at")
# What counts of its orders, calls and visits is something else than before, at the moments `dates`.
facts_changed = Event("restaurant", "dates")
# A call that its plan had planned was recorded as made: `call` is the interaction, locked.
call_made = Event("call", "at")


class Counted(NamedTuple):
    """What figures rest on, of an interaction that counts."""

    date: datetime
    brought_order: bool
    touch: str  # CALL or VISIT, else nothing

    @property
    def ordered_on(self) -> datetime | None:
        return self.date if self.brought_order else None
