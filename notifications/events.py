"""What messages tell the apps above them, in the transaction of the change."""

from common.events import Event

# Somebody followed the link of a mail to get no more of them: `contact`, their key, and `at`.
unsubscribed = Event("contact", "at")
