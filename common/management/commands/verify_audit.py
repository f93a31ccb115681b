"""`manage.py verify_audit`: check the history from its first row to its last."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from common.audit import Audit
from common.models import Change


class Command(BaseCommand):
    help = "Check the history of what was changed; 1 if any of it was edited, deleted, inserted, reordered or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            metavar="NUMBER:MARK",
            default="",
            help="A head that this has named before, and that was noted elsewhere: it has to be there still.",
        )

    def handle(self, *, head: str, **options: Any) -> None:
        audit = Audit()
        with tqdm(total=Change.objects.count(), unit=" rows", disable=None) as bar:
            audit.check(noted_head=head, progress=bar.update)
        for redaction in audit.redactions:
            self.stdout.write(f"Redacted: {redaction}.")
        for problem in audit.problems:
            self.stdout.write(problem)
        self.stdout.write(f"{audit.rows} rows in {audit.seals} seals; {audit.unsealed} are not sealed yet.")
        if audit.problems:
            raise CommandError(f"{len(audit.problems)} problems: the history is not as it was written.")
        self.stdout.write(f"The history is as it was written. Note its head elsewhere: {audit.head or 'none yet'}")
