"""What `/health/ready` tells beside the jobs."""

from datetime import datetime, timedelta
from math import isinf
from time import monotonic
from typing import Any

from common.replicas import replicas
from notifications.models import Message

# A message that should have left so long ago waits for a mail server, or for somebody who runs the jobs.
PATIENCE = timedelta(minutes=10)


def outbox(at: datetime) -> dict[str, Any]:
    """For how long the oldest message has been waiting that should have left."""
    lag: timedelta = Message.objects.lag(at)
    return {"waiting_seconds": int(lag.total_seconds()), "late": lag > PATIENCE}


def copies(_at: datetime) -> dict[str, Any]:
    """How each replica is: whether it is there, and how far behind; None where the database does not say."""
    now = monotonic()
    told = {}
    for replica in replicas():
        replica.look(at=now)
        known = None if replica.lag is None or isinf(replica.lag) else round(replica.lag, 1)
        told[replica.alias] = {"away": replica.is_away, "lag_seconds": known, "late": not replica.is_good}
    return {"late": any(one["late"] for one in told.values()), "each": told}
