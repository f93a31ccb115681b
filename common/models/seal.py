"""Seals: which rows of the history there are, and in which order, as a chain that shows where a link is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

from django.db import models

from common.marks import is_mark, mark_of
from common.models.rows import RowSet

Member = tuple[int, str]  # the key of a change, and its mark


class SealSet(RowSet):
    def newest(self) -> Seal | None:
        newest: Seal | None = self.order_by("-number").first()
        return newest

    def add(self, members: Sequence[Member], *, at: datetime) -> Seal:
        """Seal these, in the order of their keys, as the next link of the chain.

        Of two who do so at once the database lets one: the number is the key.
        """
        before = self.newest()
        seal: Seal = self.model(
            number=before.number + 1 if before else 1,
            at=at,
            rows=len(members),
            keys=spans_of(key for key, _ in members),
            content=content_of(members),
        )
        seal.mark = mark_of("seal", seal.said(after=before))
        seal.save(force_insert=True)
        return seal


class Seal(models.Model):
    """Some rows of the history: which, how many, in which order, and what was sealed before them."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    keys = models.TextField(help_text="The keys of the rows, such as 1-4,6.")
    content = models.CharField(max_length=64, help_text="The mark of the keys with the marks of their rows.")
    mark = models.CharField(max_length=64, help_text="The mark of this seal and the one before.")

    objects: ClassVar[Any] = SealSet.as_manager()

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"Seal {self.number}"

    @property
    def head(self) -> str:
        """What to note elsewhere: who has it can tell whether anything of the chain up to here was taken away."""
        return f"{self.number}:{self.mark}"

    def said(self, *, after: Self | None) -> list[Any]:
        """What the mark is of."""
        before = after.mark if after else ""
        return [self.number, self.at.astimezone(UTC), self.rows, self.keys, self.content, before]

    def follows(self, before: Self | None) -> bool:
        """Whether it is as it was written, next to this one."""
        return is_mark(self.mark, "seal", self.said(after=before))

    def holds(self, members: Sequence[Member]) -> bool:
        """Whether these are what it sealed, in that order."""
        return self.content == content_of(members)


def content_of(members: Sequence[Member]) -> str:
    return mark_of("rows", members)


def spans_of(keys: Iterable[int]) -> str:
    """Keys in their order as a short text: 1, 2, 3, 5 is `1-3,5`."""
    spans: list[list[int]] = []
    for key in keys:
        if spans and spans[-1][1] == key - 1:
            spans[-1][1] = key
        else:
            spans.append([key, key])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def keys_in(spans: str) -> Iterator[int]:
    for span in filter(None, spans.split(",")):
        first, _, last = span.partition("-")
        yield from range(int(first), int(last or first) + 1)
