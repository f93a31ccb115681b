"""What a person works on beside what is allocated to them: conditions that a restaurant is shared or covered.

`lent_to` asks within the statement that it is part of; `portfolio_of` asks first, and names what it found by keys. Rows
that have the key of their restaurant and keep whose it is ask in the same way, and name their column: `owner`.
"""

from __future__ import annotations

from django.db.models import Q, Value

from kams.models import User


def seen_by(user: User, owner: str = "assigned_to") -> Q:
    """The condition that this person sees a restaurant that is not archived, or may look at it in the archive."""
    if user.sees_everything:
        return Q()
    return user.reach(owner) | Q(**{f"{owner}__isnull": True}) | lent_to(user, owner)


def lent_to(user: User, owner: str = "assigned_to") -> Q:
    """The condition that a restaurant is shared with this person, or is somebody's whom they cover."""
    shared = Q(pk__in=user.collaborations.running().values("restaurant"))
    return shared | Q(**{f"{owner}__in": user.covers.running(at=user.asks_at).values("absent")})


def portfolio_of(user: User, owner: str = "assigned_to") -> Q:
    """The condition that a restaurant is theirs to work on: their own, of somebody they cover, or shared with them.

    It is what a KAM's list holds.
    """
    covered = user.covers.running(at=user.asks_at).order_by().values_list("absent", Value(1))
    shared = user.collaborations.running().order_by().values_list("restaurant", Value(0))
    found = list(covered.union(shared, all=True))
    owners = sorted({user.pk, *(key for key, is_owner in found if is_owner)})
    theirs = Q(**({f"{owner}__in": owners} if len(owners) > 1 else {owner: user.pk}))
    keys = sorted({key for key, is_owner in found if not is_owner})
    return theirs | Q(pk__in=keys) if keys else theirs
