"""What a brief says of the restaurant itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db.models import OuterRef, Subquery

from kams.models import User
from leads import briefs
from leads.briefs import Entry
from leads.models import Restaurant, StatusChange


@briefs.opened_by
def still_seen(restaurants: Sequence[int], person: int) -> Sequence[int]:
    """Those of the restaurants that are live, and that the person sees."""
    reader = User.objects.get(pk=person)
    return list(
        Restaurant.objects.visible_to(reader).filter(pk__in=restaurants).order_by("pk").values_list("pk", flat=True)
    )


@briefs.chapter("status", "Where it stands", rank=10)
def status(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    """The status and since when, what it may bring, and what was noted."""
    steps = StatusChange.objects.filter(restaurant=OuterRef("pk")).order_by("-changed_at", "-id")
    rows = Restaurant.objects.filter(pk__in=restaurants).annotate(since=Subquery(steps.values("changed_at")[:1]))
    return {row.pk: list(_of(row)) for row in rows}


def _of(row: Restaurant) -> list[Entry]:
    since = getattr(row, "since", None) or row.created_at
    told: list[Entry] = [{"id": row.pk, "at": since, "label": "Status", "text": row.get_lead_status_display()}]
    if row.potential_revenue is not None:
        told.append({"id": row.pk, "at": None, "label": "Potential revenue", "text": str(row.potential_revenue)})
    place = ", ".join(part for part in (row.address, row.city, row.state, row.pincode) if part)
    told.append({"id": row.pk, "at": None, "label": "Address", "text": place})
    if row.notes:
        told.append({"id": row.pk, "at": None, "label": "Notes", "text": row.notes})
    return told
