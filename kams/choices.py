from django.db.models import TextChoices


class Role(TextChoices):
    KAM = "KAM", "Key account manager"
    MANAGER = "MANAGER", "Manager"
    ADMIN = "ADMIN", "Administrator"
    ANALYST = "ANALYST", "Analyst"


class Scope(TextChoices):
    """What an API key may be for. People, keys, sessions and messages are in none."""

    LEADS_READ = "leads:read", "Read restaurants"
    LEADS_WRITE = "leads:write", "Change restaurants"
    CONTACTS_READ = "contacts:read", "Read contacts"
    CONTACTS_WRITE = "contacts:write", "Change contacts"
    INTERACTIONS_READ = "interactions:read", "Read interactions and orders"
    INTERACTIONS_WRITE = "interactions:write", "Record interactions and orders"
    CALLS_READ = "calls:read", "Read call plans"
    CALLS_WRITE = "calls:write", "Change call plans, record calls"
    PERFORMANCE_READ = "performance:read", "Read figures of accounts"


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


class SubjectKind(TextChoices):
    """Whose personal data can be told and erased."""

    CONTACT = "contact", "Contact"
    PERSON = "person", "Person"
