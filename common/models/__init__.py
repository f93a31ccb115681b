"""What the kernel keeps, and what every kept row has."""

from common.models.audited import Audited, tell_history
from common.models.change import Change, ChangeSet, Told
from common.models.hours import HoursField
from common.models.idempotency import IdempotencyRecord
from common.models.job_run import JobRun
from common.models.prepared import Prepared, fetched
from common.models.rows import (
    MAX_ID,
    Archivable,
    JoinedIds,
    JoinedTexts,
    RowSet,
    Stamped,
    in_batches,
    search,
    search_column,
)
from common.models.seal import Seal

__all__ = [
    "MAX_ID",
    "Archivable",
    "Audited",
    "Change",
    "ChangeSet",
    "HoursField",
    "IdempotencyRecord",
    "JobRun",
    "JoinedIds",
    "JoinedTexts",
    "Prepared",
    "RowSet",
    "Seal",
    "Stamped",
    "Told",
    "fetched",
    "in_batches",
    "search",
    "search_column",
    "tell_history",
]
