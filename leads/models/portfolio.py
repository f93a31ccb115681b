"""What a person sees, and what they work on beside what is allocated to them: conditions on a restaurant.

`seen_by` and `lent_to` ask within the statement that they are part of; `portfolio_of` names what is lent by keys, which
came with the caller. `owner` and `key` are where a row has what the restaurant has as `assigned_to` and `pk`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Q

from common.models import JoinedIds
from kams.models import User
from kams.models.known_keys import said_with_caller


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

    def ranges(self, *, owner: str = "assigned_to", key: str = "pk") -> list[Q]:
        """The same condition in parts: each is one range of an index, and no two have a restaurant in common."""
        ranges = [Q(**{owner: person}) for person in self.owners]
        if self.shared:
            ranges.append(Q(**{f"{key}__in": self.shared}) & ~Q(**{f"{owner}__in": self.owners}))
        return ranges


def portfolio_of(user: User) -> Portfolio:
    """What is theirs to work on: their own, what those have whom they cover, and what is shared with them.

    It is what a KAM's list holds.
    """
    return Portfolio((user.pk, *user.known_keys["covered"]), user.known_keys["shared"])


@said_with_caller("covered", "shared")
def _lent(user: User, at: datetime) -> dict[str, JoinedIds]:
    """The keys of whom they cover, and of what is shared with them."""
    return {
        "covered": JoinedIds(user.covers.running(at=at), "absent"),
        "shared": JoinedIds(user.collaborations.running(), "restaurant"),
    }
