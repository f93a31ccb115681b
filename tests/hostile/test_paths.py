"""Paths, methods and headers that no client of ours sends."""

from __future__ import annotations

from tests.hostile.conftest import Attacker
from tests.routes import METHODS, endpoints

NO_KEYS = (
    "0",
    "-1",
    "1.5",
    "1.0",
    "\N{FULLWIDTH DIGIT ONE}",
    "true",
    "null",
    "undefined",
    "x",
    "0x1",
    "1e0",
    "+1",
    "%201",
    "1%20",
    "1%0A",
    "1%00",
    "1;2",
    "1,2",
    "%2e%2e",
    "%FF",
    "9" * 18,
    "9" * 19,
    "9" * 400,
)
NOWHERE = (
    "/",
    "/api/",
    "/api/v1/",
    "/lead/restaurant/",
    "/LEAD/restaurants/",
    "/lead//restaurants/",
    "//lead/restaurants/",
    "/lead/restaurants/1/nothing/",
    "/lead/restaurants/%2e%2e/",
    "/../etc/passwd",
    "/.env",
    "/static/../settings.py",
    "/static/nothing.js",
    "/favicon.ico",
    "/%00",
    "/%FF%FE",
    "/" + "a" * 10_000,
)
STRANGE_METHODS = (
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PURGE",
    "PERSON",
    "LISTS",
    "KNOWN_PARAMETERS",
    "REQUEST",
    "NOW",
)
IDEMPOTENCY_KEYS = ("", "x" * 256, "x" * 10_000, "é", "a\tb", "\x7f")
STALE = ("x", '""', '"999"', '"999-abc"', 'W/"999"', '"é"', "1 OR 1=1", ",", "x" * 10_000)
NOT_JSON = ("text/html", "application/xml", "image/*", "x", "x/y;q=z", "text/html;q=0.9, text/plain;q=0.8")
NO_TOKENS = (
    "Bearer",
    "Bearer a b",
    "Bearer x",
    "Bearer null",
    "Bearer a.b.c",
    "Bearer ..",
    "Bearer é",
    "Bearer " + "x" * 10_000,
    "Basic cm9vdDpyb290",
    "Token x",
    "x",
)

ODD_HEADERS: tuple[dict[str, str], ...] = (
    {"CONTENT_LENGTH": "x"},
    {"CONTENT_LENGTH": "-1"},
    {"HTTP_COOKIE": "sessionid=%00; =;;, csrftoken"},
    {"HTTP_X_FORWARDED_FOR": "' OR 1=1, ::1"},
    {"HTTP_IF_NONE_MATCH": ',,W/"x'},
    {"HTTP_RANGE": "bytes=0-,5"},
    {"HTTP_ACCEPT_LANGUAGE": "x" * 5_000},
    {"HTTP_ORIGIN": "null"},
    {"HTTP_REFERER": "\x01"},
)
OVERRIDES = ("HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_HTTP_METHOD", "HTTP_X_METHOD_OVERRIDE")
# Where a token is not looked at.
OPEN_DOORS = (
    "/api/",
    "/health/",
    "/kam/sign-up/",
    "/kam/password-reset/",
    "/notifications/unsubscribe/",
    "/call/calendar/{",
)
ON_A_ROW = [operation for operation in endpoints() if "{pk}" in operation.path]


def test_it_finds_nothing_at_what_is_no_key(attacker: Attacker) -> None:
    for operation in ON_A_ROW:
        for key in NO_KEYS:
            answer = attacker.send(operation.method, operation.path.replace("{pk}", key), b"{}")
            attacker.refused(answer, 404, said=f"{operation} {key[:40]}")


def test_it_finds_nothing_where_nothing_is(attacker: Attacker) -> None:
    for path in NOWHERE:
        for method in METHODS:
            attacker.refused(attacker.send(method.upper(), path, b"{}"), 404, said=f"{method} {path[:40]}")


def test_it_says_that_a_slash_is_missing(attacker: Attacker) -> None:
    for operation in endpoints():
        if operation.path.endswith("/"):
            answer = attacker.send(operation.method, attacker.path_of(operation).rstrip("/"), b"{}")
            attacker.refused(answer, 404, said=str(operation))
            assert "slash" in answer.json()["detail"]


def test_it_offers_no_other_method(attacker: Attacker) -> None:
    for path in sorted({endpoint.path for endpoint in endpoints()}):
        here = [operation for operation in endpoints() if operation.path == path]
        offered = {operation.method for operation in here}
        for method in sorted({*STRANGE_METHODS, *map(str.upper, METHODS)} - offered):
            answer = attacker.send(method, attacker.path_of(here[0]), b"{}")
            attacker.refused(answer, 405, said=f"{method} {path}")
            assert set(answer["Allow"].split(", ")) - {"HEAD"} == offered, f"{method} {path}"


def test_it_lets_no_header_change_the_method(attacker: Attacker) -> None:
    for operation in endpoints():
        if operation.method == "GET":
            path = attacker.path_of(operation)
            for name in OVERRIDES:
                assert attacker.send("GET", path, **{name: "DELETE"}).status_code == 200


def test_it_answers_json_only(attacker: Attacker) -> None:
    for operation in endpoints():
        path = attacker.path_of(operation)
        for accepted in NOT_JSON:
            answer = attacker.send(operation.method, path, b"{}", HTTP_ACCEPT=accepted)
            attacker.refused(answer, 406, said=f"{operation} {accepted}")


def test_it_refuses_a_host_that_is_not_ours(attacker: Attacker) -> None:
    for operation in endpoints():
        path = attacker.path_of(operation)
        for host in ("evil.example", "localhost.evil.example", "a b", "x" * 300):
            answer = attacker.send(operation.method, path, b"{}", HTTP_HOST=host)
            attacker.refused(answer, 400, said=f"{operation} {host[:40]}")


def test_it_refuses_a_broken_idempotency_key(attacker: Attacker) -> None:
    for operation in endpoints():
        if operation.method == "POST":
            path = attacker.path_of(operation)
            for key in IDEMPOTENCY_KEYS:
                answer = attacker.send("POST", path, b"{}", HTTP_IDEMPOTENCY_KEY=key)
                attacker.refused(answer, 400, said=f"{operation} {key[:40]!r}")
                assert answer.json()["code"] == "invalid_idempotency_key"


def test_it_takes_no_garbage_for_the_newest_version(attacker: Attacker) -> None:
    for operation in ON_A_ROW:
        if operation.method != "GET":
            path = attacker.path_of(operation)
            for tag in STALE:
                answer = attacker.send(operation.method, path, b"{}", HTTP_IF_MATCH=tag)
                attacker.refused(answer, 412, said=f"{operation} {tag[:40]}")


def test_it_knows_nobody_by_a_broken_token(attacker: Attacker) -> None:
    for operation in endpoints():
        if not operation.path.startswith(OPEN_DOORS):
            path = attacker.path_of(operation)
            for token in NO_TOKENS:
                answer = attacker.send(operation.method, path, b"{}", HTTP_AUTHORIZATION=token)
                attacker.refused(answer, 401, said=f"{operation} {token[:40]}")
                assert answer["WWW-Authenticate"].startswith("Bearer")


def test_it_bears_odd_headers(attacker: Attacker) -> None:
    for operation in endpoints():
        path = attacker.path_of(operation) + "?surprise=1"
        for headers in ODD_HEADERS:
            answer = attacker.send(operation.method, path, b"[", **headers)
            attacker.refused(answer, 400, field="surprise", said=f"{operation} {headers}"[:120])


def test_it_sends_hundreds() -> None:
    everywhere = len(NOT_JSON) + len(ODD_HEADERS) + 4
    assert len(endpoints()) * everywhere + len(ON_A_ROW) * len(NO_KEYS) + len(NOWHERE) * len(METHODS) >= 1_500
