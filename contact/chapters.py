"""What a brief says of the people at a restaurant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contact.models import Contact
from leads.briefs import Entry, chapter

MOST_NAMED = 20


@chapter("contacts", "Who is there", rank=20)
def contacts(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    """The live contacts, the primary one first."""
    found: dict[int, list[Entry]] = {}
    live = Contact.objects.filter(restaurant__in=restaurants, archived_at__isnull=True)
    for one in live.order_by("restaurant", "-is_primary", "pk"):
        told = found.setdefault(one.restaurant_id, [])
        if len(told) < MOST_NAMED:
            told.append({"id": one.pk, "at": None, "label": f"{one.name}, {one.role}", "text": _reached_by(one)})
    return found


def _reached_by(one: Contact) -> str:
    how = ", ".join(filter(None, (one.phone, one.email)))
    return f"{how} (wants no messages from us)" if one.opted_out else how
