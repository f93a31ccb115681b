"""That somebody's personal data were taken away for good: who asked for it, when, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models

from common.errors import NotAllowed
from common.models import Stamped
from common.traces import Subject, holdings
from kams.choices import SubjectKind
from kams.models.access import VisibleSet

if TYPE_CHECKING:
    from kams.models.user import User


class ErasureSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.all() if user.is_admin else self.none()

    def of(self, erasure: int) -> Self:
        return self.filter(pk=erasure)

    def under_way(self) -> Self:
        return self.filter(done_at__isnull=True)

    def add(self, subject: Subject, *, by: User, at: datetime, reason: str) -> Erasure:
        """Write down that this person is to be erased. The caller takes away their own row in the same transaction."""
        if not by.is_admin:
            raise NotAllowed("Only an admin erases a person's data.")
        erasure: Erasure = self.create(
            kind=subject.kind,
            subject=subject.pk,
            words=list(subject.words),
            places=list(subject.places),
            asked_by=by,
            reason=reason,
            created_at=at,
            updated_at=at,
        )
        return erasure


class Erasure(Stamped):
    """One person's. What names them is kept only until every trace is gone."""

    kind = models.CharField(max_length=10, choices=SubjectKind.choices)
    subject = models.BigIntegerField()
    reason = models.CharField(max_length=500, blank=True, default="")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    words = models.JSONField(default=list)
    places = models.JSONField(default=list)
    # How many rows of each table were erased or named them.
    counts = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ErasureSet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            # What the job has to go on with.
            models.Index(fields=["done_at", "id"], name="erasure_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"

    def carry_out(self, *, at: datetime) -> None:
        """Take away every trace, table by table. Stopped in the middle, it is done again: what is gone stays gone."""
        subject = Subject(self.kind, self.subject, tuple(self.words), tuple(self.places))
        for name, erase in holdings(self.kind):
            self._count(name, erase(subject, at))
        self.words, self.places, self.done_at = [], [], at
        self.keep("words", "places", "counts", "done_at", at=at)

    def _count(self, name: str, number: int) -> None:
        if number:
            self.counts[name] = self.counts.get(name, 0) + number


def words_of(values: Iterable[str | None]) -> tuple[str, ...]:
    """What names somebody, of what is known of them."""
    return tuple(dict.fromkeys(value.strip() for value in values if value and value.strip()))
