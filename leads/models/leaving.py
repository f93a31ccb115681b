"""What becomes of the restaurants of somebody who leaves."""

from __future__ import annotations

from datetime import datetime

from kams.models import NeedsSuccessor, Team, User
from leads.messages import PERSON_LEFT
from leads.models.restaurant import Restaurant
from notifications.models import Message


def hand_on(*, person: User, successor: User | None, to_pool: bool, by: User, at: datetime) -> None:
    """Give what the person looked after to the successor or to the pool, and tell their manager.

    Raises `NeedsSuccessor` where there is something to give and nobody said to whom. What is archived stays as it
    is: `Restaurant.restore` decides about it when it comes back.
    """
    rows = Restaurant.objects.looked_after_by(person)
    if successor is None and not to_pool:
        _check_that_there_are_none(person, count=rows.count())
        return
    moved = rows.allocate(to=successor, by=by, at=at, reason=f"{person} left.", field="successor").moved
    manager = Team.objects.manager_above(person)
    if moved and manager is not None and manager.pk != by.pk:
        facts = {
            "left": str(person),
            "by": str(by),
            "to": str(successor) if successor else None,
            "count": len(moved),
            "at": at.isoformat(),
        }
        Message.objects.tell(PERSON_LEFT, [manager], key=f"person:{person.pk}:{person.version}", at=at, facts=facts)


def _check_that_there_are_none(person: User, *, count: int) -> None:
    if not count:
        return
    things = "one restaurant" if count == 1 else f"{count} restaurants"
    if person.is_active:
        raise NeedsSuccessor(
            f"{person} looks after {things}, and an analyst cannot. Allocate them to somebody else, or to the pool, "
            "first.",
            errors={"role": "Not while this person looks after restaurants."},
        )
    raise NeedsSuccessor(
        f"{person} looks after {things}. Say what becomes of them: use the action `deactivate` with a `successor`, "
        "or with `to_pool`.",
        errors={"successor": "Name who takes over, or send `to_pool` as true."},
    )
