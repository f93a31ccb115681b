"""What interactions tell the apps above them, in the transaction of the change."""

from common.events import Event

# The orders of a restaurant are others than before: one more, one less, or another date. `restaurant` is its key.
orders_changed = Event("restaurant", "at")

# A call that its plan had planned was recorded as made: `call` is the interaction, locked.
call_made = Event("call", "at")
