"""What the kernel keeps, and what every kept row has."""

from common.models.audited import Audited, tell_history
from common.models.change import Change, ChangeSet, Told
from common.models.hours import HoursField
from common.models.idempotency import IdempotencyRecord
from common.models.job_run import JobRun
from common.models.prepared import Keys, Lacks, Prepared, Unpreparable
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
from common.models.statement import Between, fetched

__all__ = [
    "MAX_ID",
    "Archivable",
    "Audited",
    "Between",
    "Change",
    "ChangeSet",
    "HoursField",
    "IdempotencyRecord",
    "JobRun",
    "JoinedIds",
    "JoinedTexts",
    "Keys",
    "Lacks",
    "Prepared",
    "RowSet",
    "Seal",
    "Stamped",
    "Told",
    "Unpreparable",
    "fetched",
    "in_batches",
    "search",
    "search_column",
    "tell_history",
]
