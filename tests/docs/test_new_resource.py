"""The resource that `docs/developing.md` adds is added here, to a copy of the code, and its tests are run."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT, findings
from tests.docs.pages import page

DEVELOPING = page("docs/developing.md")
FILES = {block.marks[0]: block.text for block in DEVELOPING.blocks if block.language == "python"}
# Each line of wiring stands below this one of the app that was the last before.
WIRED = {
    "LeadManagementSystem/settings.py": ('    "call_planning",\n',),
    "LeadManagementSystem/urls.py": ('    path("call/", include("call_planning.urls")),\n',),
    "pyproject.toml": ('  "performance_tracking",\n',) * 4,
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code with the example in it."""
    root = tmp_path / "copy"
    shutil.copytree(
        ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv*", ".*_cache", "var", "__pycache__", ".env")
    )
    for path, text in {**FILES, "samples/__init__.py": "", "tests/samples/__init__.py": ""}.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    for path, lines in WIRED.items():
        text = (root / path).read_text()
        for line in set(lines):
            own = line.replace("call_planning", "samples").replace("performance_tracking", "samples")
            own = own.replace("call/", "sample/")
            assert text.count(line) == lines.count(line), (path, line)
            text = text.replace(line, line + own)
        (root / path).write_text(text)
    return root


def run(root: Path, *command: str) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    own["DATABASE_URL"] = f"sqlite:///{root / 'db.sqlite3'}"
    done = subprocess.run(command, cwd=root, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_works_as_it_is_shown(copy: Path) -> None:
    run(copy, sys.executable, "manage.py", "makemigrations", "samples", "--name", "first_tables")
    run(copy, sys.executable, "-m", "pytest", "tests/samples", "-q", "-n0", "-p", "no:cacheprovider")


def test_it_passes_the_gates(copy: Path) -> None:
    tools = Path(sys.executable).parent
    run(copy, str(tools / "ruff"), "check", "--no-cache", "samples", "tests/samples", "LeadManagementSystem")
    run(copy, str(tools / "ruff"), "format", "--no-cache", "--check", "samples", "tests/samples")
    run(copy, str(tools / "lint-imports"), "--no-logo", "--no-cache")
    assert [finding for finding in findings(copy) if "sample" in finding] == []


def test_it_takes_as_many_lines_as_is_said() -> None:
    app = [text for path, text in FILES.items() if path.startswith("samples/")]
    lines = sum(bool(line.strip()) for text in app for line in text.splitlines())
    (said,) = re.findall(r"It takes (\d+) lines in (\w+) files", DEVELOPING.text)

    assert (int(said[0]), said[1], len(app)) == (lines, "six", 6)
    assert sum(map(len, WIRED.values())) == 6
    assert "and six lines of wiring" in DEVELOPING.text
    assert f"takes {lines} lines" in page("CONTRIBUTING.md").text
