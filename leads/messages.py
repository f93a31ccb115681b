"""What people are told about restaurants."""

from __future__ import annotations

from leads.briefs import in_words
from notifications.kinds import Kind

RESTAURANT_ALLOCATED = Kind("restaurant_allocated", "Restaurants were allocated to me", context=in_words)
RESTAURANT_TAKEN_AWAY = Kind("restaurant_taken_away", "Restaurants of mine went to somebody else")
PERSON_LEFT = Kind("person_left", "Somebody of my team left, and who has their restaurants now")
COLLABORATION_BEGUN = Kind("collaboration_begun", "A restaurant is shared")
COLLABORATION_ENDED = Kind("collaboration_ended", "A restaurant is no longer shared")
COVER_MADE = Kind("cover_made", "A cover is arranged")
COVER_CHANGED = Kind("cover_changed", "A cover has changed")
COVER_BEGUN = Kind("cover_begun", "A cover has begun")
COVER_ENDED = Kind("cover_ended", "A cover is over")
