"""`manage.py test` runs the suite that pytest runs."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


class PytestRunner:
    """Translates what Django's command line says into pytest's words."""

    def __init__(self, **options: Any) -> None:
        self.words: list[str] = [f"--rootdir={ROOT}", "--verbosity", str(options["verbosity"] - 1)]
        if options["failfast"]:
            self.words += ["--exitfirst"]
        if options["keepdb"]:
            self.words += ["--reuse-db"]
        if options["parallel"]:
            self.words += ["-n", str(options["parallel"])]
        if options["keyword"]:
            self.words += ["-k", options["keyword"]]

    @classmethod
    def add_arguments(cls, parser: ArgumentParser) -> None:
        parser.add_argument("--failfast", action="store_true", help="Stop at the first failure.")
        parser.add_argument("--keepdb", action="store_true", help="Keep the test database for the next run.")
        parser.add_argument("--parallel", nargs="?", const="auto", help="How many processes; alone: one for each core.")
        parser.add_argument("-k", dest="keyword", help="Run the tests whose name matches.")

    def run_tests(self, labels: Iterable[str]) -> int:
        """Run the suite, or what the labels name; the answer is pytest's exit status, 0 for a pass."""
        return pytest.main([*self.words, *(place(label) for label in labels)])


def place(label: str) -> str:
    """Where pytest finds `leads`, `tests.leads.test_access`, a test inside one, or a path."""
    if "/" in label or ".py" in label:
        return label
    parts = label.split(".")
    if parts[0] != "tests":
        parts.insert(0, "tests")
    for end in range(len(parts), 0, -1):
        file = Path(*parts[:end]).with_suffix(".py")
        if (ROOT / file).is_file():
            return "::".join([str(file), *parts[end:]])
    return str(Path(*parts))
