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
