"""`manage.py restore FILE`: an empty database becomes what it was."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.backups import BackupRefused, checked, restore


class Command(BaseCommand):
    help = "Fill the empty database that DATABASE_URL names from a backup, and compare every table with the manifest."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="What `backup` wrote; its manifest stands beside it.")
        parser.add_argument("--verify", action="store_true", help="Restore nothing: tell whether the file is whole.")

    def handle(self, *, file: Path, verify: bool, **options: Any) -> None:
        try:
            manifest = checked(file) if verify else restore(file)
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        done = "is whole" if verify else "is restored, and every table is what it was"
        self.stdout.write(
            f"{file} of {manifest.made_at} {done}: {manifest.rows} rows of {len(manifest.tables)} tables."
        )
