"""The house is in order; and when it is not, the gates say so: each fault is planted in a copy of the code."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.architecture import ROOT, RULES, apps, findings, nothing_private

LINT_IMPORTS = Path(sys.executable).with_name("lint-imports")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_is_in_order(rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(ROOT)) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for app in apps(ROOT):
        shutil.copytree(ROOT / app, tmp_path / app, ignore=shutil.ignore_patterns("__pycache__"))
    for package in ("tests", "benchmarks"):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    for name in ("pyproject.toml", ".env.example"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def plant(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    with (root / path).open("a") as file:
        file.write(f"\n{text}\n")


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINT_IMPORTS, "--no-logo", "--no-cache"], cwd=root, capture_output=True, text=True, check=False
    )


def test_it_keeps_the_contracts(copy: Path) -> None:
    run = lint_imports(copy)

    assert "Contracts: 3 kept, 0 broken." in run.stdout, run.stdout
    assert run.returncode == 0


@pytest.mark.parametrize(
    ("faults", "broken"),
    [
        pytest.param({"leads/choices.py": "import call_planning.choices"}, "Apps import downwards", id="upwards"),
        pytest.param({"common/clock.py": "import kams.choices"}, "Apps import downwards", id="out of the kernel"),
        pytest.param({"kams/choices.py": "import kams.models"}, "Inside an app", id="upwards inside an app"),
        pytest.param({"leads/toolbox.py": ""}, "Inside an app", id="a file without a place"),
        pytest.param({"contact/choices.py": "import rest_framework"}, "Domain code", id="HTTP in the domain"),
        pytest.param({"leads/choices.py": "import celery"}, "Domain code", id="the job queue in the domain"),
        pytest.param(
            {"common/api/planted.py": "import rest_framework", "leads/choices.py": "import common.api.planted"},
            "Domain code",
            id="HTTP behind the domain",
        ),
    ],
)
def test_it_finds_an_import_that_breaks_a_contract(copy: Path, faults: dict[str, str], broken: str) -> None:
    for path, text in faults.items():
        plant(copy, path, text)

    run = lint_imports(copy)

    assert any(line.startswith(broken) and line.endswith("BROKEN") for line in run.stdout.splitlines()), run.stdout
    assert run.returncode == 1


VIEW = """
class Planted:
    queryset = Restaurant.objects.none()

    def get_queryset(self):
        """


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("leads/services.py", "", "name the file after the thing"),
        ("leads/views/helpers.py", "", "name the file after the thing"),
        ("tests/utils.py", "", "name the file after the thing"),
        ("leads/planted.py", "x = 1\n" * 301, "are more than 300"),
        ("tests/test_planted.py", "x = 1\n" * 401, "are more than 400"),
        ("invoices/__init__.py", "", "has no line for invoices"),
        ("leads/planted.py", "from django.db.models.signals import post_save", "no model signals"),
        ("leads/planted.py", "from django.db.models import signals", "no model signals"),
        ("leads/planted.py", "import django.db.models.signals", "no model signals"),
        ("leads/planted.py", "from django.dispatch import receiver", "no model signals"),
        ("leads/planted.py", 'class Meta:\n    fields = "__all__"', "say every field"),
        ("leads/views.py", f"{VIEW}return Restaurant.objects.all()", "begin with visible_to"),
        ("leads/views/planted.py", f"{VIEW}return Restaurant.objects.all()", "begin with visible_to"),
        (
            "leads/views.py",
            f"{VIEW}rows = Restaurant.objects.all()\n        return rows.recent()",
            "begin with visible_to",
        ),
        ("leads/views.py", f"{VIEW}return mine.visible_to(me) if me else Restaurant.objects.all()", "begin with"),
        ("leads/views.py", f"{VIEW}return None", "begin with visible_to"),
        ("leads/views.py", "class Planted:\n    queryset = Restaurant.objects.all()", "has to be ….objects.none()"),
        (
            "leads/views.py",
            "class Planted:\n    queryset: Any = Restaurant.objects.all()",
            "has to be ….objects.none()",
        ),
        ("leads/views.py", "rows = Restaurant.objects.filter(pk=1)", "a missing word"),
        ("LeadManagementSystem/settings.py", 'env.bool("PLANTED", False)', "has no sentence for PLANTED"),
        (".env.example", "# PLANTED=1", "explains PLANTED"),
    ],
)
def test_it_finds_what_breaks_a_rule(copy: Path, path: str, text: str, says: str) -> None:
    plant(copy, path, text)

    assert [finding for finding in findings(copy) if says in finding]


@pytest.mark.parametrize(
    "ending",
    [
        "return Restaurant.objects.visible_to(self.request.user).recent()",
        "return Restaurant.objects.listed_for(self.request.user)",
        "return super().get_queryset().recent()",
        "rows = Restaurant.objects.visible_to(me)\n        rows = rows.recent()\n        return rows.rows",
        "return rows.visible_to(me) if me else rows.listed_for(me)",
    ],
)
def test_it_accepts_a_view_that_begins_with_the_person(copy: Path, ending: str) -> None:
    plant(copy, "leads/views/planted.py", VIEW + ending)

    assert not [finding for finding in findings(copy) if finding.startswith("leads/views/planted.py")]


def test_it_finds_a_module_that_the_domain_contract_forgot(copy: Path) -> None:
    tools = copy / "pyproject.toml"
    tools.write_text(tools.read_text().replace('  "*.schedule",\n', ""))

    assert 'pyproject.toml: the contract domain has no line for "*.schedule".' in findings(copy)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("open('/" + "home/alice/leads.csv')", "a path of one machine"),
        ("--extra-" + "index-url somewhere", "a package registry"),
        ("https://files.pythonhosted" + ".org/", "a package registry"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        ("ghp_" + "a" * 36, "an access key"),
        ("Bearer " + ".".join(["eyJ" + "a" * 20, "eyJ" + "b" * 20, "c" * 20]), "a token"),
    ],
)
def test_it_finds_what_does_not_belong_in_the_repository(tmp_path: Path, text: str, says: str) -> None:
    plant(tmp_path, "planted.txt", text)
    plant(tmp_path, "untracked.txt", text)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    for command in (["init", "--quiet"], ["add", "planted.txt", "picture.png"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S607

    assert list(nothing_private(tmp_path)) == [f"planted.txt:2: {says} does not belong in the repository."]
