"""The channel that the documentation shows carries a message to a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from leads.messages import COVER_BEGUN
from notifications.channels import CARRIERS
from notifications.models import Message
from notifications.tasks import deliver
from tests.cast import NOON, Cast
from tests.docs.pages import page


class Hook(BaseHTTPRequestHandler):
    heard: list[dict[str, Any]] = []
    status = 204

    def do_POST(self) -> None:
        self.heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The names that the page defines, and its channel registered."""
    names: dict[str, Any] = {"__name__": "webhook"}
    exec(page("docs/developing.md").block("webhook").text, names)  # noqa: S102 - what the page shows
    monkeypatch.setitem(CARRIERS, "EMAIL", names["Webhook"])
    monkeypatch.setattr(Hook, "heard", [])
    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        names["ADDRESS"] = f"http://127.0.0.1:{server.server_port}/"
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield names
        server.shutdown()
        thread.join()


def state_of(cast: Cast) -> tuple[str, int]:
    facts = {"covering": "bela", "absent": "asha", "ends_at": NOON.isoformat()}
    Message.objects.tell(COVER_BEGUN, [cast.asha], key="cover:1", at=NOON, facts=facts)
    deliver(NOON)
    message = Message.objects.get(channel="EMAIL")
    return message.state, message.attempts


@pytest.mark.parametrize(
    ("status", "state"), [(204, ("SENT", 1)), (404, ("FAILED", 1)), (503, ("WAITING", 1))], ids=str
)
@pytest.mark.usefixtures("webhook")
def test_it_carries_or_says_what_is_wrong(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, status: int, state: tuple[str, int]
) -> None:
    monkeypatch.setattr(Hook, "status", status)
    assert state_of(cast) == state
    (heard,) = Hook.heard
    assert (heard["to"], heard["title"]) == (cast.asha.email, "bela covers for asha from now on")
    assert heard["id"] == str(Message.objects.get(channel="EMAIL").uuid)


def test_it_says_when_nobody_is_there(cast: Cast, webhook: dict[str, Any]) -> None:
    webhook["ADDRESS"] = "http://127.0.0.1:9/"
    assert state_of(cast) == ("WAITING", 0)
