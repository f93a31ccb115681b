"""How often a restaurant is called."""

from django.db.models import TextChoices


class Frequency(TextChoices):
    DAILY = "DAILY", "Daily"
    WEEKLY = "WEEKLY", "Weekly"
    BIWEEKLY = "BIWEEKLY", "Every two weeks"
    MONTHLY = "MONTHLY", "Monthly"
    QUARTERLY = "QUARTERLY", "Quarterly"
    CUSTOM = "CUSTOM", "Custom"


BY_MONTH = (Frequency.MONTHLY, Frequency.QUARTERLY)


class Figure(TextChoices):
    """What compliance counts; `planned` is all that plans asked for and nobody called off."""

    PLANNED = "planned", "Planned"
    ON_DAY = "on_day", "On the day"
    LATE = "late", "Late"
    MISSED = "missed", "Missed"
    OPEN = "open", "Open"
    UNREACHED = "unreached", "Unreached"
    CANCELLED = "cancelled", "Called off"
    ATTEMPTS = "attempts", "Attempts"


class By(TextChoices):
    """Of whom a line of compliance is."""

    KAM = "kam", "One person"
    TEAM = "team", "The people of one team"
