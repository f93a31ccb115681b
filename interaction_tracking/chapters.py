"""What a brief says of what happened, what is open, and what was promised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from interaction_tracking.choices import InteractionStatus, InteractionType
from interaction_tracking.models import Interaction
from leads.briefs import Entry, chapter

# Of each restaurant.
MOST_TOLD = 5
MOST_OPEN = 10


@chapter("calls", "Open and missed calls", rank=30)
def calls(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    waiting = (InteractionStatus.PLANNED, InteractionStatus.MISSED)
    rows = _of(restaurants).filter(interaction_type=InteractionType.CALL, status__in=waiting)
    return _newest(rows, MOST_OPEN, label=lambda one: f"{one.get_status_display()} call")


@chapter("promises", "What was promised", rank=40)
def promises(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    """What is planned beside calls."""
    rows = _of(restaurants).filter(status=InteractionStatus.PLANNED).exclude(interaction_type=InteractionType.CALL)
    return _newest(rows, MOST_OPEN, label=lambda one: f"Planned {one.get_interaction_type_display().lower()}")


@chapter("interactions", "The last five interactions", rank=60)
def interactions(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    rows = _of(restaurants).filter(status=InteractionStatus.DONE).select_related("contact")
    return _newest(rows, MOST_TOLD, label=_with_whom)


@chapter("orders", "The last orders", rank=70)
def orders(restaurants: Sequence[int]) -> Mapping[int, Sequence[Entry]]:
    rows = _of(restaurants).filter(order_placed=True, status=InteractionStatus.DONE).select_related("order")
    return _newest(rows, MOST_TOLD, label=lambda _: "Order", text=_ordered)


def _of(restaurants: Sequence[int]) -> Any:
    return Interaction.objects.filter(lead__in=restaurants, archived_at__isnull=True)


def _newest(rows: Any, most: int, *, label: Any, text: Any = lambda one: one.details) -> dict[int, list[Entry]]:
    """The newest of each restaurant, in one statement for all of them."""
    place = Window(RowNumber(), partition_by="lead", order_by=[F("date").desc(), F("pk").desc()])
    found: dict[int, list[Entry]] = {}
    for one in rows.annotate(place=place).filter(place__lte=most).order_by("lead", "-date", "-pk"):
        entry: Entry = {"id": one.pk, "at": one.date, "label": label(one), "text": text(one)}
        found.setdefault(one.lead_id, []).append(entry)
    return found


def _with_whom(one: Interaction) -> str:
    kind = one.get_interaction_type_display()
    return f"{kind} with {one.contact.name}" if one.contact else kind


def _ordered(one: Interaction) -> str:
    """The details of the order, or, where nobody entered them, of the interaction."""
    order = getattr(one, "order", None)
    return f"{order.quantity} × {order.product_details}, {order.total_price}" if order else one.details
