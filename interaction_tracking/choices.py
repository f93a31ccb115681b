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
