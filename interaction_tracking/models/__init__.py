"""What happened with a restaurant, and what it ordered."""

from interaction_tracking.models.interaction import Interaction, InteractionSet
from interaction_tracking.models.judgement import Period
from interaction_tracking.models.order import Order

__all__ = ["Interaction", "InteractionSet", "Order", "Period"]
