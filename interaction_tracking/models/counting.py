"""What of an interaction counts in figures, and how the apps above hear when that changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models

from interaction_tracking.choices import TOUCHES, UNANSWERED, InteractionStatus
from interaction_tracking.events import Counted, facts_changed, orders_changed


class Counts(models.Model):
    """The part of an interaction that is about figures."""

    lead_id: int
    date: Any
    interaction_type: Any
    outcome: Any
    status: Any
    order_placed: Any
    archived_at: Any

    class Meta:
        abstract = True

    @property
    def counted(self) -> Counted | None:
        """What figures rest on, if it counts: it happened, nobody took it back, and a call reached somebody."""
        if self.status != InteractionStatus.DONE or self.archived_at is not None:
            return None
        touch = self.interaction_type if self.interaction_type in TOUCHES and self.outcome not in UNANSWERED else ""
        return Counted(self.date, self.order_placed, touch) if touch or self.order_placed else None

    def _tell(self, *, before: Counted | None, at: datetime, ordered: bool = False) -> None:
        """Tell the apps above what counts now; `ordered` says that the order's own details changed."""
        after = self.counted
        if after == before and not ordered:
            return
        if (before and before.ordered_on) != (after and after.ordered_on):
            orders_changed.happened(restaurant=self.lead_id, at=at)
        if dates := {fact.date for fact in (before, after) if fact is not None}:
            facts_changed.happened(restaurant=self.lead_id, dates=dates)
