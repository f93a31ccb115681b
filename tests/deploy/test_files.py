"""What stands in `deploy/` fits the service: variables, commands, options and files that there are."""

import os
import re
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from celery.bin.celery import celery
from click import Context
from django.core.management import get_commands
from gunicorn.config import Config

from tests.architecture import ROOT, tracked
from tests.docs.pages import page
from tests.ports import free_port

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name: one for name, one in COMPOSE["services"].items() if one["image"] == "kam"}
DOCKERFILE = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
EXPLAINED = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
# What other programs read.
THEIRS = {"PATH", "PYTHONDONTWRITEBYTECODE"}


def variables() -> dict[str, set[str]]:
    """The names of the variables that each file sets for the service."""
    found = {"compose.yaml": {name for one in OURS.values() for name in one["environment"]}}
    found["Dockerfile"] = {
        name for line in re.findall(r"^ENV (.*)", DOCKERFILE, re.MULTILINE) for name in re.findall(r"(\w+)=", line)
    }
    for unit in UNITS:
        lines = re.findall(r"^Environment=(.*)", unit.read_text(), re.MULTILINE)
        found[unit.name] = {name for line in lines for name in re.findall(r"(\w+)=", line)}
    return found


def commands() -> dict[str, list[str]]:
    """What each file starts, word by word."""
    found = {f"compose: {name}": one["command"] for name, one in OURS.items() if "command" in one}
    (words,) = re.findall(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    found["Dockerfile"] = re.findall(r'"([^"]*)"', words)
    for unit in UNITS:
        (line,) = re.findall(r"^ExecStart=(.*)", unit.read_text(), re.MULTILINE)
        found[unit.name] = line.split()
    return found


@pytest.mark.parametrize("place", variables())
def test_it_sets_variables_that_are_explained(place: str) -> None:
    names = {name.removesuffix("_FILE") for name in variables()[place]}
    assert names
    assert names <= EXPLAINED | THEIRS


def test_it_gives_every_key_that_production_asks_for() -> None:
    settings = (ROOT / "LeadManagementSystem/settings.py").read_text()
    asked = set(re.findall(r'secret\("(\w+)"\)', settings))
    assert len(asked) >= 3
    for name, one in OURS.items():
        given = {key.removesuffix("_FILE") for key in one["environment"]}
        files = {Path(path).name for key, path in one["environment"].items() if key.endswith("_FILE")}
        assert asked <= given, name
        assert files == set(one["secrets"]), name


@pytest.mark.parametrize("place", commands())
def test_it_starts_what_there_is(place: str) -> None:
    program, *words = commands()[place]
    name = Path(program).name
    if name == "gunicorn":
        options = vars(Config(prog=name).parser().parse_args(words))
        assert (ROOT / options["config"]).is_file()
        assert options["bind"][0].endswith(":8000")
    elif name == "celery":
        assert words[:2] == ["--app", "LeadManagementSystem"]
        command = celery.commands[words[2]]
        _, left, _ = command.make_parser(Context(command)).parse_args(words[3:])
        assert left == []
    else:
        asked = re.findall(r"manage\.py (\w+)", " ".join([program, *words]))
        assert asked
        assert set(asked) <= set(get_commands())


def test_it_serves_with_what_gunicorn_understands(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "--check-config", "--config", str(DEPLOY / "gunicorn.conf.py")]
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'db'}", "STATE_DIR": str(tmp_path / "state")}
    checked = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert (tmp_path / "state" / "static").is_dir()


def test_it_stops_no_server_before_its_requests_are_done() -> None:
    (graceful,) = re.findall(r"^graceful_timeout = (\d+)$", (DEPLOY / "gunicorn.conf.py").read_text(), re.MULTILINE)
    web = (DEPLOY / "systemd" / "kam-web.service").read_text()
    assert int(COMPOSE["services"]["web"]["stop_grace_period"].removesuffix("s")) > int(graceful)
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", web, re.MULTILINE)[0]) > int(graceful)


# --- Containers -------------------------------------------------------------------------------------
def test_it_is_nobody_in_particular_in_a_container_that_cannot_be_changed() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["kam"]
    assert OURS.keys() == {"prepare", "web", "worker", "beat"}
    for one in OURS.values():
        assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])
        assert one["volumes"] == [f"state:{one['environment']['STATE_DIR']}"]
        assert not [name for name in one["environment"] if re.search("KEY$|PASSWORD|DATABASE_URL$|EMAIL_URL$", name)]


def test_it_names_services_volumes_and_secrets_that_there_are() -> None:
    for one in COMPOSE["services"].values():
        assert set(one.get("depends_on", [])) <= COMPOSE["services"].keys()
        assert set(one.get("secrets", [])) <= COMPOSE["secrets"].keys()
        for volume in one.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("./secrets/") or (DEPLOY / source).is_file()
    assert [name for name, one in COMPOSE["services"].items() if "ports" in one] == ["nginx"]


def test_it_copies_what_there_is_and_no_secret() -> None:
    for names in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        assert all((ROOT / name).exists() for name in names.split())
    left_out = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert {".*", "var"} <= set(left_out)
    assert "deploy/secrets" in left_out
    assert not [name for name in tracked(ROOT) if name.startswith("deploy/secrets")]


@pytest.mark.parametrize("status", [200, 503])
def test_it_knows_whether_the_server_in_its_container_lives(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    monkeypatch.setenv("ALLOWED_HOSTS", ".kam.example.com,other.example.com")
    alive = [sys.executable, str(DEPLOY / "alive.py")]
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        code = subprocess.run([*alive, str(server.server_port)], check=False).returncode
        server.shutdown()
        thread.join()
    assert (code, asked) == (0 if status == 200 else 1, [("/health/live", "kam.example.com")])
    assert subprocess.run([*alive, str(free_port())], check=False).returncode == 1


# --- systemd and nginx --------------------------------------------------------------------------------
@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_it_has_units_that_systemd_understands(tmp_path: Path) -> None:
    for unit in UNITS:
        there = unit.read_text().replace("/srv/kam/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(there.replace("User=kam", "User=root"))
    paths = sorted(map(str, tmp_path.glob("*.service")))
    checked = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)  # noqa: S607
    assert (checked.returncode, checked.stderr) == (0, "")


def test_it_says_what_each_unit_is() -> None:
    assert {unit.name for unit in UNITS} == {
        name.removeprefix("deploy/systemd/")
        for name in re.findall(r"deploy/systemd/[\w.-]+", page("docs/operating.md").text)
    }
    for unit in UNITS:
        assert unit.read_text().startswith(f"# /etc/systemd/system/{unit.name}\n")


def test_it_lets_the_proxy_say_what_the_service_believes() -> None:
    nginx = (DEPLOY / "nginx.conf").read_text()
    environment = OURS["web"]["environment"]
    assert (environment["NUM_PROXIES"], environment["TRUST_X_FORWARDED_PROTO"]) == ("1", "true")
    for name, value in {
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Request-ID": "$request_id",
    }.items():
        assert f"proxy_set_header {name} {value};" in nginx
    assert nginx.count("{") == nginx.count("}")
    assert "access_log off;" in nginx
