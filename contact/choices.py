from django.db.models import TextChoices


class RoleKind(TextChoices):
    """What a contact's free-text role comes down to."""

    OWNER = "OWNER", "Owner"
    DECISION_MAKER = "DECISION_MAKER", "Decision maker"
    PURCHASING = "PURCHASING", "Purchasing"
    CHEF = "CHEF", "Chef"
    MANAGER = "MANAGER", "Manager"
    ACCOUNTS = "ACCOUNTS", "Accounts"
    INFLUENCER = "INFLUENCER", "Influencer"
    OTHER = "OTHER", "Other"
