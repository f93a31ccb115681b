"""Bodies as servers hand them over: with a length, in chunks, in pieces that break off, and just within the limit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from LeadManagementSystem.asgi import application as asgi
from LeadManagementSystem.wsgi import application as wsgi
from leads.models import Restaurant
from tests.cast import Cast, api, call_plan, restaurant, token_for

pytestmark = pytest.mark.usefixtures("noon")


class Broken(BytesIO):
    """Chunks of which the second is none; servers have errors of their own for it."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise ArithmeticError(f"Invalid chunk size, {size}")


@pytest.fixture(autouse=True)
def _in_one_transaction() -> Iterator[None]:
    # Each request would close the connection, and with it the test's transaction.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def row(cast: Cast) -> Restaurant:
    return restaurant(cast.asha, notes="As it was.")


def in_chunks(cast: Cast, method: str, path: str, stream: BytesIO, **extra: str) -> tuple[int, dict[str, Any]]:
    """What the WSGI entry point answers to a body without a length."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_TYPE": "application/json",
        "HTTP_AUTHORIZATION": f"Bearer {token_for(cast.asha)}",
        "HTTP_HOST": "localhost",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
        "wsgi.input_terminated": True,
        **extra,
    }
    said: list[str] = []
    content = b"".join(wsgi(environ, lambda status, _: said.append(status)))
    return int(said[0][:3]), json.loads(content)


def test_it_reads_a_body_in_chunks(cast: Cast, row: Restaurant) -> None:
    status, answer = in_chunks(cast, "PATCH", f"/lead/restaurants/{row.pk}/", BytesIO(b'{"notes": "In chunks."}'))
    row.refresh_from_db()
    assert (status, answer["notes"], row.notes) == (200, "In chunks.", "In chunks.")


def test_it_records_a_call_for_when_it_was_and_not_for_now(cast: Cast, row: Restaurant) -> None:
    plan = call_plan(row)
    body = BytesIO(b'{"last_called": "2024-12-27T09:30:00Z"}')
    status, answer = in_chunks(cast, "POST", f"/call/{plan.pk}/record_call/", body)
    assert (status, answer["last_called"]) == (200, "2024-12-27T09:30:00Z")


def test_it_takes_no_chunks_for_an_empty_body(cast: Cast, row: Restaurant) -> None:
    plan = call_plan(row)
    status, answer = in_chunks(cast, "POST", f"/call/{plan.pk}/record_call/", BytesIO())
    assert (status, answer["last_called"]) == (200, "2024-12-28T12:00:00Z")


def test_it_reads_no_more_of_chunks_than_it_takes(cast: Cast, row: Restaurant) -> None:
    body = BytesIO(b" " * (3 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    status, answer = in_chunks(cast, "PATCH", f"/lead/restaurants/{row.pk}/", body)
    assert (status, answer["code"]) == (413, "too_large")
    assert body.tell() == settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1


def test_it_refuses_chunks_that_break_off(cast: Cast, row: Restaurant) -> None:
    plan = call_plan(row)
    status, answer = in_chunks(cast, "POST", f"/call/{plan.pk}/record_call/", Broken())
    plan.refresh_from_db()
    assert (status, answer["code"], plan.last_called) == (400, "parse_error", None)


@pytest.mark.parametrize("size", [0, 1])
def test_it_takes_a_megabyte_to_the_byte(cast: Cast, row: Restaurant, size: int) -> None:
    frame = b'{"notes": ""}'
    notes = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(frame) + size)
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", f'{{"notes": "{notes}"}}')
    row.refresh_from_db()
    assert (answer.status_code, row.notes) == ((413, "As it was.") if size else (200, notes))


@pytest.mark.parametrize(
    "text", ["Café", "ठीक है", "\N{GRINNING FACE}", "a\tb\nc", "\\ud83d\\ude00", "\ufeff", "\u202e"]
)
def test_it_keeps_any_text_as_it_is(cast: Cast, row: Restaurant, text: str) -> None:
    sent = json.dumps(f"[{text}]").replace("\\\\u", "\\u")
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", f'{{"notes": {sent}}}')
    row.refresh_from_db()
    assert (answer.status_code, row.notes, answer.json()["notes"]) == (200, json.loads(sent), json.loads(sent))


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=hex"])
def test_it_reads_the_same_over_asgi(cast: Cast, row: Restaurant, content_type: str) -> None:
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": f"/lead/restaurants/{row.pk}/",
        "query_string": b"",
        "headers": [
            (b"host", b"localhost"),
            (b"authorization", f"Bearer {token_for(cast.asha)}".encode()),
            (b"content-type", content_type.encode()),
            (b"transfer-encoding", b"chunked"),
        ],
    }
    events = [
        {"type": "http.request", "body": b'{"notes": ', "more_body": True},
        {"type": "http.request", "body": b'"In chunks."}', "more_body": False},
    ]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not events:
            await asyncio.Event().wait()  # the client stays
        return events.pop(0)

    async def send(event: dict[str, Any]) -> None:
        sent.append(event)

    async_to_sync(asgi)(scope, receive, send)
    row.refresh_from_db()
    assert (sent[0]["status"], row.notes) == (200, "In chunks.")
