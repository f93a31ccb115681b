"""What is said about settings is what they are: the page, the pattern file and the code agree."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture import ROOT
from tests.docs.pages import page, plain

PAGE = page("docs/operating.md")
SHOW = """
import json
from LeadManagementSystem import settings
print(json.dumps({name: repr(value) for name, value in vars(settings).items() if name.isupper()}))
"""


def explained() -> dict[str, str]:
    """The variables of `.env.example`, each with its default."""
    text = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^# ([A-Z_]+)=(.*)$", text, re.MULTILINE))


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    """The settings in a folder of their own, where no `.env` of a developer is read."""
    shutil.copytree(ROOT / "LeadManagementSystem", tmp_path / "LeadManagementSystem")
    return tmp_path


def settings(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run([sys.executable, "-c", SHOW], cwd=root, env=own, capture_output=True, text=True, check=False)


def values(root: Path, **variables: str) -> dict[str, Any]:
    shown = settings(root, **variables)
    assert shown.returncode == 0, shown.stderr
    return dict(json.loads(shown.stdout))


def test_it_lists_every_variable_with_its_default() -> None:
    listed = {plain(row["variable"]): plain(row["default"]) for row in PAGE.table("variable")}

    assert listed == explained()


def test_it_names_the_defaults_of_the_code(alone: Path) -> None:
    said = {name: default for name, default in explained().items() if default}

    assert len(said) > 15
    assert values(alone, **said) == values(alone)


def test_it_reads_a_value_from_a_file(alone: Path) -> None:
    (alone / "zone").write_text("Asia/Kolkata")

    assert values(alone, TIME_ZONE_FILE=str(alone / "zone"))["TIME_ZONE"] == "'Asia/Kolkata'"


@pytest.mark.parametrize("missing", ["SECRET_KEY", "JWT_SIGNING_KEY", "AUDIT_KEY"])
@pytest.mark.parametrize("value", ["", "short", "development-only-key-never-used-where-real-people-log-in"])
def test_it_refuses_to_start_in_production_without_a_key(alone: Path, missing: str, value: str) -> None:
    keys = {"SECRET_KEY": "s" * 32, "JWT_SIGNING_KEY": "j" * 32, "AUDIT_KEY": "a" * 32}

    assert settings(alone, ENVIRONMENT="production", **keys).returncode == 0
    refused = settings(alone, ENVIRONMENT="production", **{**keys, missing: value})
    assert refused.returncode == 1
    assert f"ImproperlyConfigured: {missing} must be set in production" in refused.stderr


@pytest.mark.parametrize("value", ["short", "development-only-key-never-used-where-real-people-log-in"])
def test_it_refuses_a_previous_key_that_anybody_knows(alone: Path, value: str) -> None:
    keys = {"SECRET_KEY": "s" * 32, "JWT_SIGNING_KEY": "j" * 32, "AUDIT_KEY": "a" * 32}

    good = values(alone, ENVIRONMENT="production", **keys, JWT_PREVIOUS_SIGNING_KEY="p" * 32)
    assert good["JWT_PREVIOUS_SIGNING_KEY"] == repr("p" * 32)
    refused = settings(alone, ENVIRONMENT="production", **keys, JWT_PREVIOUS_SIGNING_KEY=value)
    assert refused.returncode == 1
    assert "ImproperlyConfigured: JWT_PREVIOUS_SIGNING_KEY must be set in production" in refused.stderr


def test_it_prepares_a_first_start(tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".*", "var", "tests", "docs", "__pycache__"))
    environment = {
        "PATH": os.environ["PATH"],
        "ENVIRONMENT": "production",
        "SECRET_KEY": "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "JWT_SIGNING_KEY": "ZYXWVUTSRQPONMLKJIHGFEDCBA-9876543210-zyxwvutsrqponmlkjihgfedcba",
        "AUDIT_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-9876543210-ABCDEFGHIJKLMNOP",
        "ALLOWED_HOSTS": "kam.example.com",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    typed = PAGE.block("production").text.replace(".venv/bin/python", sys.executable)
    # A page for staff needs all of it: the settings, the tables and the static files by their hashed names.
    ask = (
        "from django.test import Client; "
        "print(Client().get('/admin/login/', secure=True, headers={'Host': 'kam.example.com'}).status_code)"
    )
    script = f'set -e\n{typed}{sys.executable} manage.py shell --no-imports -c "{ask}"\n'

    run = subprocess.run(
        ["bash", "-c", script],  # noqa: S607
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == "200", run.stdout + run.stderr


def test_it_keeps_what_the_url_says_of_the_connection(alone: Path) -> None:
    url = "postgres://kam:secret@db.example.com/kam?sslmode=verify-full"
    shown = values(alone, DATABASE_URL=url)["DATABASES"]

    assert "'sslmode': 'verify-full'" in shown
    assert "statement_timeout" in shown


def test_it_reads_from_replicas_where_there_is_a_shared_cache(alone: Path) -> None:
    urls = {"DATABASE_URL": "postgres://kam@one.example.com/kam"}
    urls["DATABASE_REPLICA_URLS"] = "postgres://kam@two.example.com/kam,postgres://kam@three.example.com/kam"

    assert values(alone)["DATABASE_ROUTERS"] == "[]"
    shown = values(alone, **urls, CACHE_URL="redis://cache.example.com:6379/0")
    assert shown["DATABASE_ROUTERS"] == "['common.replicas.Router']"
    for name in ("one", "two", "three"):
        assert f"{name}.example.com" in shown["DATABASES"]
    refused = settings(alone, **urls)
    assert refused.returncode == 1
    assert "ImproperlyConfigured: With DATABASE_REPLICA_URLS, set CACHE_URL" in refused.stderr
