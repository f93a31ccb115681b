"""How messages leave: claimed by a lease, then settled by who still holds it."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connections, transaction
from django.db.models import F, Min, Q

from kams.models import VisibleSet
from notifications.choices import State


class OutboxSet(VisibleSet):
    def due(self, *, at: datetime) -> Self:
        """What waits to be sent and is in nobody's hands, the oldest first."""
        free = Q(lease__isnull=True) | Q(leased_until__lte=at)
        return self.filter(free, state=State.WAITING, due_at__lte=at).order_by("due_at", "pk")

    def claim(self, limit: int, *, at: datetime, lease: uuid.UUID, until: datetime) -> list[Any]:
        """Take the oldest due ones for oneself until the lease ends; of many who ask at once each gets its own.

        Databases that can step over rows which somebody else is just taking do so; on the others the condition of
        the update decides.
        """
        skips = connections[self.db].features.has_select_for_update_skip_locked
        due = self.due(at=at)
        with transaction.atomic(using=self.db):
            rows = due.select_for_update(skip_locked=True) if skips else due
            keys = list(rows.values_list("pk", flat=True)[:limit])
            if not keys:
                return []
            # Without an order, which MariaDB would sort by.
            due.order_by().filter(pk__in=keys).update(lease=lease, leased_until=until)
        held = self.held_by(lease).select_related("user", "contact__restaurant", "restaurant")
        return list(held.order_by("due_at", "pk"))

    def held_by(self, lease: uuid.UUID) -> Self:
        return self.filter(lease=lease, state=State.WAITING)

    def settle(self, *keys: int, lease: uuid.UUID, **outcome: Any) -> int:
        """Write what became of them and give the lease back. Who has lost the lease writes nothing."""
        return int(self.held_by(lease).filter(pk__in=keys).update(lease=None, leased_until=None, **outcome))

    def lag(self, at: datetime) -> timedelta:
        """For how long the oldest message that should have left has been waiting."""
        oldest = self.filter(state=State.WAITING, due_at__lte=at).aggregate(oldest=Min("due_at"))["oldest"]
        return timedelta() if oldest is None else at - oldest

    # --- one's own ----------------------------------------------------------------------------
    def unread(self) -> Self:
        return self.filter(read_at__isnull=True)

    def mark_read(self, *, at: datetime) -> int:
        return int(self.unread().update(read_at=at, version=F("version") + 1))
