"""What restaurants tell the apps above them, in the transaction of the change."""

from common.events import Event

# The restaurant, locked, has taken another status: `restaurant`, `old_status`, `by` and `at`.
status_changed = Event("restaurant", "old_status", "by", "at")
# These restaurants have another owner or status, or were archived or brought back, and their rows say so already:
# `restaurants` are their keys.
standing_changed = Event("restaurants")
