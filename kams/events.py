"""What people tell the apps above them, in the transaction of the change."""

from common.events import Event

# Somebody was deactivated, or only reads from now on: `person`; what becomes of what they look after: `successor`, who
# takes over, or None, and `to_pool`, whether it goes to the pool; `by` and `at`.
person_left = Event("person", "successor", "to_pool", "by", "at")

# A mail about an account is due: `kind` (one of `kams.choices.Letter`), `about` and `at`. It is about an
# invitation, a person, or an address, of which nobody has looked yet whether it is somebody's.
letter_due = Event("kind", "about", "at")
