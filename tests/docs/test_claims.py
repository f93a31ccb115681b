"""What pages list is what there is: commands, files, layers, names, roles, limits."""

import importlib
import re
import subprocess
import sys
import tomllib
from datetime import timedelta
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import get_commands

from common import jobs
from common.api.problems import TITLES
from common.events import Event
from kams.choices import Role
from kams.models import User
from tests.architecture import ROOT, apps, tracked
from tests.cast import Cast, api
from tests.docs.pages import Page, page, pages, plain

HERE = Path(__file__).parent
README = page("README.md")
ARCHITECTURE = page("docs/architecture.md")
DEVELOPING = page("docs/developing.md")
OPERATING = page("docs/operating.md")
TOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
MAKEFILE = (ROOT / "Makefile").read_text()
# What a path on a page may begin with although it is not in the repository.
MADE = ("var/", ".venv/", "samples/", "/", "http", "sqlite:", "postgres:", "mysql:", "redis:")


# --- make -----------------------------------------------------------------------------------------
def make(*targets: str) -> str:
    done = subprocess.run(["make", *targets], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    return done.stdout


def test_it_lists_the_targets_of_make() -> None:
    offered = dict(re.findall(r"^(make \S+) +(.+?)(?: \(.*\)|: make .*)?$", make("help"), re.MULTILINE))

    assert {plain(row["command"]): row["does"] for row in DEVELOPING.table("command")} == offered


def test_it_lists_the_gates() -> None:
    (gates,) = re.findall(r"^check: (.*?) *##", MAKEFILE, re.MULTILINE)

    assert [plain(row["gate"]) for row in DEVELOPING.table("gate")] == gates.split()


@pytest.mark.parametrize("one", pages(), ids=str)
def test_it_names_commands_that_exist(one: Page) -> None:
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    typed = "\n".join([*one.code_words, *(block.text for block in one.blocks if block.language == "sh")])

    assert set(re.findall(r"\bmake ([a-z-]+)", typed)) <= targets
    assert set(re.findall(r"\bmanage\.py (\w+)", typed)) <= set(get_commands()) | {"test"}
    for tool in re.findall(r"\.venv/bin/([\w-]+)", typed):
        assert Path(sys.executable).with_name(tool).exists(), tool


def test_it_names_the_test_command_that_ci_runs() -> None:
    (extraction,) = re.findall(r"awk '(.*)' README\.md", (ROOT / ".ci" / "run").read_text())
    found = subprocess.run(
        ["awk", extraction, "README.md"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert found.stdout == "make test\n"


def test_it_names_the_port_of_make_run() -> None:
    (port,) = re.findall(r"^PORT = (\d+)$", MAKEFILE, re.MULTILINE)
    named = {port for one in pages() for port in re.findall(r"http://127\.0\.0\.1:(\d+)", one.text)}

    assert named == {port}


# --- Files and layers -----------------------------------------------------------------------------
def test_it_shows_what_stands_in_the_root() -> None:
    (tree,) = [block.text for block in README.blocks if block.language == "text"]
    shown = [name.rstrip("/") for line in tree.splitlines() for name in re.split(r" {2,}", line)[0].split()]
    there = {name.split("/")[0] for name in tracked(ROOT)} or set(shown)

    assert [name for name in shown if not any(fnmatch(real, name) for real in there)] == []
    assert [real for real in there if not any(fnmatch(real, name) for name in shown)] == []


def test_it_draws_the_layers_that_are_guarded() -> None:
    drawn = [line.split()[0] for line in ARCHITECTURE.block("layers").text.splitlines()]
    contracts = {contract["id"]: contract for contract in TOOLS["importlinter"]["contracts"]}

    assert drawn == contracts["apps"]["layers"]


@pytest.mark.parametrize("one", pages(), ids=str)
def test_it_names_files_that_exist(one: Page) -> None:
    for word in sorted(one.code_words):
        if re.fullmatch(r"[\w./*-]+", word) and "/" in word and not word.startswith(MADE):
            assert list(ROOT.glob(word.rstrip("/"))), f"{one}: there is no {word}."


def test_it_lists_the_domain_events() -> None:
    declared = {
        f"{app}.events.{name}"
        for app in apps(ROOT)
        if (ROOT / app / "events.py").is_file()
        for name, value in vars(importlib.import_module(f"{app}.events")).items()
        if isinstance(value, Event)
    }

    assert {plain(row["event"]) for row in ARCHITECTURE.table("event")} == declared


# --- Names ----------------------------------------------------------------------------------------
@cache
def known_names() -> set[str]:
    """Every word of the code, its settings and its tools."""
    files = [ROOT / name for name in (".env.example", "pyproject.toml", "Makefile", ".ci/run")]
    files += ROOT.glob("requirements*.in")
    files += [
        path
        for app in (*apps(ROOT), "benchmarks", "tests")
        for path in (ROOT / app).rglob("*.py")
        if path.parent != HERE
    ]
    texts = [path.read_text() for path in files] + [block.text for block in DEVELOPING.blocks]
    migrations = {path.stem.partition("_")[2] for path in files if path.parent.name == "migrations"}
    return migrations | {word for text in texts for word in re.findall(r"[\w-]+", text)}


@pytest.mark.parametrize("one", [ARCHITECTURE, DEVELOPING, *[p for p in pages() if "decisions" in str(p)]], ids=str)
def test_it_names_what_is_in_the_code(one: Page) -> None:
    for word in sorted(one.code_words):
        if named := re.fullmatch(r"([A-Za-z_][\w.]*)(\(.*\))?", word):
            unknown = [part for part in named[1].split(".") if part and part not in known_names()]
            assert not unknown, f"{one}: nothing is called {word}."


def test_it_gives_each_library_its_reason() -> None:
    wanted = {
        re.split(r"[\[<>=]", line)[0].strip()
        for path in ROOT.glob("requirements*.in")
        for line in path.read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    }

    assert {row["library"] for row in page("docs/decisions/0001-libraries.md").table("library")} == wanted


# --- What the domain and the API promise ------------------------------------------------------------
def test_it_says_what_roles_may(cast: Cast) -> None:
    people = {Role.KAM: cast.asha, Role.MANAGER: cast.maya, Role.ADMIN: cast.root, Role.ANALYST: cast.nora}
    rows = {row["role"]: row for row in ARCHITECTURE.table("role")}

    assert set(rows) == set(Role.values)
    for role, person in people.items():
        assert {name: rows[role][name] for name in ("sees everything", "may edit", "may allocate")} == {
            "sees everything": yes_or_no(person, "sees_everything"),
            "may edit": yes_or_no(person, "may_edit"),
            "may allocate": yes_or_no(person, "may_allocate"),
        }


def yes_or_no(person: User, right: str) -> str:
    return "yes" if getattr(person, right) else "no"


def test_it_shows_filters_that_work(cast: Cast) -> None:
    lists = ("/lead/restaurants/", "/track/interactions/")
    for row in page("docs/getting-started.md").table("kind"):
        for example in re.findall(r"`(\w+=[^`]+)`", row["example"]):
            answers = [api(cast.asha).get(f"{path}?{example.replace(' ', '%20')}") for path in lists]
            assert 200 in {answer.status_code for answer in answers}, example


def test_it_names_every_status_of_a_refusal() -> None:
    rows = page("docs/getting-started.md").table("status")
    named = {int(code) for row in rows for code in row["status"].split(",")}

    assert named == set(TITLES) - {500}


def test_it_lists_the_jobs() -> None:
    listed = [(plain(row["job"]), row["how often"], row["does"]) for row in OPERATING.table("job")]

    assert listed == [(job.name, job.how_often, job.words) for job in jobs.table()]


@pytest.mark.parametrize("row", OPERATING.table("what"), ids=lambda row: row["what"])
def test_it_says_the_limits_of_the_code(row: dict[str, str]) -> None:
    value = limit(plain(row["name in the code"]))
    number, _, unit = row["limit"].replace(",", "").partition(" ")
    if isinstance(value, timedelta):
        assert timedelta(**{unit: int(number)}) == value
    else:
        assert int(number) == value


def limit(name: str) -> Any:
    """The value that a dotted name has: a module, then names or keys within."""
    parts = name.split(".")
    end = max(
        n
        for n in range(1, len(parts))
        if Path(ROOT, *parts[:n]).is_dir() or Path(ROOT, *parts[:n]).with_suffix(".py").is_file()
    )
    value: Any = importlib.import_module(".".join(parts[:end]))
    for part in parts[end:]:
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value
