"""What restaurants tell the apps above them, in the transaction of the change."""

from common.events import Event

# The restaurant, locked, has taken another status: `restaurant`, `old_status`, `by` and `at`.
status_changed = Event("restaurant", "old_status", "by", "at")

# These restaurants, locked and written, are somebody else's, or were closed, reopened, archived or restored:
# `restaurants`, their keys.
standing_changed = Event("restaurants")
