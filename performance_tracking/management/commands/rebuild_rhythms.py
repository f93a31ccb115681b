"""`manage.py rebuild_rhythms`: work every order rhythm out anew from the orders."""

import logging
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from performance_tracking.models import OrderRhythm, TypicalCycle

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Work every order rhythm out anew from the orders. Can be stopped, and begun again."

    def handle(self, *args: Any, **options: Any) -> None:
        with tqdm(unit=" accounts", disable=None) as bar:

            def advance(accounts: int) -> None:
                bar.update(accounts)
                if bar.disable:
                    logger.info("Worked out %d more.", accounts)

            written = OrderRhythm.objects.rebuild(at=timezone.now(), advance=advance)
        types = TypicalCycle.objects.learn()
        self.stdout.write(f"{written} accounts, {types} types of restaurants.")
