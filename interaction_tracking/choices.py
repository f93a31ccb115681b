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


class CallOutcome(TextChoices):
    """What came of a call, where it is recorded on its plan; elsewhere an outcome is free text."""

    CONNECTED = "CONNECTED", "Connected"
    NO_ANSWER = "NO_ANSWER", "No answer"
    BUSY = "BUSY", "Busy"
    CALL_BACK = "CALL_BACK", "Call back"
    REFUSED = "REFUSED", "Refused"
    WRONG_NUMBER = "WRONG_NUMBER", "Wrong number"


# What is done to bring an order about; a call that reached nobody is an attempt, and counts as none.
TOUCHES = (InteractionType.CALL, InteractionType.VISIT)
TALKS = (*TOUCHES, InteractionType.EMAIL, InteractionType.MEETING, InteractionType.MESSAGE)
UNANSWERED = (CallOutcome.NO_ANSWER, CallOutcome.BUSY, CallOutcome.WRONG_NUMBER)


class Judgement(TextChoices):
    """What became of a call that a plan asked for."""

    ON_DAY = "on_day", "Made by the end of the day on which it was due"
    LATE = "late", "Made on a later day"
    MISSED = "missed", "Not made on its day"
    OPEN = "open", "Still to be made"
    UNREACHED = "unreached", "Tried to the end, and nobody answered"
    CANCELLED = "cancelled", "Called off by somebody"
