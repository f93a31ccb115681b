"""Retention: old interactions of restaurants that are long INACTIVE go from the database into archive files.

A batch is in its file before it is removed, and what is removed is exactly what is in the file: under the locks each
row is looked at again, and one that has changed meanwhile stays. Who is killed in between leaves a file that holds too
much, never a row that is nowhere; done again, the same rows make the same file, and restoring skips what is there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from common.api.transactions import in_transaction
from common.choices import Action
from common.models import Change, in_batches
from interaction_tracking import archive
from interaction_tracking.archive import Record
from interaction_tracking.events import facts_changed
from interaction_tracking.models import Interaction
from leads.models import Restaurant

BATCH = 500  # rows of one file, and of one transaction
RESTAURANTS = 100  # looked at together

FIELDS = {field.attname: field for field in Interaction._meta.concrete_fields if not field.generated}
Attendance: Any = Interaction.participants.through


class NotRestored(Exception):
    """What the rows belong to is not there any more."""


@dataclass(frozen=True)
class Batch:
    """What was removed, and where it is kept."""

    file: Path
    rows: int


@dataclass(frozen=True)
class Restored:
    rows: int
    already_there: int


def oldest_kept(*, at: datetime) -> datetime | None:
    """What is older than this goes; None where everything is kept."""
    return at - timedelta(days=settings.RETENTION_DAYS) if settings.RETENTION_DAYS > 0 else None


def count(*, at: datetime) -> int:
    """How many rows a clean-up at this moment would remove."""
    before = oldest_kept(at=at)
    return 0 if before is None else sum(_of(keys, before=before).count() for keys in _restaurants(before))


def clean_up(*, at: datetime, size: int = BATCH) -> Iterator[Batch]:
    """Archive and remove, batch by batch. It may be stopped between any two, run again, and run twice at once."""
    before = oldest_kept(at=at)
    if before is None:
        return
    for keys in _restaurants(before):
        for rows in in_batches(_of(keys, before=before), size=size):
            if records := _records(rows):
                name = f"interactions-{rows[0].pk}-{rows[-1].pk}"
                file = archive.write(Path(settings.RETENTION_FOLDER), name, records)
                versions = {record["id"]: record["version"] for record in records}
                yield Batch(file, _remove(keys, versions, before=before, at=at))


def restore(file: Path, *, at: datetime) -> Restored:
    """Bring the rows of a file back as they were; those that are there stay as they are. All or none."""
    records = archive.read(file)
    return in_transaction(lambda: _bring_back(records, at=at))


# --- out --------------------------------------------------------------------------------------------
def _restaurants(before: datetime) -> Iterator[list[int]]:
    inactive = Restaurant.objects.inactive_since_before(before).order_by("pk")
    keys = list(inactive.values_list("pk", flat=True))
    for start in range(0, len(keys), RESTAURANTS):
        yield keys[start : start + RESTAURANTS]


def _of(restaurants: Iterable[int], *, before: datetime) -> Any:
    return Interaction.objects.past(before=before).filter(lead__in=restaurants)


def _records(rows: Iterable[Interaction]) -> list[Record]:
    """The rows as JSON, without those that are others by the time it is known who took part.

    Where that changes, so does the version of the row; and another clean-up removes both together.
    """
    records = [{name: _written(field, row) for name, field in FIELDS.items()} for row in rows]
    people: dict[int, list[int]] = {record["id"]: [] for record in records}
    attended = Attendance.objects.filter(interaction__in=people).order_by("pk")
    for interaction, contact in attended.values_list("interaction_id", "contact_id"):
        people[interaction].append(contact)
    still = dict(Interaction.objects.filter(pk__in=people).values_list("pk", "version"))
    unchanged = [record for record in records if still.get(record["id"]) == record["version"]]
    return [{**record, "participants": people[record["id"]]} for record in unchanged]


def _written(field: models.Field[Any, Any], row: Interaction) -> Any:
    value = getattr(row, field.attname)
    return value if value is None or isinstance(value, str | int) else field.value_to_string(row)


def _remove(restaurants: Iterable[int], versions: dict[int, int], *, before: datetime, at: datetime) -> int:
    def work() -> int:
        list(Restaurant.objects.locked().filter(pk__in=restaurants).order_by("pk").only("pk"))
        still = Restaurant.objects.inactive_since_before(before).filter(pk__in=restaurants).values_list("pk", flat=True)
        rows = _of(list(still), before=before).filter(pk__in=versions).order_by("pk").locked()
        unchanged = [row for row in rows if row.version == versions[row.pk]]
        Interaction.objects.filter(pk__in=[row.pk for row in unchanged]).delete()
        _write_down(unchanged, Action.REMOVED, at=at)
        _tell(unchanged)
        return len(unchanged)

    return in_transaction(work)


# --- and back ---------------------------------------------------------------------------------------
def _bring_back(records: list[Record], *, at: datetime) -> Restored:
    leads = {record["lead_id"] for record in records}
    list(Restaurant.objects.locked().filter(pk__in=leads).order_by("pk").only("pk"))
    there = set(Interaction.objects.filter(pk__in=[record["id"] for record in records]).values_list("pk", flat=True))
    missing = [record for record in records if record["id"] not in there]
    _check_ties(missing)
    rows = Interaction.objects.bulk_create(_read(record) for record in missing)
    _write_down(rows, Action.RESTORED, at=at)
    Attendance.objects.bulk_create(
        Attendance(interaction_id=record["id"], contact_id=contact)
        for record in missing
        for contact in record["participants"]
    )
    _tell(rows)
    return Restored(rows=len(missing), already_there=len(there))


def _write_down(rows: Iterable[Interaction], action: Action, *, at: datetime) -> None:
    """What the history knows of them stays, and that they left, and came back."""
    Change.objects.write(Change.noted(Interaction, row.pk, action, {}, version=row.version, at=at) for row in rows)


def _tell(rows: Iterable[Interaction]) -> None:
    """Figures rest on what is there: they follow what leaves, and what comes back."""
    dates: dict[int, set[datetime]] = defaultdict(set)
    for row in rows:
        if row.counted is not None:
            dates[row.lead_id].add(row.date)
    for restaurant in sorted(dates):
        facts_changed.happened(restaurant=restaurant, dates=dates[restaurant])


def _read(record: Record) -> Interaction:
    values = {name: FIELDS[name].to_python(value) for name, value in record.items() if name in FIELDS}
    return Interaction(**values)


def _check_ties(records: list[Record]) -> None:
    """Refuse before the database does, and by name."""
    ties: list[tuple[Any, set[int]]] = [
        (field.related_model, {record[name] for record in records if record.get(name) is not None})
        for name, field in FIELDS.items()
        if field.is_relation
    ]
    ties.append((Attendance.contact.field.related_model, {key for one in records for key in one["participants"]}))
    for model, wanted in ties:
        gone = wanted - set(model._base_manager.filter(pk__in=wanted).values_list("pk", flat=True))
        if gone:
            name = model._meta.verbose_name
            raise NotRestored(f"Nothing was restored: {name} {min(gone)} is not there any more.")
