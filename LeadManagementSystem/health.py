"""What `/health/ready` tells beside the jobs."""

from datetime import datetime, timedelta
from typing import Any

from notifications.models import Message

# A message that should have left so long ago waits for a mail server, or for somebody who runs the jobs.
PATIENCE = timedelta(minutes=10)


def outbox(at: datetime) -> dict[str, Any]:
    """For how long the oldest message has been waiting that should have left."""
    lag: timedelta = Message.objects.lag(at)
    return {"waiting_seconds": int(lag.total_seconds()), "late": lag > PATIENCE}
