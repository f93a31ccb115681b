from django.db.models import TextChoices


class RhythmState(TextChoices):
    LEARNING = "LEARNING", "Learning: too few orders to know its rhythm"
    ON_RHYTHM = "ON_RHYTHM", "On rhythm"
    DUE = "DUE", "Due: its usual gap is over"
    LATE = "LATE", "Late: later than it usually varies"
    LAPSED = "LAPSED", "Lapsed: far beyond anything usual"


class Measure(TextChoices):
    RECENCY = "RECENCY", "Recency: days since the last order"
    FREQUENCY = "FREQUENCY", "Frequency: orders in a year"
    MONETARY = "MONETARY", "Monetary: revenue in a year"


class Shortfall(TextChoices):
    """What makes an account underperform."""

    POTENTIAL = "potential", "It is worth little, and no customer"
    ORDER_VALUE = "order_value", "Its orders are worth less than the month before"
    ORDER_COUNT = "order_count", "It orders less often than its own rhythm says"
