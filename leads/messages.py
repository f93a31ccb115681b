"""What people are told about restaurants."""

from leads.briefs import in_words
from notifications.kinds import Kind

RESTAURANT_ALLOCATED = Kind("restaurant_allocated", "Restaurants were allocated to me", context=in_words)
RESTAURANT_TAKEN_AWAY = Kind("restaurant_taken_away", "Restaurants of mine went to somebody else")
PERSON_LEFT = Kind("person_left", "Somebody of my team left, and who has their restaurants now")
