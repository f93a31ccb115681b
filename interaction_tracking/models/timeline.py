"""What a restaurant's timeline is asked: what was ordered, what counts, who was reached."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db.models import Exists, OuterRef, Q

from interaction_tracking.choices import (
    OVER,
    TALKS,
    TOUCHES,
    UNANSWERED,
    CallOutcome,
    InteractionStatus,
    InteractionType,
)
from interaction_tracking.models.judgement import JudgedSet
from interaction_tracking.models.order import Order


class TimelineSet(JudgedSet):
    def orders(self) -> Self:
        """Those that brought an order, with or without its details."""
        return self.filter(order_placed=True)

    def orders_done(self) -> Self:
        """The orders that count: they happened, and nobody took them back."""
        return self.orders().filter(status=InteractionStatus.DONE, archived_at__isnull=True)

    def counted(self) -> Self:
        """What figures rest on: orders, calls and visits that happened; `Interaction.counted` says it of a row."""
        touches = Q(interaction_type__in=TOUCHES) & ~Q(outcome__in=UNANSWERED)
        return self.filter(touches | Q(order_placed=True), status=InteractionStatus.DONE, archived_at__isnull=True)

    def calls_that_tell(self) -> Self:
        """The calls that tell whether a number is right, the last one first: somebody picked up."""
        rows = self.filter(
            interaction_type=InteractionType.CALL, status=InteractionStatus.DONE, archived_at__isnull=True
        )
        return rows.exclude(outcome__in=(CallOutcome.NO_ANSWER, CallOutcome.BUSY)).order_by("-date", "-pk")

    def talks(self) -> Self:
        """Where somebody was reached, by whatever way."""
        rows = self.filter(interaction_type__in=TALKS, status=InteractionStatus.DONE, archived_at__isnull=True)
        return rows.exclude(outcome__in=UNANSWERED)

    def past(self, *, before: datetime) -> Self:
        """Those that were over before this moment and brought no order, deleted ones as well."""
        over = self.filter(date__lt=before, status__in=OVER, order_placed=False)
        return over.exclude(Exists(Order.objects.filter(interaction=OuterRef("pk"))))

    def just(self, key: int) -> Self:
        """No other than this one."""
        return self.filter(pk=key).order_by()
