from django.db.models import TextChoices


class InteractionType(TextChoices):
    CALL = "CALL", "Call"
    EMAIL = "EMAIL", "E-mail"
    ORDER = "ORDER", "Order"
    VISIT = "VISIT", "Visit"
    MEETING = "MEETING", "Meeting"
    MESSAGE = "MESSAGE", "Message"
    NOTE = "NOTE", "Note"


class InteractionStatus(TextChoices):
    PLANNED = "PLANNED", "Planned"
    DONE = "DONE", "Done"
    MISSED = "MISSED", "Missed"
    CANCELLED = "CANCELLED", "Cancelled"


# Nothing more will come of it.
OVER = (InteractionStatus.DONE, InteractionStatus.MISSED, InteractionStatus.CANCELLED)

# What is done to bring an order about; a call that reached nobody is an attempt, and counts as none.
TOUCHES = (InteractionType.CALL, InteractionType.VISIT)
TALKS = (*TOUCHES, InteractionType.EMAIL, InteractionType.MEETING, InteractionType.MESSAGE)
UNANSWERED = ("NO_ANSWER", "BUSY", "WRONG_NUMBER")
