"""Conditions for all that hangs below restaurants: it is seen with them."""

from __future__ import annotations

from django.db.models import Q

from kams.models import User
from leads.models.restaurant import Restaurant


def of_visible_restaurants(path: str, user: User) -> Q:
    """The condition that a row's restaurant is one this person sees."""
    return Q(**{f"{path}__in": Restaurant.objects.visible_to(user).values("pk")})


def of_restaurants_on_record(path: str, user: User) -> Q:
    """That it is one whose history this person may read, in the archive as well."""
    return Q(**{f"{path}__in": Restaurant.objects.on_record_for(user).values("pk")})
