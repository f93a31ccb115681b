"""`manage.py restore_interactions FILE`: bring archived interactions back."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interaction_tracking import retention
from interaction_tracking.archive import DamagedArchive
from interaction_tracking.retention import NotRestored


class Command(BaseCommand):
    help = "Bring the interactions of archive files back as they were. Those that are there already stay as they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="A file that clean_up has written.")

    def handle(self, *, files: list[Path], **options: Any) -> None:
        for file in files:
            try:
                done = retention.restore(file, at=timezone.now())
            except (DamagedArchive, NotRestored) as wrong:
                raise CommandError(str(wrong)) from wrong
            self.stdout.write(f"{file}: {done.rows} restored, {done.already_there} there already.")
