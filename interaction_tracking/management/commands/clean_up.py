"""`manage.py clean_up`: move old interactions of inactive restaurants into archive files."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from interaction_tracking import retention


class Command(BaseCommand):
    help = "Move old interactions of restaurants that are long INACTIVE into archive files; orders stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count what would go, and change nothing.")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        at = timezone.now()
        before = retention.oldest_kept(at=at)
        if before is None:
            raise CommandError("No retention is set, so everything is kept. Set RETENTION_DAYS to a number of days.")
        total = retention.count(at=at)
        if dry_run:
            self.stdout.write(f"{total} interactions from before {before:%Y-%m-%d %H:%M %Z} would go. None has gone.")
            return
        gone = 0
        with tqdm(total=total, unit=" rows", disable=None) as bar:
            for batch in retention.clean_up(at=at):
                gone += batch.rows
                bar.update(batch.rows)
                if bar.disable:
                    self.stdout.write(f"{batch.rows} in {batch.file}")
        self.stdout.write(f"{gone} interactions have gone into {settings.RETENTION_FOLDER}.")
