"""`manage.py test` is the same suite."""

import os
import subprocess
import sys

import pytest

from tests.runner import ROOT, place


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("common", "tests/common"),
        ("tests.common", "tests/common"),
        ("tests.test_network", "tests/test_network.py"),
        ("test_network", "tests/test_network.py"),
        (
            "tests.test_network.test_it_reaches_this_machine",
            "tests/test_network.py::test_it_reaches_this_machine",
        ),
        ("tests/test_network.py::test_it_reaches_this_machine",) * 2,
    ],
)
def test_it_finds_a_label_as_django_writes_them(label: str, found: str) -> None:
    assert place(label) == found


def manage_test(*arguments: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    return subprocess.run(
        [sys.executable, "manage.py", "test", *arguments],
        cwd=ROOT,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_runs_the_tests_that_a_label_and_a_word_name() -> None:
    run = manage_test("tests.test_network", "-k", "reaches", "--failfast", "--keepdb", "--parallel", "1")

    assert "1 passed" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 0


def test_it_fails_when_there_is_nothing_to_run() -> None:
    run = manage_test("tests.test_network", "-k", "no_such_test")

    assert "deselected" in run.stdout, run.stdout + run.stderr
    assert run.returncode == 1
