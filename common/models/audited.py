"""Rows with a history: whatever saves one writes down what that changed, in the same transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.utils import timezone

from common.choices import Action
from common.models.change import Change, Told
from common.models.rows import Stamped

# Every row has these; the history says the same by itself.
ALWAYS_UNTOLD = frozenset({"id", "created_at", "updated_at", "version"})
# What a new row has nothing to tell of.
EMPTY: tuple[Any, ...] = (None, "", {}, [])


class Audited(Stamped):
    """Remembers the values it was read with, and tells the history which of them a `save` has changed.

    `update` and `bulk_create` pass it by: who uses them calls `tell_history`.
    """

    # Fields that follow from others, or that nobody changes.
    untold: ClassVar[frozenset[str]] = frozenset()
    # Fields of which the history says that they were changed, and not from what to what.
    secrets: ClassVar[frozenset[str]] = frozenset()

    # The names and values of the columns it was read with, or written since.
    _read: tuple[Collection[str], Collection[Any]] = ((), ())

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **more: Any) -> Self:
        row = super().from_db(db, field_names, values, **more)
        row._read = (field_names, values)
        return row

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        super().refresh_from_db(using, fields, from_queryset)
        self._remember(fields)

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        adding = self._state.adding
        with transaction.atomic(savepoint=False):
            super().save(*args, update_fields=update_fields, **kwargs)
            tell_history([self], adding=adding, only=update_fields)

    # --- what was changed ---------------------------------------------------------------------
    def tells(self, beside: Told) -> None:
        """Let the next `save` tell of what belongs to the row and is kept elsewhere."""
        self.__dict__.setdefault("_beside", {}).update(beside)

    def noted(self, *, adding: bool, only: Iterable[str] | None = None) -> Change | None:
        """What differs from the values it was read with, for the history, if anything does."""
        was = {} if adding else self._was
        told = {
            name: (None, None) if name in self.secrets else (was.get(column), now)
            for column, name, now in self._now(only)
            if now != was.get(column)
        }
        action = _action(told, adding=adding)
        if adding:
            told = {name: values for name, values in told.items() if values[1] not in EMPTY}
        told |= self.__dict__.pop("_beside", {})
        at = self._changed_at(was, adding=adding)
        self._remember(only)
        if not told and action == Action.CHANGED:
            return None
        return Change.noted(type(self), self.pk, action, told, version=self.version, at=at)

    @property
    def _was(self) -> dict[str, Any]:
        return dict(zip(*self._read, strict=True))

    def _now(self, only: Iterable[str] | None = None) -> Iterator[tuple[str, str, Any]]:
        """The columns that the history tells of and that were read, each with its name and value."""
        names = None if only is None else set(only)
        for column, name in _told_columns(type(self)):
            if column in self.__dict__ and (names is None or name in names or column in names):
                yield column, name, self.__dict__[column]

    def _remember(self, only: Iterable[str] | None = None) -> None:
        known = {
            **self._was,
            **{column: now for column, _, now in self._now(only)},
            "updated_at": self.__dict__.get("updated_at"),
        }
        self._read = (known.keys(), known.values())

    def _changed_at(self, was: dict[str, Any], *, adding: bool) -> datetime:
        """The moment of the verb; Django's own doors, such as `changepassword`, know none."""
        if adding:
            return self.created_at
        return self.updated_at if self.updated_at != was.get("updated_at") else timezone.now()


def tell_history(
    rows: Iterable[Audited],
    *,
    adding: bool = False,
    only: Iterable[str] | None = None,
    updated_at: datetime | None = None,
) -> None:
    """Write down what was changed in these rows, all with one statement, in the transaction of the change.

    `updated_at` says that an `update` has counted the change in the database, which the rows do not know yet.
    """
    changes = []
    for row in rows:
        if updated_at is not None:
            row.version, row.updated_at = row.version + 1, updated_at
        changes.append(row.noted(adding=adding, only=only))
    Change.objects.write(change for change in changes if change is not None)


@cache
def _told_columns(model: type[Audited]) -> tuple[tuple[str, str], ...]:
    """The columns that the history tells of, each with its name."""
    untold = ALWAYS_UNTOLD | model.untold
    fields: Iterator[models.Field[Any, Any]] = iter(model._meta.concrete_fields)
    return tuple((field.attname, field.name) for field in fields if not field.generated and field.name not in untold)


def _action(told: dict[str, tuple[Any, Any]], *, adding: bool) -> Action:
    """What was done, as far as `archived_at` says it; then it need not be told itself."""
    if adding:
        return Action.CREATED
    if "archived_at" not in told:
        return Action.CHANGED
    _, since = told.pop("archived_at")
    return Action.RESTORED if since is None else Action.ARCHIVED
