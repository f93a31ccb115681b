"""Collaborators: who works on a restaurant beside the one who has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When

from common.errors import AlreadyExists, InvalidInput, NotAllowed
from common.models import Archivable, Stamped
from kams.models import User, VisibleSet
from leads.messages import COLLABORATION_BEGUN, COLLABORATION_ENDED
from leads.models.below import of_visible_restaurants
from leads.models.restaurant import Restaurant
from notifications.kinds import Kind
from notifications.models import Message


class CollaborationSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.running().filter(of_visible_restaurants("restaurant", user))

    def listed_for(self, user: User) -> Self:
        return self.running().filter(restaurant__in=Restaurant.objects.listed_for(user).values("pk"))

    def running(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def add(self, *, restaurant: Restaurant, kam: User, by: User, at: datetime, reason: str = "") -> Collaboration:
        """Let somebody work on the restaurant beside who has it, and tell both. The restaurant is locked."""
        restaurant = Restaurant.objects.hold(restaurant.pk, field="restaurant")
        stamps = {"created_at": at, "updated_at": at}
        shared: Collaboration = self.model(restaurant=restaurant, kam=kam, added_by=by, reason=reason, **stamps)
        if not by.looks_after(restaurant.assigned_to):
            raise NotAllowed(
                "Only who has the restaurant, their manager and admins add collaborators.",
                errors={"restaurant": "Ask who has the restaurant."},
            )
        shared._check_kam()
        shared.save(force_insert=True)
        shared._tell(COLLABORATION_BEGUN, by=by, at=at)
        return shared

    def end_of(self, person: User, *, by: User, at: datetime) -> None:
        """End what is shared with somebody who leaves."""
        for shared in self.locked().running().filter(kam=person).order_by("pk"):
            shared._end(by=by, at=at)


class Collaboration(Stamped, Archivable):
    """Somebody sees the restaurant and works on it as its KAM does, but neither hands it on nor adds others.

    It lasts until it is ended, whoever has the restaurant meanwhile.
    """

    restaurant = models.ForeignKey(Restaurant, models.PROTECT, related_name="collaborations", db_index=False)
    kam = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="collaborations", db_index=False, verbose_name="KAM"
    )
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    # The restaurant while the collaboration runs, else null: unique with the KAM, so that each is added once.
    running_for = models.GeneratedField(
        expression=Case(When(archived_at__isnull=True, then=F("restaurant_id")), default=None),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
    )

    objects: ClassVar[Any] = CollaborationSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["running_for", "kam"], name="collaboration_runs_once"),
        ]
        indexes: ClassVar = [
            # A restaurant's collaborators in the default order.
            models.Index(fields=["restaurant", "archived_at", "id"], name="collaboration_by_restaurant"),
            # What is shared with a person: asked by every request of theirs.
            models.Index(fields=["kam", "archived_at", "id"], name="collaboration_by_kam"),
        ]

    def __str__(self) -> str:
        return f"{self.kam} at {self.restaurant}"

    def archive(self, *, by: User, at: datetime) -> None:
        """End it, and tell both: those who add may, and the collaborator may step back. The caller holds the lock."""
        if by.pk != self.kam_id and not by.looks_after(self.restaurant.assigned_to):
            raise NotAllowed("Only who has the restaurant, their manager, admins and the collaborator end this.")
        self._end(by=by, at=at)

    def _end(self, *, by: User, at: datetime) -> None:
        self.revise(by=by, at=at, archived_at=at)
        self._tell(COLLABORATION_ENDED, by=by, at=at)

    def _check_kam(self) -> None:
        if not self.kam.can_be_allocated:
            raise InvalidInput(
                "Restaurants are shared with active people who may work on them.",
                errors={"kam": "This person is inactive or an analyst. Choose somebody else."},
            )
        if self.kam_id == self.restaurant.assigned_to_id:
            raise InvalidInput(
                "This person has the restaurant already.", errors={"kam": "Choose somebody who does not have it."}
            )
        running = Collaboration.objects.running().filter(restaurant=self.restaurant_id, kam=self.kam_id)
        if first := running.values_list("pk", flat=True).first():
            raise AlreadyExists(
                f"This person collaborates already: collaboration {first}.",
                errors={"kam": f"Choose somebody else, or leave collaboration {first} as it is."},
            )

    def _tell(self, kind: Kind, *, by: User, at: datetime) -> None:
        both = [person for person in (self.kam, self.restaurant.assigned_to) if person is not None]
        facts = {
            "restaurant": self.restaurant.name,
            "restaurant_id": self.restaurant_id,
            "kam": self.kam.username,
            "by": by.username,
            "reason": self.reason,
        }
        Message.objects.tell(
            kind, both, key=f"collaboration:{self.pk}", at=at, facts=facts, restaurant=self.restaurant_id
        )
