from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, When

from kams.models import User, VisibleSet
from leads.models.below import of_visible_restaurants
from leads.models.restaurant import Restaurant


class AllocationSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("restaurant", user))

    def of(self, restaurant: int) -> Self:
        return self.filter(restaurant=restaurant)

    def running(self) -> Self:
        return self.filter(ended_at__isnull=True)


class Allocation(models.Model):
    """Who had the restaurant from when to when, by whom, and why. Written by `Restaurant.allocate`."""

    restaurant = models.ForeignKey(Restaurant, models.CASCADE, related_name="allocations")
    kam = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="allocations")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    allocated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    # The restaurant while the allocation runs, else null: unique, so that one person has it at a time.
    running_for = models.GeneratedField(
        expression=Case(When(ended_at__isnull=True, then=F("restaurant_id")), default=None),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects = AllocationSet.as_manager()

    class Meta:
        ordering = ("-started_at", "-id")
        indexes: ClassVar = [
            # A restaurant's history, newest first.
            models.Index(fields=["restaurant", "-started_at", "-id"], name="allocation_by_restaurant"),
        ]

    def __str__(self) -> str:
        return f"{self.restaurant} with {self.kam}"
