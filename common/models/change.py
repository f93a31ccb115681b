"""The history: who changed what, when, and from where; a row for each time that a row was changed.

Each bears a mark that only who knows `AUDIT_KEY` can make, so that one which is edited or written by hand shows. The
seals say which there are, and in which order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Self

import orjson
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Value

from common.choices import Action
from common.marks import is_mark, mark_of
from common.models.rows import RowSet
from common.models.seal import Seal
from common.origin import origin

AT_ONCE = 500  # Rows of one INSERT.
# A secret was changed, or what was said is not to be known any more.
NOT_TOLD = {"old": None, "new": None}

# What was changed: by field, its old value and its new one.
Told = Mapping[str, tuple[Any, Any]]


class ChangeSet(RowSet):
    def of(self, model: type[models.Model]) -> Self:
        return self.filter(model=label_of(model))

    def visible_to(self, user: Any, *, among: Any, key: int | str) -> Self:
        """The history of one row, for who sees it `among` its set, in the archive if need be.

        `seen_from` is the address that each change came from, for managers and admins only.
        """
        seen = among.on_record_for(user).order_by().filter(pk=key).values("pk")
        trusted = user.is_admin or user.is_manager
        address = F("address") if trusted else Value("", output_field=models.CharField())
        return self.of(among.model).filter(row=key, row__in=seen).annotate(seen_from=address)

    def unsealed(self) -> Self:
        return self.filter(seal__isnull=True)

    def write(self, changes: Iterable[Change]) -> None:
        """Write them down, many with one statement, in the transaction of what was changed."""
        self.bulk_create([change.signed() for change in changes], batch_size=AT_ONCE)

    def redact(self, *names: str, at: datetime) -> int:
        """Take the values of these fields out of all of these for good, and write down that this was done.

        They keep their marks. The history says which values are gone, and the mark of what is left, so that
        `verify_audit` can tell this from an edit. Once more is no change.
        """
        redacted, redactions = [], []
        with transaction.atomic():
            for change in self.order_by("pk").locked():
                if taken := change.forget(names):
                    redacted.append(change)
                    redactions.append(change.redaction(taken, at=at))
            self.bulk_update(redacted, ["changes"], batch_size=AT_ONCE)
            self.write(redactions)
        return len(redacted)


class Change(models.Model):
    """One time that one row was changed: from which values to which others."""

    model = models.CharField(max_length=50, help_text="What it is a row of, such as leads.restaurant.")
    row = models.BigIntegerField(help_text="Its key.")
    version = models.PositiveIntegerField(help_text="The version that the row has since.")
    action = models.CharField(max_length=10, choices=Action.choices)
    at = models.DateTimeField()
    # No constraint: a history outlives what it is about, and to write it takes no lock on the person.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    address = models.CharField(max_length=45, blank=True)
    request = models.CharField(max_length=64, blank=True)
    # JSON as it is answered, {"name": {"old": …, "new": …}}; a text, so that it stays what was signed.
    changes = models.TextField()
    mark = models.CharField(max_length=64, editable=False)
    seal = models.ForeignKey(Seal, models.PROTECT, null=True, editable=False, related_name="changes", db_index=False)

    objects: ClassVar[Any] = ChangeSet.as_manager()

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            # The history of a row, newest first: what is written under a row's lock has keys in its order.
            models.Index(fields=["model", "row", "-id"], name="change_by_row"),
            # What a seal holds, and what none does yet.
            models.Index(fields=["seal", "id"], name="change_by_seal"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.row} {self.action}"

    @classmethod
    def noted(cls, model: type[models.Model], row: int, action: str, told: Told, *, version: int, at: datetime) -> Self:
        """That this was done to a row by whoever asks now; not written yet."""
        asked = origin()
        changes = _json({name: {"old": old, "new": new} for name, (old, new) in told.items()})
        return cls(
            model=label_of(model),
            row=row,
            version=version,
            action=action,
            at=at,
            by_id=asked.by,
            address=asked.address,
            request=asked.request,
            changes=changes,
        )

    # --- the mark -----------------------------------------------------------------------------
    @property
    def said(self) -> list[Any]:
        """What the mark is of: all but the key, which the database gives, and the seal, which comes later."""
        what = [self.model, self.row, self.version, self.action, self.changes]
        return [*what, self.at.astimezone(UTC), self.by_id, self.address, self.request]

    @property
    def is_genuine(self) -> bool:
        """Whether it says what it said when it was written."""
        return is_mark(self.mark, "change", self.said)

    def signed(self) -> Self:
        self.mark = mark_of("change", self.said)
        return self

    # --- redaction ----------------------------------------------------------------------------
    def forget(self, names: Iterable[str]) -> list[str]:
        """Leave out the values of these, and name those that were there."""
        known = json.loads(self.changes, parse_float=Decimal)
        taken = [name for name in names if known.get(name, NOT_TOLD) != NOT_TOLD]
        self.changes = _json({**known, **dict.fromkeys(taken, NOT_TOLD)})
        return taken

    def redaction(self, taken: list[str], *, at: datetime) -> Change:
        """That these values were taken out of this change, and the mark of what is left; not written yet."""
        told = {**dict.fromkeys(taken, (None, None)), "mark": (self.mark, mark_of("change", self.said))}
        return Change.noted(Change, self.pk, Action.REDACTED, told, version=self.version, at=at)

    @property
    def explanation(self) -> Change | None:
        """The redaction that left of it what it says now."""
        redactions = Change.objects.of(Change).filter(row=self.pk, action=Action.REDACTED)
        return next((one for one in redactions if one.is_genuine and one._leaves(self)), None)

    def _leaves(self, other: Change) -> bool:
        return is_mark(json.loads(self.changes)["mark"]["new"], "change", other.said)


def label_of(model: type[models.Model]) -> str:
    """What the history calls the rows of a model, whichever of its proxies wrote them."""
    return (model._meta.concrete_model or model)._meta.label_lower


def _json(value: Any) -> str:
    return orjson.dumps(value, default=_other, option=orjson.OPT_UTC_Z).decode()


def _other(value: Any) -> Any:
    if isinstance(value, Decimal):  # digit by digit, rather than by way of a float
        return orjson.Fragment(format(value, "f"))
    raise TypeError(f"{type(value).__name__} has no place in the history")
