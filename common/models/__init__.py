"""What the kernel keeps, and what every kept row has."""

from common.models.hours import HoursField
from common.models.idempotency import IdempotencyRecord
from common.models.job_run import JobRun
from common.models.rows import MAX_ID, Archivable, JoinedIds, JoinedTexts, RowSet, Stamped, search, search_column

__all__ = [
    "MAX_ID",
    "Archivable",
    "HoursField",
    "IdempotencyRecord",
    "JobRun",
    "JoinedIds",
    "JoinedTexts",
    "RowSet",
    "Stamped",
    "search",
    "search_column",
]
