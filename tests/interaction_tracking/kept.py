"""All that is kept of interactions, as one value: equal before and after, nothing lost and nothing twice."""

from typing import Any

from interaction_tracking.models import Interaction, Order


def kept() -> list[list[Any]]:
    attended = Interaction.participants.through.objects.order_by("interaction_id", "contact_id")
    return [
        list(Interaction.objects.order_by("pk").values()),
        list(attended.values_list("interaction_id", "contact_id")),
        list(Order.objects.order_by("pk").values()),
    ]
