"""What interactions say about people, in the database and in the archive files."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from common.api.transactions import in_transaction
from common.models import Change
from common.traces import ERASED, Holding, Subject, Texts, declare, write_erased
from interaction_tracking import archive
from interaction_tracking.archive import Record
from interaction_tracking.models import Interaction, Order
from kams.choices import SubjectKind

HELD = ("id", "lead", "date", "interaction_type", "status", "details", "outcome", "order_placed", "duration_seconds")
SAID = ("details", "outcome")
# A clean-up that is alive finishes its file long before that.
A_DRAFT_IS_LEFT = timedelta(hours=1)


def _with(subject: Subject) -> list[Record]:
    """What they took part in."""
    rows = Interaction.objects.filter(Q(contact=subject.pk) | Q(participants=subject.pk)).distinct()
    return list(rows.order_by("pk").values(*HELD))


def _by(subject: Subject) -> list[Record]:
    """What they recorded: when and of which kind; what was said is about others."""
    rows = Interaction.objects.filter(kam=subject.pk).order_by("pk")
    return list(rows.values("id", "lead", "date", "interaction_type", "status"))


def _forget_what_was_said(subject: Subject, at: datetime) -> int:
    """What was talked of with them goes whole: it may be about them without naming them. Orders and dates stay."""
    return in_transaction(partial(_forget_talks, subject, at))


def _forget_talks(subject: Subject, at: datetime) -> int:
    rows = list(Interaction.objects.filter(contact=subject.pk).exclude(details=ERASED).locked().order_by("pk"))
    write_erased([(row, {"details": ERASED}) for row in rows], at=at)
    Change.objects.of(Interaction).filter(row__in=[row.pk for row in rows]).redact(*SAID, at=at)
    return len(rows)


def _forget_files(subject: Subject, _at: datetime) -> int:
    """Archive files are written anew where they name them; the number of records."""
    folder = Path(settings.RETENTION_FOLDER)
    if not folder.is_dir():
        return 0
    for draft in folder.glob("*.draft"):
        if time.time() - draft.stat().st_mtime > A_DRAFT_IS_LEFT.total_seconds():
            draft.unlink(missing_ok=True)
    return sum(_rewrite(path, subject) for path in sorted(folder.glob(f"*{archive.SUFFIX}")))


def _rewrite(path: Path, subject: Subject) -> int:
    records = archive.read(path)
    cleaned = list(map(partial(_rid, subject), records))
    changed = sum(before != after for before, after in zip(records, cleaned, strict=True))
    if changed:
        archive.write(path.parent, path.name.rpartition("-")[0], cleaned)
        path.unlink()
    return changed


def _rid(subject: Subject, record: Record) -> Record:
    if subject.kind == SubjectKind.CONTACT and record["contact_id"] == subject.pk:
        record = {**record, "details": ERASED}
    if subject.places and record["lead_id"] not in subject.places:
        return record
    return {**record, **{name: subject.without(record[name]) for name in SAID}}


declare(
    Holding(SubjectKind.CONTACT, "interactions", tell=_with, erase=_forget_what_was_said),
    Holding(SubjectKind.PERSON, "interactions", tell=_by),
    *(Holding(kind, "archive_files", erase=_forget_files) for kind in SubjectKind),
    Texts(Interaction, SAID, near="lead"),
    Texts(Order, ("product_details",), near="interaction__lead"),
)
