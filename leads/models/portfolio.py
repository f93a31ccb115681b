"""What a person works on beside what is allocated to them: conditions that a restaurant is shared or covered.

`lent_to` asks within the statement that it is part of; `portfolio_of` asks first, and names what it found by keys.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, Value

from common.models import Prepared
from kams.models import User


def lent_to(user: User) -> Q:
    """The condition that a restaurant is shared with this person, or is somebody's whom they cover."""
    shared = Q(pk__in=user.collaborations.running().values("restaurant"))
    return shared | Q(assigned_to__in=user.covers.running(at=user.asks_at).values("absent"))


def portfolio_of(user: User) -> Q:
    """The condition that a restaurant is theirs to work on: their own, of somebody they cover, or shared with them.

    It is what a KAM's list holds.
    """
    found = _lent(person=user.pk, at=user.asks_at)
    owners = sorted({user.pk, *(key for key, is_owner in found if is_owner)})
    theirs = Q(assigned_to__in=owners) if len(owners) > 1 else Q(assigned_to=user.pk)
    keys = sorted({key for key, is_owner in found if not is_owner})
    return theirs | Q(pk__in=keys) if keys else theirs


@Prepared
def _lent(*, person: int, at: datetime) -> Any:
    """The keys of whom they cover, with 1 beside them, and of what is shared with them, with 0."""
    user = User(pk=person)
    covered = user.covers.running(at=at).order_by().values_list("absent", Value(1))
    return covered.union(user.collaborations.running().order_by().values_list("restaurant", Value(0)), all=True)
