"""What holds for every test: no network but loopback, and the same examples on every run."""

import ipaddress
import os
import sys
from collections.abc import Iterator

import pytest
import time_machine
from django import conf
from hypothesis import settings

from common.models import Between, Prepared, Unpreparable
from common.models.prepared import Statements, _compiled
from common.models.statement import Values
from tests.cast import NOON, Cast

# The same examples each time: a failure seen once is seen again. `--hypothesis-profile=explore` looks further.
settings.register_profile("dev", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("explore", deadline=None, print_blob=True, max_examples=2_000)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

# A minute holds hundreds of requests, here and in the servers that tests start; the tests of the limits set their own.
for policy in ("PERSON", "KEY", "ADDRESS"):
    os.environ[f"{policy}_REQUESTS_A_MINUTE"] = "0"
    setattr(conf.settings, f"{policy}_REQUESTS_A_MINUTE", 0)


def is_loopback(host: object) -> bool:
    """Tell whether a host, as sockets take it, is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def stay_at_home(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse to look up or to reach another machine, in whichever library the attempt is made."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a path is a socket of this machine
    else:
        return
    if not is_loopback(host):
        raise RuntimeError(f"A test may not reach {host}: only this machine.")


sys.addaudithook(stay_at_home)


@pytest.fixture
def cast(db: None) -> Cast:  # noqa: ARG001 - to ask for the database is to have it
    return Cast()


@pytest.fixture
def noon() -> Iterator[None]:
    """Let every clock stand at noon of 28 December 2024, UTC; `time_machine.travel` moves on from there."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(autouse=True)
def _as_the_orm_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test asks: a prepared statement is, with its values, what the ORM would send at that moment."""
    prepared = Prepared.statements

    def compared(self: Prepared, values: Values) -> Statements | Unpreparable:
        found = prepared(self, values)
        if not isinstance(found, Unpreparable):
            given = {name: value.moment if isinstance(value, Between) else value for name, value in values.items()}
            said = _compiled(self.ask, given)
            assert [one.text for one in found] == [one.text for one in said]
            assert [one.filled(values) for one in found] == [list(one.parameters) for one in said]
        return found

    monkeypatch.setattr(Prepared, "statements", compared)
