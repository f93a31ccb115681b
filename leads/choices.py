"""The ages of a restaurant, and which may follow which."""

from django.db.models import TextChoices


class LeadStatus(TextChoices):
    NEW = "NEW", "New"
    CONTACTED = "CONTACTED", "Contacted"
    MEETING_SCHEDULED = "MEETING_SCHEDULED", "Meeting scheduled"
    NEGOTIATING = "NEGOTIATING", "Negotiating"
    CONVERTED = "CONVERTED", "Converted"
    LOST = "LOST", "Lost"
    INACTIVE = "INACTIVE", "Inactive"


OPEN = (LeadStatus.NEW, LeadStatus.CONTACTED, LeadStatus.MEETING_SCHEDULED, LeadStatus.NEGOTIATING)
CLOSED = (LeadStatus.LOST, LeadStatus.INACTIVE)

_MAY_FOLLOW: dict[str, tuple[LeadStatus, ...]] = {
    **{status: tuple(other for other in LeadStatus if other != status) for status in OPEN},
    LeadStatus.CONVERTED: CLOSED,
    **dict.fromkeys(CLOSED, OPEN),
}


def may_follow(status: str) -> tuple[LeadStatus, ...]:
    """The statuses that a restaurant of this status may take next."""
    return _MAY_FOLLOW[status]
