"""What is kept about a person, wherever it is: shown to them, or taken away for good.

Each app declares in `traces.py` what it holds about people: `Texts` that may name somebody, and `Holding`s that are
about one person. All of them are loaded at the start, so whoever is erased is erased everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast

from common.api.transactions import in_transaction
from common.choices import Action
from common.models import Audited, Change, Stamped

ERASED = "[erased]"
STAMPS = ("version", "updated_at")
GONE = (None, None)
BATCH = 500  # rows of one transaction
AT_ONCE = 20_000  # keys that one statement looks through, well within a statement's time
# What is shorter says too little to tell a person by, and stands in too many other words.
SHORTEST_WORD = 3


@dataclass(frozen=True)
class Subject:
    """Whom it is about: the kind and key of their row, what names them, and the keys of the places they belong to."""

    kind: str
    pk: int
    words: tuple[str, ...]
    places: tuple[int, ...] = ()

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """The words that tell somebody apart, the longest first, so that what is left of none names them."""
        return tuple(sorted({word for word in self.words if len(word) >= SHORTEST_WORD}, key=lambda word: -len(word)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in self.spoken), re.IGNORECASE)

    def named_in(self, text: str) -> bool:
        return bool(self.spoken) and self._pattern.search(text) is not None

    def without(self, value: Any, *, most: int | None = None) -> Any:
        """The value without what names them: a text that says nothing else is empty; JSON is looked through whole."""
        if isinstance(value, str):
            if not self.named_in(value):
                return value
            rest = self._pattern.sub(ERASED, value)
            return "" if rest.strip() == ERASED else rest[:most]
        if isinstance(value, list):
            return [self.without(one) for one in value]
        if isinstance(value, dict):
            return {name: self.without(one) for name, one in value.items()}
        return value

    def fields_in(self, changes: str) -> list[str]:
        """The fields of a change, as the history keeps it, of which a value names them."""
        told = json.loads(changes).items()
        return [name for name, values in told if self.named_in(json.dumps(values, ensure_ascii=False))]

    def looked_for(self, column: str) -> Q:
        """Rows whose column may name them, as the database finds out; `named_in` knows."""
        spellings = {form for word in self.spoken for form in (word, word.lower(), word.upper(), word.title())}
        found = Q(pk__in=())
        for form in spellings | {json.dumps(form)[1:-1] for form in spellings}:
            found |= Q(**{f"{column}__icontains": form})
        return found


@dataclass(frozen=True)
class Texts:
    """Columns in which people write what they like, and whose rows belong to a place: `near` is the path to its key.

    Without `near` they are copies, such as messages: looked through whole, whoever it is about.
    """

    model: type[models.Model]
    columns: tuple[str, ...]
    near: str = ""

    @property
    def name(self) -> str:
        return self.model._meta.label_lower

    def erase(self, subject: Subject, at: datetime) -> int:
        """Take the words out of every row, some at a time; how many rows named the person."""
        if not subject.spoken:
            return 0
        changed = 0
        for rows in self._parts(subject):
            keys = list(rows.filter(self._may_name(subject)).order_by("pk").values_list("pk", flat=True))
            for start in range(0, len(keys), BATCH):
                changed += in_transaction(partial(self._clean, keys[start : start + BATCH], subject, at=at))
        if issubclass(self.model, Audited):
            self._redact(subject, at=at)
        return changed

    def _redact(self, subject: Subject, *, at: datetime) -> None:
        """Take the values that name them out of the histories of these rows, and of rows that are gone."""
        of_model = Change.objects.of(self.model)
        there = self.model._base_manager.filter(pk=OuterRef("row"))
        if self.near and subject.places:
            ours = there.filter(**{f"{self.near}__in": subject.places})
            of_model = of_model.filter(Exists(ours) | ~Exists(there))
        for part in in_parts(of_model):
            for change in part.filter(subject.looked_for("changes")).order_by("pk"):
                Change.objects.filter(pk=change.pk).redact(*subject.fields_in(change.changes), at=at)

    def _parts(self, subject: Subject) -> Iterator[Any]:
        """The rows to look through: those of the places, by their index, or all of them, so many keys at a time."""
        rows = self.model._base_manager.annotate(
            **{f"as_text_{column}": Cast(column, models.TextField()) for column in self.columns}
        )
        if self.near and subject.places:
            yield rows.filter(**{f"{self.near}__in": subject.places})
            return
        yield from in_parts(rows)

    def _may_name(self, subject: Subject) -> Q:
        found = Q(pk__in=())
        for column in self.columns:
            found |= subject.looked_for(f"as_text_{column}")
        return found

    def _clean(self, keys: list[int], subject: Subject, *, at: datetime) -> int:
        """Write past the verbs of the rows, whose histories would keep what goes: they tell that it went, not what."""
        rows = self.model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        found = [(row, self._rid(row, subject, at=at)) for row in rows]
        changed = [row for row, names in found if names]
        names = [*self.columns, *(STAMPS if issubclass(self.model, Stamped) else ())]
        self.model._base_manager.bulk_update(changed, names, batch_size=BATCH)
        tell_erased(((row, names) for row, names in found if names), at=at)
        return len(changed)

    def _rid(self, row: Any, subject: Subject, *, at: datetime) -> list[str]:
        """Take the words out of one row, and name the columns that had any."""
        before = {column: getattr(row, column) for column in self.columns}
        after = {
            column: subject.without(value, most=self.model._meta.get_field(column).max_length)  # type: ignore[union-attr] # a column
            for column, value in before.items()
        }
        changed = [column for column in self.columns if after[column] != before[column]]
        for column in changed:
            setattr(row, column, after[column])
        if changed and isinstance(row, Stamped):
            row.version, row.updated_at = row.version + 1, at
        return changed


def in_parts(rows: Any) -> Iterator[Any]:
    """The rows by their keys, so many at a time, however far apart the keys are."""
    last = 0
    while keys := list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        yield rows.filter(pk__gt=last, pk__lte=keys[-1])
        last = keys[-1]


def tell_erased(rows: Iterable[tuple[Any, Iterable[str]]], *, at: datetime) -> None:
    """Write down that these fields of these rows were erased, where rows have a history; never what they said."""
    Change.objects.write(
        Change.noted(type(row), row.pk, Action.CHANGED, dict.fromkeys(names, GONE), version=row.version, at=at)
        for row, names in rows
        if isinstance(row, Audited)
    )


Tell = Callable[[Subject], list[dict[str, Any]]]
Erase = Callable[[Subject, datetime], int]


@dataclass(frozen=True)
class Holding:
    """What is about people of one kind: how it is told them, and how it is erased; either may be missing."""

    kind: str
    name: str
    tell: Tell | None = None
    erase: Erase | None = None


_texts: list[Texts] = []
_holdings: list[Holding] = []


def declare(*traces: Texts | Holding) -> None:
    """Say what an app holds about people; what is erased, is erased in this order, texts last."""
    for trace in traces:
        known: list[Any] = _texts if isinstance(trace, Texts) else _holdings
        if trace not in known:
            known.append(trace)


def told(subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Everything about a person, by what holds it."""
    return {one.name: one.tell(subject) for one in _holdings if one.kind == subject.kind and one.tell}


def holdings(kind: str) -> Iterator[tuple[str, Erase]]:
    """What is to be erased of a person of this kind, each part by its name."""
    for holding in _holdings:
        if holding.kind == kind and holding.erase:
            yield holding.name, holding.erase
    for texts in _texts:
        yield texts.name, texts.erase


def columns() -> dict[str, frozenset[str]]:
    """Which columns of which models are looked through."""
    found: dict[str, frozenset[str]] = {}
    for texts in _texts:
        found[texts.name] = found.get(texts.name, frozenset()) | frozenset(texts.columns)
    return found
