"""`manage.py rebuild_figures`: work the months of every account out anew from what happened."""

import logging
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from performance_tracking.models import Month, Scale

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Work the monthly figures of every account out anew, and what is much. Can be stopped, and begun again."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit=" accounts", disable=None) as bar:

            def advance(accounts: int) -> None:
                bar.update(accounts)
                if bar.disable:
                    logger.info("Worked out %d more.", accounts)

            written = Month.objects.rebuild(advance=advance)
        Scale.objects.learn(at=timezone.now())
        self.stdout.write(f"{written} accounts.")
