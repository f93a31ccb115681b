"""What is kept about a person, wherever it is: shown to them, or taken away for good.

Each app declares in `traces.py` what it holds about people: `Texts` that may name somebody, and `Holding`s that are
about one person. All of them are loaded at the start, so whoever is erased is erased everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Cast

from common.api.transactions import in_transaction
from common.choices import Action
from common.models import Audited, Change, Stamped, in_batches

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
        return [name for name, values in json.loads(changes).items() if self.without(values) != values]

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
        for rows in self._near(subject):
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
        for part in _parts(of_model):
            for change in part.filter(subject.looked_for("changes")).order_by("pk"):
                Change.objects.filter(pk=change.pk).redact(*subject.fields_in(change.changes), at=at)

    def _near(self, subject: Subject) -> Iterator[Any]:
        """The rows to look through: those of the places, by their index, or all of them, so many keys at a time."""
        rows = self.model._base_manager.annotate(
            **{f"as_text_{column}": Cast(column, models.TextField()) for column in self.columns}
        )
        if self.near and subject.places:
            yield rows.filter(**{f"{self.near}__in": subject.places})
            return
        yield from _parts(rows)

    def _may_name(self, subject: Subject) -> Q:
        found = Q(pk__in=())
        for column in self.columns:
            found |= subject.looked_for(f"as_text_{column}")
        return found

    def _clean(self, keys: list[int], subject: Subject, *, at: datetime) -> int:
        rows = self.model._base_manager.select_for_update().filter(pk__in=keys).order_by("pk")
        return write_erased([(row, self._rest(row, subject)) for row in rows], at=at)

    def _rest(self, row: Any, subject: Subject) -> dict[str, Any]:
        """What is left of the columns that name the person."""
        before = {column: getattr(row, column) for column in self.columns}
        after = {
            column: subject.without(value, most=self.model._meta.get_field(column).max_length)  # type: ignore[union-attr] # a column
            for column, value in before.items()
        }
        return {column: value for column, value in after.items() if value != before[column]}


def _parts(rows: Any) -> Iterator[Any]:
    """The rows, no more of them at a time than a statement looks through."""
    for keys in in_batches(rows.values_list("pk", flat=True), size=AT_ONCE):
        yield rows.filter(pk__gte=keys[0], pk__lte=keys[-1])


def write_erased(found: Iterable[tuple[Any, Mapping[str, Any]]], *, at: datetime) -> int:
    """Write what is left of locked rows of one kind; how many had anything to lose.

    Past the verbs of the rows, whose histories would keep what goes: they tell that these fields were erased, where
    rows have a history, and never what they said.
    """
    changed = [(row, rest) for row, rest in found if rest]
    for row, rest in changed:
        for column, value in rest.items():
            setattr(row, column, value)
        if isinstance(row, Stamped):
            row.version, row.updated_at = row.version + 1, at
    if changed:
        model = type(changed[0][0])
        columns = {column for _, rest in changed for column in rest}
        stamps = STAMPS if issubclass(model, Stamped) else ()
        model._base_manager.bulk_update([row for row, _ in changed], [*columns, *stamps], batch_size=BATCH)
    Change.objects.write(
        Change.noted(type(row), row.pk, Action.CHANGED, dict.fromkeys(rest, GONE), version=row.version, at=at)
        for row, rest in changed
        if isinstance(row, Audited)
    )
    return len(changed)


Tell = Callable[[Subject], list[dict[str, Any]]]
Erase = Callable[[Subject, datetime], int]


@dataclass(frozen=True)
class Holding:
    """What is about people of one kind: how it is told them, and how it is erased; either may be missing."""

    kind: str
    name: str
    tell: Tell | None = None
    erase: Erase | None = None


def erase_history(model: type[Audited], fields: Iterable[str]) -> Erase:
    """What takes away what the person's own row said of them in these fields, from the first."""

    def erase(subject: Subject, at: datetime) -> int:
        return int(Change.objects.of(model).filter(row=subject.pk).redact(*fields, at=at))

    return erase


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
