"""What stands in the log: one line for a request, with its id, its person and no secret."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client

from common.jobs import Job
from common.logs import formatter
from common.runner import run_due
from leads.models import Restaurant
from notifications.unsubscribe import secret_of
from tests.cast import NOON, PASSWORD, Cast, api, contact, restaurant, token_for
from tests.docs.pages import page
from tests.routes import operations

pytestmark = pytest.mark.django_db


class Log:
    """A handler as the service has one, whose lines can be read."""

    def __init__(self, shape: str) -> None:
        self.out = StringIO()
        self.handler = logging.StreamHandler(self.out)
        self.handler.setFormatter(formatter(shape))

    @property
    def text(self) -> str:
        return self.out.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.split("\n")[:-1]]

    @property
    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == "common.requests"]


def log_of(shape: str) -> Iterator[Log]:
    log, root = Log(shape), logging.getLogger()
    root.addHandler(log.handler)
    yield log
    root.removeHandler(log.handler)


@pytest.fixture
def log() -> Iterator[Log]:
    yield from log_of("json")


@pytest.fixture
def console() -> Iterator[Log]:
    yield from log_of("console")


# --- One line a request -----------------------------------------------------------------------------
def test_it_writes_one_line_for_a_request(cast: Cast, log: Log) -> None:
    restaurant(cast.asha, name="Willow")
    answer = api(cast.asha).get("/lead/restaurants/?search=Willow")
    (line,) = log.lines
    assert (line.pop("ms") >= 0, datetime.fromisoformat(line.pop("timestamp")).tzinfo is not None) == (True, True)
    shown = json.loads(page("docs/operating.md").block("log").text)
    assert shown.keys() == {*line, "ms", "timestamp"}
    assert line == {
        "event": "Answered",
        "level": "info",
        "logger": "common.requests",
        "request_id": answer["X-Request-ID"],
        "person": cast.asha.pk,
        "method": "GET",
        "path": "/lead/restaurants/",
        "status": 200,
    }


def test_it_knows_nobody_before_they_have_logged_in(log: Log) -> None:
    assert api().get("/lead/restaurants/").status_code == 401
    (line,) = log.lines
    assert (line["person"], line["status"]) == (None, 401)


def test_it_knows_who_uses_the_pages_of_staff(cast: Cast, log: Log) -> None:
    client = Client()
    client.force_login(cast.root, "django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/").status_code == 200
    assert log.requests[-1]["person"] == cast.root.pk


@pytest.mark.parametrize("given", ["a", "F-1.2_3", "x" * 64])
def test_it_takes_the_id_of_a_proxy(given: str, log: Log) -> None:
    answer = api().get("/health/live", X_Request_ID=given)
    assert answer["X-Request-ID"] == log.requests[0]["request_id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\nb", "a;b", "é", "٣", '"'])
def test_it_makes_an_id_rather_than_take_an_odd_one(given: str, log: Log) -> None:
    answer = api().get("/health/live", X_Request_ID=given)
    assert re.fullmatch("[0-9a-f]{32}", answer["X-Request-ID"])
    assert log.requests[0]["request_id"] == answer["X-Request-ID"]


@pytest.mark.parametrize("path", ["/lead/nothing", "/lead/restaurants/?colour=red", "/lead/%00/"])
def test_it_gives_refusals_their_id_as_well(path: str, cast: Cast, log: Log) -> None:
    answer = api(cast.asha).get(path, X_Request_ID="r-1")
    assert (answer.status_code // 100, answer["X-Request-ID"]) == (4, "r-1")
    assert [(line["request_id"], line["status"]) for line in log.lines] == [("r-1", answer.status_code)]


def test_it_gives_every_line_on_the_way_the_same_id(cast: Cast, log: Log) -> None:
    with patch.object(Restaurant.objects, "visible_to", side_effect=OperationalError("gone")):
        answer = api(cast.asha).get("/lead/restaurants/1/", X_Request_ID="r-2")
    assert answer.status_code == 503
    assert len(log.lines) > 1
    assert {line["request_id"] for line in log.lines} == {"r-2"}
    assert {line["person"] for line in log.lines} == {cast.asha.pk}


def test_it_keeps_the_trace_of_a_crash_in_one_line(cast: Cast, log: Log) -> None:
    with patch.object(Restaurant.objects, "visible_to", side_effect=ZeroDivisionError("oh\nno")):
        assert api(cast.asha).get("/lead/restaurants/1/").status_code == 500
    crash, answered = log.lines
    assert "ZeroDivisionError: oh\nno" in crash["exception"]
    assert (crash["level"], answered["status"]) == ("error", 500)


def test_it_lets_go_of_the_request_that_is_answered(cast: Cast, log: Log) -> None:
    api(cast.asha).get("/lead/restaurants/")
    logging.getLogger("afterwards").info("Quiet.")
    assert "request_id" not in log.lines[-1]


# --- Jobs -------------------------------------------------------------------------------------------
def test_it_names_the_job_on_its_lines(log: Log) -> None:
    def sweep(_: datetime) -> int:
        logging.getLogger("broom").info("Swept.")
        return 1

    run_due(Job("sweep", sweep, timedelta(hours=1), "Sweeps."), at=NOON)
    assert {line["job"] for line in log.lines} == {"sweep"}
    assert log.lines[0]["event"] == "Swept."
    logging.getLogger("broom").info("Rests.")
    assert "job" not in log.lines[-1]


# --- Secrets ----------------------------------------------------------------------------------------
def test_it_shows_no_password_and_no_token(cast: Cast, log: Log) -> None:
    access = token_for(cast.asha)
    for path in ("/api/token/", "/api/token/verify/", "/api/token/refresh/"):
        body = {"username": cast.asha.username, "password": PASSWORD, "token": access, "refresh": access}
        api().post(path, body)
    api(cast.asha).get(f"/lead/restaurants/?search={access}&password={PASSWORD}")
    api(cast.asha).get(f"/lead/{access}/")
    logging.getLogger("careless").warning("It came with Authorization: Bearer %s", "abcdef")
    logging.getLogger("careless").warning("It was %s", access)
    key = f"kam_abcd2345_{'Secret-' * 6}x"
    api().get(f"/lead/restaurants/?search={key}", Authorization=f"Api-Key {key}")
    api().get(f"/lead/{key}/")
    logging.getLogger("careless").warning("It was %s, with Authorization: Api-Key %s", key, "ghijkl")
    assert len(log.lines) == 10
    assert "Secret" not in log.text
    assert "ghijkl" not in log.text
    assert access not in log.text
    assert PASSWORD not in log.text
    assert "abcdef" not in log.text


@pytest.mark.parametrize("end", ["/", "", "/more/", "/?a=1"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_it_shows_no_path_that_is_a_secret(cast: Cast, log: Log, method: str, end: str) -> None:
    secret = secret_of(contact(restaurant(cast.asha)).pk)
    getattr(api(), method)(f"/notifications/unsubscribe/{secret}{end}")
    api().get("/call/calendar/abcdefghijk.ics")
    assert secret not in log.text
    assert "abcdefghijk" not in log.text
    assert [line["path"][:28] for line in log.requests] == ["/notifications/unsubscribe/…", "/call/calendar/…"]


def test_it_knows_every_path_that_is_a_secret() -> None:
    secret = {one.path.partition("{")[0] for one in operations() if re.search(r"\{(secret|token|key)\}", one.path)}
    assert secret
    assert secret <= set(settings.SECRET_PATHS)


# --- Injection --------------------------------------------------------------------------------------
HOSTILE = "%0d%0a2024-12-28T10:00:00Z [info] all is well\x1b[2J%1b[2J%e2%80%a8%c2%85x"


def test_it_stays_on_one_line_whatever_is_asked_for(log: Log) -> None:
    Client().get(f"/lead/{HOSTILE}", headers={"User-Agent": "a\nb"})
    assert log.text.count("\n") == 1
    assert "\n2024" in log.lines[0]["path"]


def test_it_stays_on_one_line_on_the_console_too(console: Log) -> None:
    Client().get(f"/lead/{HOSTILE}")
    logging.getLogger("careless").warning("It said %s", "\nboo\x1b")
    assert len(console.text.splitlines()) == 2
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", console.text)
    assert "status=404" in console.text


def test_it_sets_a_trace_apart_on_the_console(console: Log) -> None:
    try:
        int("one\n2024-12-28 two\x1b" + PASSWORD)
    except ValueError:
        logging.getLogger("careless").exception("It failed.")
    first, *trace = console.text.splitlines()
    assert "It failed." in first
    assert all(line.startswith("    ") for line in trace[1:]), console.text
    assert "\x1b" not in console.text


def test_it_writes_half_a_character(log: Log) -> None:
    # Past pytest, which does not write it.
    log.handler.handle(logging.makeLogRecord({"name": "careless", "msg": "It said %s", "args": ("\ud800",)}))
    assert log.text.count("\n") == 1
    assert "ud800" in log.lines[0]["event"]
