"""A time in which a restaurant is not called at all: closed for renovation, for a season, for a wedding."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.errors import InvalidInput, RuleBroken
from common.models import Archivable, Stamped
from kams.models import User, VisibleSet
from leads.models import Restaurant, of_visible_restaurants

# So that all of them can be read along with a page of plans.
MOST_BLOCKS = 10


class TooManyBlocks(RuleBroken):
    """A restaurant has so many blocks and no more."""

    code = "too_many_blocks"


class BlockSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("restaurant", user), archived_at__isnull=True)

    def listed_for(self, user: User) -> Self:
        return self.filter(restaurant__in=Restaurant.objects.listed_for(user).values("pk"), archived_at__isnull=True)

    def standing(self, *, at: datetime) -> Self:
        """Those that are not over, whether they have begun or not."""
        return self.filter(archived_at__isnull=True, ends_at__gt=at)

    def locked(self, *of: str) -> Self:
        """The blocks with their restaurants, restaurants first: how many one has is counted there."""
        return super(BlockSet, self.select_related("restaurant")).locked("restaurant", *of)

    def add(
        self, *, restaurant: Restaurant, by: User, at: datetime, starts_at: datetime | None = None, **fields: Any
    ) -> Block:
        """Block a restaurant, from now unless said otherwise. It is locked, so that it cannot be archived meanwhile."""
        restaurant = Restaurant.objects.hold(restaurant.pk, field="restaurant")
        stamps = {"made_by": by, "created_at": at, "updated_at": at}
        block: Block = self.model(restaurant=restaurant, starts_at=starts_at or at, **fields, **stamps)
        block._check_bounds()
        block._check_number(at=at)
        block.save(force_insert=True)
        return block


class Block(Stamped, Archivable):
    restaurant = models.ForeignKey(Restaurant, models.PROTECT, related_name="blocks", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, default="")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, db_index=False
    )

    objects: ClassVar[Any] = BlockSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="block_ends_after_it_starts"),
        ]
        indexes: ClassVar = [
            # The blocks of a restaurant that are not over.
            models.Index(fields=["restaurant", "ends_at", "id"], name="block_by_restaurant"),
            # Everybody's, by their bounds.
            models.Index(fields=["starts_at", "id"], name="block_by_start"),
            models.Index(fields=["ends_at", "id"], name="block_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant}: {self.reason or 'not called'}"

    # --- verbs; the caller holds the row's lock -------------------------------------------------
    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs."""
        restaurant = changes.pop("restaurant", None)
        if restaurant is not None and restaurant.pk != self.restaurant_id:
            raise InvalidInput(
                "A block stays with its restaurant.", errors={"restaurant": "Block the other restaurant as well."}
            )
        changed = self.take(changes)
        self._check_bounds()
        if "ends_at" in changed:
            self._check_number(at=at)
        if changed:
            self.keep(*changed, at=at)
        return bool(changed)

    def archive(self, *, by: User, at: datetime) -> None:
        """Take it back: the restaurant is called again."""
        super().revise(by=by, at=at, archived_at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        self._check_number(at=at)
        return super().revise(by=by, at=at, archived_at=None)

    def _check_bounds(self) -> None:
        if self.ends_at <= self.starts_at:
            raise InvalidInput(
                "A block ends after it starts.", errors={"ends_at": "Send a moment later than starts_at."}
            )

    def _check_number(self, *, at: datetime) -> None:
        if self.ends_at <= at:
            return
        others = Block.objects.standing(at=at).filter(restaurant=self.restaurant_id).exclude(pk=self.pk)
        if others.count() >= MOST_BLOCKS:
            raise TooManyBlocks(f"This restaurant has {MOST_BLOCKS} blocks. Take one back, or make one of several.")
