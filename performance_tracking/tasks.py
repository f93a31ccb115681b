"""What keeps the stored figures of accounts true while days pass."""

from __future__ import annotations

from datetime import datetime

from performance_tracking.models import OrderRhythm, TypicalCycle


def refresh_rhythms(at: datetime) -> int:
    """Let the day count in every rhythm, and learn anew what is usual for each type of restaurant."""
    TypicalCycle.objects.learn()
    changed: int = OrderRhythm.objects.grow_older(at=at)
    return changed
