"""Restaurants: leads, accounts and customers are ages of the same row."""

from leads.models.allocation import Allocation
from leads.models.below import of_restaurants_on_record, of_visible_restaurants
from leads.models.candidates import suggestions_for
from leads.models.collaboration import Collaboration
from leads.models.cover import Cover
from leads.models.handing_over import HandOver
from leads.models.leaving import hand_on
from leads.models.restaurant import Restaurant, RestaurantSet
from leads.models.status_change import StatusChange

__all__ = [
    "Allocation",
    "Collaboration",
    "Cover",
    "HandOver",
    "Restaurant",
    "RestaurantSet",
    "StatusChange",
    "hand_on",
    "of_restaurants_on_record",
    "of_visible_restaurants",
    "suggestions_for",
]
