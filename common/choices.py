from django.db.models import TextChoices


class RunState(TextChoices):
    RUNNING = "RUNNING", "Running"
    DONE = "DONE", "Done"
    FAILED = "FAILED", "Failed"


class Action(TextChoices):
    """What was done to a row."""

    CREATED = "CREATED", "Created"
    CHANGED = "CHANGED", "Changed"
    ARCHIVED = "ARCHIVED", "Archived"
    RESTORED = "RESTORED", "Restored"
    # It left the database for an archive file.
    REMOVED = "REMOVED", "Removed"
    # Of a change itself: values were taken out of it for good.
    REDACTED = "REDACTED", "Redacted"
