"""What is done by itself about restaurants."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from common.api.transactions import in_transaction
from kams.models import User
from leads.models import Collaboration, Cover


def tell_of_covers(at: datetime) -> int:
    """Tell both people of each cover that has begun or ended since. The rights need no job: they go by the clock."""
    keys = list(Cover.objects.to_tell_of(at=at).order_by("pk").values_list("pk", flat=True))
    return sum(in_transaction(partial(_tell_of, key, at=at)) for key in keys)


def _tell_of(key: int, *, at: datetime) -> bool:
    """Whether there was still something to tell: another run may have been quicker."""
    cover: Cover | None = Cover.objects.to_tell_of(at=at).locked().filter(pk=key).first()
    if cover is not None:
        cover.tell_of(at=at)
    return cover is not None


def end_sharing(*, person: User, by: User, at: datetime, **_: object) -> None:
    """Whoever takes over: who leaves shares nothing, covers for nobody and is covered by nobody from now on."""
    Collaboration.objects.end_of(person, by=by, at=at)
    Cover.objects.end_of(person, by=by, at=at)
