"""`manage.py backup FILE`: a copy of everything, while the service runs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.backups import BackupRefused, back_up


class Command(BaseCommand):
    help = (
        "Copy the database into a file, as it is at one moment, while the service runs on. Beside it stands a manifest."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="Where to; what is there already is not overwritten.")

    def handle(self, *, file: Path, **options: Any) -> None:
        try:
            made = back_up(file)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{file} holds {made.rows} rows of {len(made.tables)} tables in {made.size} bytes.")
