"""The audit: the history is sealed as it grows, and checked from its first row to its last.

A row bears a mark of its content, a seal the marks of its rows and of the seal before. So an edited row shows by
itself, one that was taken away or slipped in by the keys of its seal, others in another order by its content, and a
seal that was taken away by the next one. What nobody can tell from the database alone is that the newest seals are
gone together with their rows: the versions of the rows that they were about tell of most, and a head noted elsewhere
of all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Subquery

from common.models import Audited, Change, Seal, in_batches
from common.models.seal import keys_in, spans_of

BATCH = 1000  # rows of one seal

Progress = Callable[[int], object]


def seal(*, at: datetime, size: int = BATCH) -> int:
    """Seal what no seal holds yet, however late it was written; the number of rows.

    What does not bear our mark is left out, for `Audit` to find. Two at once do the work of one.
    """
    sealed = 0
    for rows in in_batches(Change.objects.unsealed(), size=size):
        members = [(row.pk, row.mark) for row in rows if row.is_genuine or row.explanation]
        try:
            sealed += _seal(members, at=at) if members else 0
        except IntegrityError:  # the other was faster, and goes on
            return sealed
    return sealed


@transaction.atomic
def _seal(members: Sequence[tuple[int, str]], *, at: datetime) -> int:
    made = Seal.objects.add(members, at=at)
    taken: int = Change.objects.unsealed().filter(pk__in=[key for key, _ in members]).update(seal=made)
    if taken != len(members):
        raise IntegrityError("Another seal holds some of these already.")
    return taken


@dataclass
class Audit:
    """What a check found. `problems` says in words what is not as it was written; nothing there is good."""

    problems: list[str] = field(default_factory=list)
    # What was taken out of rows on purpose, by whom and when.
    redactions: list[str] = field(default_factory=list)
    rows: int = 0
    unsealed: int = 0
    seals: int = 0
    # The newest seal, as `Seal.head` says it.
    head: str = ""
    _copied: set[str] = field(default_factory=set)

    def check(self, *, noted_head: str = "", progress: Progress = lambda _: None) -> None:
        """Look at everything. `noted_head` is a head that was noted elsewhere, and has to be there still."""
        before: Seal | None = None
        heads = set()
        for one in Seal.objects.order_by("number").iterator():
            self._check_place(one, before)
            self._check_rows(one, progress)
            before = one
            heads.add(one.head)
            self.seals += 1
        self.head = before.head if before else ""
        if noted_head and noted_head not in heads:
            self.problems.append(f"truncated: the seal {noted_head.partition(':')[0]} that was noted is not there.")
        self._check_orphans(before)
        self._check_unsealed(progress)
        for problem in _versions_without_history():
            self.problems.append(problem)

    # --- the parts ----------------------------------------------------------------------------
    def _check_place(self, one: Seal, before: Seal | None) -> None:
        due = before.number + 1 if before else 1
        if one.number != due:
            self.problems.append(f"deleted: the chain lacks {_several('seal', range(due, one.number))}.")
        elif not one.follows(before):
            self.problems.append(f"edited: seal {one.number} is not as it was written.")

    def _check_rows(self, one: Seal, progress: Progress) -> None:
        rows = list(Change.objects.filter(seal=one.number).order_by("pk"))
        found = [row.pk for row in rows]
        due = _keys_of(one, otherwise=found)
        missing, strange = sorted(set(due) - set(found)), sorted(set(found) - set(due))
        if missing:
            self.problems.append(f"deleted: seal {one.number} lacks {_several('row', missing)}.")
        if strange:
            self.problems.append(f"inserted: seal {one.number} never held {_several('row', strange)}.")
        edited = [row for row in rows if not self._is_explained(row)]
        for row in edited:
            self.problems.append(f"edited: row {row.pk}, {row}, in seal {one.number} does not say what was written.")
        if not (missing or strange or edited) and not one.holds([(row.pk, row.mark) for row in rows]):
            self.problems.append(f"reordered: the rows of seal {one.number} ({one.keys}) have changed places.")
        self._count(rows, progress)

    def _check_orphans(self, newest: Seal | None) -> None:
        known = Seal.objects.filter(number=OuterRef("seal_id"))
        orphans = Change.objects.filter(~Exists(known), seal__isnull=False).order_by("pk")
        if keys := list(orphans.values_list("pk", flat=True)):
            last = newest.number if newest else 0
            self.problems.append(
                f"truncated: the chain ends with seal {last}, before those of {_several('row', keys)}."
            )

    def _check_unsealed(self, progress: Progress) -> None:
        for rows in in_batches(Change.objects.unsealed(), size=BATCH):
            for row in rows:
                if not self._is_explained(row):
                    self.problems.append(f"inserted: row {row.pk}, {row}, was not written by us, or edited since.")
            self.unsealed += len(rows)
            self._count(rows, progress)

    def _count(self, rows: Sequence[Change], progress: Progress) -> None:
        self._check_copies(rows)
        self.rows += len(rows)
        progress(len(rows))

    def _check_copies(self, rows: Sequence[Change]) -> None:
        """A content comes once; who copies a row copies its mark, and the row that it is about."""
        marks = {row.mark for row in rows} - self._copied
        about = Change.objects.filter(model__in={row.model for row in rows}, row__in={row.row for row in rows})
        times = about.filter(mark__in=marks).order_by().values("mark").annotate(times=Count("pk"))
        for mark in times.filter(times__gt=1).values_list("mark", flat=True):
            keys = about.filter(mark=mark).order_by("pk").values_list("pk", flat=True)
            self.problems.append(f"inserted: of {_several('row', keys)} all but one are copies.")
            self._copied.add(mark)

    def _is_explained(self, row: Change) -> bool:
        """Whether it says what it was written to say, or what a redaction left of that."""
        if row.is_genuine:
            return True
        redaction = row.explanation
        if redaction is not None:
            self.redactions.append(f"row {row.pk}, {row}, on {redaction.at:%Y-%m-%d %H:%M} by row {redaction.pk}")
        return redaction is not None


def _versions_without_history() -> Iterator[str]:
    """Rows whose history ends before they do, or goes on after; what has no history at all is older than that."""
    for model in audited_models():
        newest = Change.objects.of(model).filter(row=OuterRef("pk")).order_by("-pk").values("version")[:1]
        rows: Any = model._base_manager.annotate(told=Subquery(newest))
        for keys in in_batches(model._base_manager.values_list("pk", flat=True), size=BATCH):
            other = rows.filter(pk__gte=keys[0], pk__lte=keys[-1], told__isnull=False).exclude(version=F("told"))
            for key, version, told in other.order_by("pk").values_list("pk", "version", "told"):
                name = model._meta.label_lower
                yield f"truncated: {name} {key} has version {version}, and its history ends with {told}."


def audited_models() -> list[type[Audited]]:
    """Whose rows have a history; proxies write that of their model."""
    return [model for model in apps.get_models() if issubclass(model, Audited) and not model._meta.proxy]


def _keys_of(seal: Seal, *, otherwise: list[int]) -> list[int]:
    """The keys that it names, and no more than it says; of one that was edited they may be nonsense."""
    try:
        return list(islice(keys_in(seal.keys), seal.rows))
    except ValueError:
        return otherwise


def _several(what: str, keys: Iterable[int]) -> str:
    spans = spans_of(keys)
    return f"{what} {spans}" if spans.isdecimal() else f"{what}s {spans}"
