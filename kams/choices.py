from django.db.models import TextChoices


class Role(TextChoices):
    KAM = "KAM", "Key account manager"
    MANAGER = "MANAGER", "Manager"
    ADMIN = "ADMIN", "Administrator"
    ANALYST = "ANALYST", "Analyst"


class SignUp(TextChoices):
    """Who may become a user without being made one by staff."""

    OPEN = "open", "Anybody, as a KAM without restaurants"
    INVITATION = "invitation", "Whoever a manager or admin invited"
    CLOSED = "closed", "Nobody"
