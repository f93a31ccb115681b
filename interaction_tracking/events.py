"""What interactions tell the apps above them, in the transaction of the change."""

from common.events import Event

# The orders of a restaurant are others than before: one more, one less, or another date. `restaurant` is its key.
orders_changed = Event("restaurant", "at")
