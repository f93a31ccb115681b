"""One who means ill, with every right: an admin, so that no refusal is for want of a role."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.http import HttpResponse

from LeadManagementSystem.wsgi import application
from tests.cast import Cast, token_for
from tests.ledger import marks
from tests.routes import Operation
from tests.world import World, account_for

JSON = "application/json"


class Answer(HttpResponse):
    def json(self) -> Any:
        return orjson.loads(self.content)


class Attacker:
    def __init__(self, world: World) -> None:
        self.world = world
        self.token = token_for(world.cast.root)
        self.before = marks()

    def send(self, method: str, path: str, raw: bytes = b"", /, *, content_type: str = JSON, **extra: str) -> Any:
        """A request byte by byte, as a server hands it over; `extra` are headers in the way of WSGI."""
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "CONTENT_TYPE": content_type,
            "CONTENT_LENGTH": str(len(raw)),
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_HOST": "testserver",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(raw),
            "wsgi.errors": BytesIO(),
            **extra,
        }
        said: list[Any] = []
        content = b"".join(application(environ, lambda status, headers: said.extend((status, headers))))
        return Answer(content, status=int(said[0][:3]), headers=dict(said[1]))

    def path_of(self, operation: Operation) -> str:
        """Where the operation has success. What was done before it has changed nothing."""
        self.unchanged()
        return self.world.path(operation.path.replace("{pk}", f"{{{account_for(operation)}}}"))

    def body_of(self, operation: Operation) -> dict[str, Any]:
        """A body with which the operation has success. All that it needs is made: from here on nothing may change."""
        body: dict[str, Any] = self.world.body(str(operation), account_for(operation)) or {}
        self.before = marks()
        return dict(body)

    def unchanged(self) -> None:
        assert marks() == self.before

    def refused(self, answer: Any, *statuses: int, field: str = "", said: str = "") -> None:
        """The answer is one of these, as a problem that names the field."""
        assert answer.status_code in statuses, f"{said}: {answer.status_code} {answer.content[:500]!r}"
        assert answer["Content-Type"] == "application/problem+json", said
        problem = answer.json()
        assert problem["status"] == answer.status_code, said
        assert problem["title"], said
        assert problem["detail"], said
        if field:
            named = {name for error in problem["errors"] for name in (error, error.rpartition(".")[0])}
            assert field in named, f"{said}: {problem}"


@pytest.fixture
def attacker(cast: Cast, noon: None, settings: Any, caplog: pytest.LogCaptureFixture) -> Iterator[Attacker]:  # noqa: ARG001 - the clock stands
    caplog.set_level(logging.WARNING, "common.requests")  # thousands of lines that nobody reads
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SIGN_UP = "open"
    # Each request would close the connection, and with it the test's transaction.
    request_started.disconnect(close_old_connections)
    attacker = Attacker(World(cast))
    yield attacker
    attacker.unchanged()
    request_started.connect(close_old_connections)
