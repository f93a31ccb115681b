"""`manage.py check_migrations`: whether the release before can go on while this one migrates."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from common.safety import findings


class Command(BaseCommand):
    help = "Name the operations of new migrations that the release before cannot work through, each with the remedy."
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        if found := list(findings(MigrationLoader(None), settings.RELEASED_MIGRATIONS)):
            raise CommandError("\n".join(found))
        self.stdout.write("Every migration since the last release can run while people work.")
