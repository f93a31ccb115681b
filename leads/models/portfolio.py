"""What a person sees, and what they work on beside what is allocated to them: conditions on a restaurant.

`seen_by` and `lent_to` ask within the statement that they are part of; `portfolio_of` asks first, and names what it
found by keys. `owner` and `key` are where a row has what the restaurant has as `assigned_to` and `pk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, Value

from common.models import Prepared
from kams.models import User


def seen_by(user: User, *, owner: str = "assigned_to", key: str = "pk") -> Q:
    """The condition that this person sees a restaurant, or may look at it in the archive."""
    if user.sees_everything:
        return Q()
    return user.reach(owner) | Q(**{f"{owner}__isnull": True}) | lent_to(user, owner=owner, key=key)


def lent_to(user: User, *, owner: str = "assigned_to", key: str = "pk") -> Q:
    """The condition that a restaurant is shared with this person, or is somebody's whom they cover."""
    shared = Q(**{f"{key}__in": user.collaborations.running().values("restaurant")})
    return shared | Q(**{f"{owner}__in": user.covers.running(at=user.asks_at).values("absent")})


class Portfolio(NamedTuple):
    """What somebody works on: all that these owners have, and these restaurants beside."""

    owners: Sequence[int]
    shared: Sequence[int]

    @property
    def is_one_range(self) -> bool:
        return len(self.owners) == 1 and not self.shared

    def condition(self, *, owner: str = "assigned_to", key: str = "pk") -> Q:
        """The condition that a restaurant is part of it: one range of an index, where nothing is shared or covered."""
        theirs = Q(**{f"{owner}__in": self.owners}) if len(self.owners) > 1 else Q(**{owner: self.owners[0]})
        return theirs | Q(**{f"{key}__in": self.shared}) if self.shared else theirs


def portfolio_of(user: User) -> Portfolio:
    """What is theirs to work on: their own, what those have whom they cover, and what is shared with them.

    It is what a KAM's list holds.
    """
    found = _lent(person=user.pk, at=user.asks_at)
    owners = sorted({user.pk, *(key for key, is_owner in found if is_owner)})
    return Portfolio(owners, sorted({key for key, is_owner in found if not is_owner}))


@Prepared
def _lent(*, person: int, at: datetime) -> Any:
    """The keys of whom they cover, with 1 beside them, and of what is shared with them, with 0."""
    user = User(pk=person)
    covered = user.covers.running(at=at).order_by().values_list("absent", Value(1))
    return covered.union(user.collaborations.running().order_by().values_list("restaurant", Value(0)), all=True)
