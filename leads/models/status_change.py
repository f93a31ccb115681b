from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models

from kams.models import User, VisibleSet
from leads.choices import LeadStatus
from leads.models.below import of_visible_restaurants
from leads.models.restaurant import Restaurant


class StatusChangeSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("restaurant", user))

    def of(self, restaurant: int) -> Self:
        return self.filter(restaurant=restaurant)


class StatusChange(models.Model):
    """One step in a restaurant's life. Written by `Restaurant.change_status`, never changed."""

    restaurant = models.ForeignKey(Restaurant, models.CASCADE, related_name="status_changes")
    old_status = models.CharField(max_length=20, choices=LeadStatus.choices)
    new_status = models.CharField(max_length=20, choices=LeadStatus.choices)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)
    lasted = models.DurationField(help_text="How long the old status lasted.")

    objects = StatusChangeSet.as_manager()

    class Meta:
        ordering = ("-changed_at", "-id")
        indexes: ClassVar = [
            # A restaurant's history, newest first.
            models.Index(fields=["restaurant", "-changed_at", "-id"], name="status_change_by_restaurant"),
        ]

    def __str__(self) -> str:
        return f"{self.old_status} → {self.new_status}"
