"""What keeps the stored figures of accounts true while days pass."""

from __future__ import annotations

from datetime import datetime

from performance_tracking.models import OrderRhythm, Scale, TypicalCycle


def refresh_rhythms(at: datetime) -> int:
    """Let the day count in every rhythm, and learn anew what is usual for each type, and what is much or little."""
    TypicalCycle.objects.learn()
    Scale.objects.learn(at=at)
    changed: int = OrderRhythm.objects.grow_older(at=at)
    return changed
