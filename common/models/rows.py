"""What every kept row has: when it was made and changed, its version, and how it is put away.

Rows change through verbs that take the moment (`at`) and the person (`by`); nothing here reads the clock
except the defaults that serve rows made by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Self, TypeVar

from django.conf import settings
from django.db import connections, models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils import timezone

from common.phones import spellings

MAX_ID = 2**63 - 1

Rows = TypeVar("Rows", bound=models.QuerySet[Any])


class RowSet(models.QuerySet[Any]):
    """The base of every set: it can be locked."""

    def locked(self, *of: str) -> Self:
        """The same rows, locked until the transaction ends; joined rows only where `of` names them.

        On PostgreSQL the lock is `FOR NO KEY UPDATE`, which lets others insert rows that point here.
        SQLite has no row locks: its transactions are IMMEDIATE, one writer at a time.
        """
        features = connections[self.db].features
        tables = (*of, "self") if features.has_select_for_update_of else ()
        return self.select_for_update(of=tables, no_key=features.has_select_for_no_key_update)


def in_batches(rows: models.QuerySet[Any], *, size: int) -> Iterator[list[Any]]:
    """The rows, or a flat list of their keys, by key and so many at a time, however far apart the keys are.

    The next batch is read when it is asked for: what was done to this one may take its rows away.
    """
    following = rows.order_by("pk")
    while batch := list(following[:size]):
        yield batch
        last = batch[-1]
        following = rows.filter(pk__gt=last.pk if isinstance(last, models.Model) else last).order_by("pk")


class Stamped(models.Model):
    """Knows when it was made and last changed, and counts its changes."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def keep(self, *names: str, at: datetime) -> None:
        """Write the named fields, and that the row changed. The caller holds the row's lock."""
        self.version += 1
        self.updated_at = at
        self.save(update_fields=[*names, "version", "updated_at"])

    def take(self, changes: Mapping[str, Any]) -> list[str]:
        """Set what differs and name it; nothing is written yet, so that rules can look at the whole row."""
        changed = [name for name, value in changes.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, changes[name])
        return changed

    def revise(self, *, by: Any, at: datetime, **changes: Any) -> bool:
        """Change what differs and write only that; the same values again are no change.

        The caller holds the row's lock. Models with rules extend this.
        """
        changed = self.take(changes)
        if changed:
            self.keep(*changed, at=at)
        return bool(changed)


class Archivable(models.Model):
    """Is put away rather than deleted, and can be brought back."""

    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def search_column(*names: str) -> models.GeneratedField:
    """One lower-cased text that the database makes of the named columns, for `?search=` to look through."""
    parts = [part for name in names for part in (F(name), Value(" "))]
    return models.GeneratedField(
        expression=Lower(Concat(*parts, output_field=models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )


def search(rows: Rows, text: str) -> Rows:
    """The rows whose `search_text` holds each of the words, or the phone number that they are."""
    found = Q()
    for word in text.split():
        found &= Q(*(Q(search_text__contains=letters) for letters in _as_lowered(word)), _connector=Q.OR)
    for number in spellings(text, region=settings.PHONE_REGION):
        found |= Q(search_text__contains=number)
    return rows.filter(found)


def _as_lowered(word: str) -> list[str]:
    """What the column may hold for the word: SQLite lowers A to Z only, so É may still stand where é is looked for."""
    written = (word.lower(), word, word.upper(), word.capitalize())
    return list(dict.fromkeys(form.encode().lower().decode() for form in written))


class JoinedTexts(models.Subquery):
    """What a set of rows says, as one text with commas: a page's many rows of another table without a second query."""

    output_field = models.TextField()

    def __init__(self, rows: models.QuerySet[Any], text: Any) -> None:
        super().__init__(rows.order_by().values(joined=_Joined(text)))


class JoinedIds(JoinedTexts):
    """The keys that a set of rows names: `3,5,9`."""

    def __init__(self, rows: models.QuerySet[Any], key: str) -> None:
        super().__init__(rows, Cast(key, models.CharField(max_length=20)))


class _Joined(models.Func):
    """String aggregation by each database's own name; not an `Aggregate`, so that nothing is grouped."""

    output_field = models.TextField()
    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s)"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, function="STRING_AGG", template="%(function)s(%(expressions)s, ',')", **extra
        )
