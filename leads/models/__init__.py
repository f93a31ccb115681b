"""Restaurants: leads, accounts and customers are ages of the same row."""

from leads.models.allocation import Allocation
from leads.models.collaboration import Collaboration
from leads.models.cover import Cover
from leads.models.restaurant import Restaurant, RestaurantSet, of_visible_restaurants
from leads.models.status_change import StatusChange

__all__ = [
    "Allocation",
    "Collaboration",
    "Cover",
    "Restaurant",
    "RestaurantSet",
    "StatusChange",
    "of_visible_restaurants",
]
