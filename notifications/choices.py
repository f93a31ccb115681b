from django.db.models import TextChoices


class Channel(TextChoices):
    IN_APP = "IN_APP", "In the app"
    EMAIL = "EMAIL", "By e-mail"


class State(TextChoices):
    WAITING = "WAITING", "Waiting to be sent"
    SENT = "SENT", "Sent"
    DROPPED = "DROPPED", "Not sent: nobody wants it any more"
    FAILED = "FAILED", "Given up"
