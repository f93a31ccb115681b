"""`manage.py demo`: fill an empty database with a believable organisation."""

import logging
from collections import Counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from tqdm import tqdm

from call_planning.demo.organisation import Tables, organisation, write
from call_planning.demo.people import ADMIN, PASSWORD, PEOPLE, e_mail
from kams.models import Team, User
from leads.models import Restaurant
from performance_tracking.models import Month, OrderRhythm, Scale, TypicalCycle

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Fill an empty database with a believable organisation: people, restaurants and a year of their history."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("The demo's password is public. Run it where ENVIRONMENT is not production.")
        with transaction.atomic():  # an interrupted run leaves nothing
            if User.objects.filter(username=ADMIN, email=e_mail(ADMIN)).exists():
                self.stdout.write("The demo is already there.")
            else:
                self._refuse_what_is_not_empty()
                now = timezone.now()
                self._fill(organisation(now=now))
                OrderRhythm.objects.rebuild(at=now)
                TypicalCycle.objects.learn()
                Month.objects.rebuild()
                Scale.objects.learn(at=now)
        self._introduce()

    def _refuse_what_is_not_empty(self) -> None:
        for model in (User, Team, Restaurant):
            if model._default_manager.exists():
                raise CommandError(
                    f"This database holds {model._meta.verbose_name_plural} already, and the demo mixes with nothing. "
                    "Set DATABASE_URL to an empty database and run `manage.py migrate` there first."
                )

    def _fill(self, tables: Tables) -> None:
        """Write all rows, with a bar on a terminal and a line for each table elsewhere."""
        written: Counter[type[Model]] = Counter()
        with tqdm(total=sum(map(len, tables.values())), unit=" rows", disable=None) as bar:

            def advance(model: type[Model], rows: int) -> None:
                bar.update(rows)
                written[model] += rows
                if bar.disable and written[model] == len(tables[model]):
                    logger.info("Wrote %d %s.", written[model], model._meta.verbose_name_plural)

            write(tables, advance=advance)

    def _introduce(self) -> None:
        self.stdout.write(f"Log in with the password {PASSWORD} as one of")
        for person in PEOPLE:
            place = ", ".join(person.cities) or person.team or "everything"
            self.stdout.write(f"  {person.username:<20} {person.role.label:<20} {place}")
