"""Who could look after a restaurant, as rows have it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q

from common.clock import zone
from common.errors import NotAllowed
from kams.choices import Role
from kams.models import User
from leads.choices import CLOSED
from leads.models.restaurant import Restaurant
from leads.suggestions import MOST_SUGGESTED, Candidate, Place, Suggestion, ranked


def suggestions_for(restaurant: Restaurant, *, by: User, at: datetime) -> list[Suggestion]:
    """The KAMs who fit best, among those that `by` may allocate to and who do not have it. One statement.

    A load is what is neither archived, lost nor inactive.
    """
    if not by.may_allocate:
        raise NotAllowed("Only managers and admins allocate to somebody else.")
    live = Q(restaurants__archived_at__isnull=True) & ~Q(restaurants__lead_status__in=CLOSED)
    in_state = live & Q(restaurants__state=restaurant.state)
    in_city = in_state & Q(restaurants__city=restaurant.city)
    people = User.objects.visible_to(by).who_can_be_allocated().filter(role=Role.KAM)
    rows = people.exclude(pk=restaurant.assigned_to_id).annotate(
        load=Count("restaurants", filter=live),
        in_city=Count("restaurants", filter=in_city),
        in_state=Count("restaurants", filter=in_state),
    )
    columns = ("pk", "username", "timezone", "load", "in_city", "in_state")
    candidates = [
        Candidate(pk, username, zone(timezone), *figures)
        for pk, username, timezone, *figures in rows.order_by("pk").values_list(*columns)
    ]
    place = Place(zone(restaurant.timezone or settings.TIME_ZONE), restaurant.city, restaurant.state)
    return ranked(candidates, place, at=at)[:MOST_SUGGESTED]
