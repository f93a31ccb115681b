"""What is done by itself about interactions."""

from __future__ import annotations

from datetime import datetime

from interaction_tracking.retention import clean_up


def clean_up_interactions(at: datetime) -> int:
    """Archive and remove what is past its retention; answers how many rows. Nothing, unless a retention is set."""
    return sum(batch.rows for batch in clean_up(at=at))
