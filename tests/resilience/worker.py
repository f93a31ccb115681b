"""A process that delivers until it is killed: `python -m tests.resilience.worker DATABASE PORT`."""

import os
import sys
from datetime import timedelta
from time import sleep

import django
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests.smtp import use

# A message of a worker that was killed is somebody else's after this; never while a slow server is waited for.
LEASE = timedelta(seconds=6)
TIMEOUT = 2


def main(database: str, port: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "LeadManagementSystem.settings")
    django.setup()
    from notifications import tasks  # noqa: PLC0415 - models are there once Django is set up

    connection.settings_dict["NAME"] = database
    use(settings, port)
    settings.EMAIL_TIMEOUT = TIMEOUT
    tasks.LEASE, tasks.BATCH = LEASE, 20
    while True:
        tasks.deliver(timezone.now())
        sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
