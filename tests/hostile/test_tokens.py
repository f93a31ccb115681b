"""Every operation, with each method, for every token that is forged: a 401, and nothing else is looked at."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from kams import tokens
from kams.models import Session, User
from tests.cast import NOON, person
from tests.hostile.conftest import Attacker
from tests.kams.forgeries import FORGERIES, HUGE, OF_CALLERS, STRANGE, resigned
from tests.ledger import marks
from tests.routes import Operation, endpoints

# Where a token is not looked at, because whoever comes is nobody yet, or has another secret.
OPEN_DOORS = (
    "/api/",
    "/health/",
    "/kam/sign-up/",
    "/kam/password-reset/",
    "/notifications/unsubscribe/",
    "/call/calendar/{",
)
CALLERS_ROW = re.compile(r"SELECT \S+kams_user\S+\.\S+id\b.* FROM .kams_user. ", re.DOTALL)
KEYWORDS = ("Api-Key", "JWT", "Token", "Basic", "bearer", "Bearer:", "")

# Thirty thousand requests: less than a minute of a processor that has nothing else to do.
pytestmark = [pytest.mark.timeout(900), pytest.mark.filterwarnings("ignore:The HMAC key is")]


def asked_with_a_token() -> list[tuple[Operation, str]]:
    """Each operation that asks who comes, with each method; HEAD goes with GET."""
    guarded = [one for one in endpoints() if not one.path.startswith(OPEN_DOORS)]
    heads = [(one, "HEAD") for one in guarded if one.method == "GET"]
    return [*((one, one.method) for one in guarded), *heads]


@contextmanager
def statements() -> Iterator[list[str]]:
    sent: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


@contextmanager
def nobody_calls() -> Iterator[int]:
    """The port of a server on this machine that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server.getsockname()[1]
        with pytest.raises(BlockingIOError):
            server.accept()


def gone() -> dict[str, str]:
    """Tokens that were good, of people and log-ins that are no more."""
    people = {name: person(name) for name in ("deleted", "inactive", "ended", "everywhere", "demoted")}
    made = {f"of who is {name}": tokens.log_in(who, at=NOON)["access"] for name, who in people.items()}
    del made["of who is demoted"]
    people["deleted"].sessions.all().delete()
    User.objects.filter(pk=people["deleted"].pk).delete()
    User.objects.filter(pk=people["inactive"].pk).update(is_active=False)
    people["everywhere"].log_out_everywhere(at=NOON)
    Session.objects.revoke(people["ended"].sessions.get().pk, at=NOON)
    return made


def naming_a_key_at(port: int) -> dict[str, Any]:
    """Headers that name a key of the forger's own, at an address that answers."""
    here = f"http://127.0.0.1:{port}/key"
    named = {"jku": here, "x5u": here, "kid": here, "jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB", "x5u": here}}
    return {
        f"{name} at an address that answers": resigned(key="x" * 32, header={name: value})
        for name, value in named.items()
    }


def forged(attacker: Attacker, good: dict[str, str], port: int) -> dict[str, str]:
    forges = {**FORGERIES, **HUGE, **STRANGE, **OF_CALLERS, **naming_a_key_at(port)}
    found = {name: f"Bearer {forge(good['access'])}" for name, forge in forges.items()}
    found |= {name: f"Bearer {token}" for name, token in gone().items()}
    found["the refresh token"] = f"Bearer {good['refresh']}"
    found["the secret of a calendar"] = f"Bearer {attacker.world.secrets['token']}"
    found["the secret of a mail"] = f"Bearer {attacker.world.secrets['secret']}"
    found["the secret of a reset"] = f"Bearer {attacker.world.cast.root.reset_secret}"
    found |= {f"a good one as {word!r}": f"{word} {good['access']}".strip() for word in KEYWORDS}
    found["two good ones"] = f"Bearer {good['access']} {good['access']}"
    found["two good ones with a comma"] = f"Bearer {good['access']}, Bearer {good['access']}"
    attacker.before = marks()  # from here on nothing changes
    # A server hands the bytes on as Latin-1.
    return {name: header.encode("utf-8", "surrogatepass").decode("latin-1") for name, header in found.items()}


def test_it_lets_no_forged_token_in(attacker: Attacker) -> None:
    good = tokens.log_in(attacker.world.cast.root, at=NOON)
    with nobody_calls() as port:
        headers = forged(attacker, good, port)
        assert len(headers) >= 60
        for operation, method in asked_with_a_token():
            path = attacker.world.path(operation.path.replace("{pk}", "1"))
            known = attacker.send(method, f"{path}?surprise=1", b"{}", HTTP_AUTHORIZATION=f"Bearer {good['access']}")
            assert known.status_code == 400, f"{method} {path}: a good token comes further"
            for name, header in headers.items():
                said = f"{method} {path}: {name}"
                with statements() as sent:
                    answer = attacker.send(method, path, b"{}", HTTP_AUTHORIZATION=header)
                attacker.refused(answer, 401, said=said)
                assert answer["WWW-Authenticate"] == 'Bearer realm="api"', said
                assert len(sent) <= 1, said
                assert all(map(CALLERS_ROW.match, sent)), f"{said}: {sent}"


def test_it_looks_at_no_token_at_an_open_door(attacker: Attacker) -> None:
    good = tokens.log_in(attacker.world.cast.root, at=NOON)
    with nobody_calls() as port:
        headers = forged(attacker, good, port)
        for operation in endpoints():
            if operation.path.startswith(OPEN_DOORS):
                path = attacker.world.path(operation.path)
                refused = attacker.send(operation.method, f"{path}?surprise=1", b"{}", HTTP_AUTHORIZATION="")
                for name, header in headers.items():
                    answer = attacker.send(operation.method, f"{path}?surprise=1", b"{}", HTTP_AUTHORIZATION=header)
                    assert (answer.status_code, answer.content) == (400, refused.content), f"{operation}: {name}"


def test_it_walks_every_operation() -> None:
    walked = {one for one, _ in asked_with_a_token()}
    assert {str(one) for one in endpoints() if one not in walked} == {
        "GET /api/schema/",
        "GET /call/calendar/{token}.ics",
        "GET /health/live",
        "GET /health/ready",
        "GET /notifications/unsubscribe/{secret}/",
        "POST /api/token/",
        "POST /api/token/blacklist/",
        "POST /api/token/refresh/",
        "POST /api/token/verify/",
        "POST /kam/password-reset/",
        "POST /kam/password-reset/confirm/",
        "POST /kam/sign-up/",
        "POST /kam/sign-up/request/",
        "POST /notifications/unsubscribe/{secret}/",
    }, "Each operation that asks for no token is named here."
