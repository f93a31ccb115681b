from django.db.models import TextChoices


class Role(TextChoices):
    KAM = "KAM", "Key account manager"
    MANAGER = "MANAGER", "Manager"
    ADMIN = "ADMIN", "Administrator"
    ANALYST = "ANALYST", "Analyst"


class Letter(TextChoices):
    """The mails about accounts. Nobody can switch them off."""

    INVITATION = "invitation", "An invitation, to the address that was invited"
    WELCOME = "welcome", "To somebody who was added: the way to choose a password"
    PASSWORD_RESET = "password_reset", "To an address that asked for another password"
    SIGN_UP = "sign_up", "To an address that asked to sign up"


class SignUp(TextChoices):
    """Who may become a user without being made one by staff."""

    OPEN = "open", "Anybody, as a KAM without restaurants"
    INVITATION = "invitation", "Whoever a manager or admin invited"
    CLOSED = "closed", "Nobody"
