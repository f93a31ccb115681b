"""Who looks after restaurants from now on: one verb for one and for a thousand, whichever door it comes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.errors import InvalidInput, NotAllowed, RuleBroken
from kams.models import User
from leads.messages import RESTAURANT_ALLOCATED, RESTAURANT_TAKEN_AWAY
from notifications.kinds import Facts, Kind
from notifications.models import Message

if TYPE_CHECKING:
    from leads.models.restaurant import Restaurant

# So many rows go into one statement, and so many names into one message.
BATCH = 500
MOST_NAMED = 50
# So many change hands in one transaction; ids are listed up to the second figure.
MOST_AT_ONCE = 10_000
MOST_IDS = 1_000


class TakenAlready(RuleBroken):
    """Somebody else was faster."""

    code = "taken_already"


class TooMany(RuleBroken):
    """One transaction does not hold everybody else up for minutes."""

    code = "too_many"


@dataclass(frozen=True)
class HandOver:
    """What changes hands: of these restaurants, in the order of their keys, those that move, and who had them."""

    to: User | None
    by: User
    rows: Sequence[Restaurant]
    moved: Sequence[Restaurant]
    owners: Mapping[int, User]
    # The restaurants that each loses, and under None those that come out of the pool.
    losses: Mapping[int | None, Sequence[Restaurant]]
    # Where a refusal of the new owner is named.
    field: str
    # Whether it is just being entered, and was nobody's before.
    entered: bool = False

    @classmethod
    def of(cls, rows: Sequence[Restaurant], *, to: User | None, by: User, field: str = "to") -> HandOver:
        """What giving these to somebody, or to the pool (None), would move. One statement, and nothing is changed.

        Raises `NotAllowed` where `by` may not, `InvalidInput` where `to` cannot.
        """
        moved = [row for row in rows if row.assigned_to_id != (to.pk if to else None)]
        losses: dict[int | None, list[Restaurant]] = {}
        for row in moved:
            losses.setdefault(row.assigned_to_id, []).append(row)
        owners = User.objects.in_bulk([key for key in losses if key is not None])
        hand_over = cls(to, by, rows, moved, owners, losses, field)
        if moved:
            hand_over._check()
        return hand_over

    @classmethod
    def entering(cls, row: Restaurant, *, by: User) -> HandOver:
        """A restaurant that is being entered, with who will have it."""
        hand_over = cls(row.assigned_to, by, [row], [row], {}, {None: [row]}, "assigned_to", entered=True)
        hand_over._check()
        return hand_over

    # --- rules --------------------------------------------------------------------------------
    def _check(self) -> None:
        if self.to is not None and self.to.pk != self.by.pk and not self.by.may_allocate:
            raise NotAllowed(
                "Only managers and admins allocate to somebody else.",
                errors={self.field: "Use your own id, or leave it out."},
            )
        # Who works on it for somebody, as collaborator or by cover, does not decide whose it is.
        if not all(owner.pk == self.by.pk or self.by.looks_after(owner) for owner in self.owners.values()):
            raise NotAllowed(
                "Only who has the restaurant, their manager and admins hand it on.",
                errors={self.field: "Leave it out, or ask who has the restaurant."},
            )
        self._check_owner(self.to)

    def _check_owner(self, to: User | None) -> None:
        if to is not None and not to.can_be_allocated:
            raise InvalidInput(
                "Restaurants are allocated to active people who may work on them.",
                errors={self.field: "This person is inactive or an analyst. Choose somebody else."},
            )

    # --- the change ---------------------------------------------------------------------------
    def write(self, *, at: datetime, reason: str) -> None:
        """End and begin the spells of their histories, and tell whom it concerns; the rows only have `to` set.

        The caller holds the rows' locks, and keeps the rows.
        """
        if not self.moved:
            return
        if self.to is not None:
            # Held, so that nobody is given a restaurant while they leave.
            self._check_owner(User.objects.locked().filter(pk=self.to.pk).first())
        spells: Any = self.moved[0].allocations.model._default_manager  # importing it would go round in a circle
        for batch in batches(self.moved):
            if self.owners:
                spells.running().filter(restaurant__in=[row.pk for row in batch]).update(ended_at=at)
            if self.to is not None:
                spells.bulk_create(
                    spells.model(restaurant=row, kam=self.to, started_at=at, allocated_by=self.by, reason=reason)
                    for row in batch
                )
        for kind, person, rows in self.told():
            self._tell(kind, person, rows, at=at, reason=reason)
        for row in self.moved:
            row.assigned_to = self.to

    # --- messages -----------------------------------------------------------------------------
    def told(self) -> Iterator[tuple[Kind, User, Sequence[Restaurant]]]:
        """Who has to hear of which restaurants: who gets them and who loses them, and not who did it."""
        if self.moved and self.to is not None and self.to.pk != self.by.pk:
            yield RESTAURANT_ALLOCATED, self.to, self.moved
        for key, owner in sorted(self.owners.items()):
            if key != self.by.pk and owner.is_active:
                yield RESTAURANT_TAKEN_AWAY, owner, self.losses[key]

    def summary(self) -> dict[str, Any]:
        """What moves, in figures and a few names, and who is told."""
        told = [
            {"kam": person.pk, "username": person.username, "kind": kind.code, "restaurants": len(rows)}
            for kind, person, rows in self.told()
        ]
        losers = sorted(self.losses.items(), key=lambda loss: (-len(loss[1]), loss[0] or 0))
        return {
            "allocated": len(self.moved),
            "unchanged": len(self.rows) - len(self.moved),
            "owners": [
                {"kam": key, "username": self.owners[key].username if key else None, "restaurants": len(rows)}
                for key, rows in losers
            ],
            "restaurants": [{"id": row.pk, "name": row.name} for row in self.moved[:MOST_NAMED]],
            "told": told,
        }

    def _tell(self, kind: Kind, person: User, rows: Sequence[Restaurant], *, at: datetime, reason: str) -> None:
        first = rows[0]
        facts: Facts = {
            "reader": person.pk,
            "by": str(self.by),
            "to": str(self.to) if self.to else None,
            "at": at.isoformat(),
            "reason": reason,
            "count": len(rows),
            "restaurants": [{"id": row.pk, "name": row.name, "city": row.city} for row in rows[:MOST_NAMED]],
            "more": max(0, len(rows) - MOST_NAMED),
        }
        # A version of a restaurant changes hands once, so that this names the one event.
        event = "entered" if self.entered else str(first.version)
        about = first.pk if len(rows) == 1 else None
        Message.objects.tell(kind, [person], key=f"restaurant:{first.pk}:{event}", at=at, facts=facts, restaurant=about)


def batches(rows: Sequence[Restaurant]) -> Iterator[Sequence[Restaurant]]:
    """The rows in parts that fit into one statement."""
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def check_all_are_there(rows: Sequence[Restaurant], ids: Sequence[int] | None) -> None:
    """Refuse where one of the ids was not found, naming its place, or where it would be too many at once."""
    if len(rows) > MOST_AT_ONCE:
        raise TooMany(f"These are more than {MOST_AT_ONCE:,} restaurants. Allocate a part of them at a time.")
    found = {row.pk for row in rows}
    missing = [(place, key) for place, key in enumerate(ids or ()) if key not in found]
    if missing:
        raise InvalidInput(
            "Not all of these restaurants are there. Nothing was changed.",
            errors={f"ids.{place}": f"There is no row with the id {key}." for place, key in missing[:MOST_NAMED]},
        )
