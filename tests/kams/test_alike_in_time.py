"""How long an answer takes does not tell whether an account is there: medians of processor time, within 40 %.

`-s` prints them, beside those of the clock on the wall, which on a busy machine say little.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from time import perf_counter, thread_time
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from kams.models import User
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.pairs import give_password, log_in

TIMES, APART = 15, 1.4


class Slow(PBKDF2PasswordHasher):
    """A tenth of the rounds, which is still most of the work of a log-in."""

    iterations = PBKDF2PasswordHasher.iterations // 10


@pytest.fixture(autouse=True)
def _as_it_is(settings: Any) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.Slow"]
    settings.AXES_FAILURE_LIMIT = 10_000
    settings.SIGN_UP = "open"


def medians(
    asks: Mapping[str, Callable[[], Any]], clock: time_machine.Traveller, *, status: int
) -> dict[str, tuple[float, float]]:
    """For each, in turn and a minute apart, milliseconds on a processor and by the clock."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in asks}
    for _ in range(TIMES):
        for name, ask in asks.items():
            clock.shift(60)
            began = thread_time(), perf_counter()
            assert ask().status_code == status
            took[name].append((1000 * (thread_time() - began[0]), 1000 * (perf_counter() - began[1])))
    found = {name: (median(one for one, _ in rows), median(one for _, one in rows)) for name, rows in took.items()}
    print({name: tuple(round(one, 1) for one in row) for name, row in found.items()})  # noqa: T201 - for who measures
    return found


def are_alike(found: Mapping[str, tuple[float, float]]) -> bool:
    times = [one for one, _ in found.values()]
    return max(times) <= APART * min(times)


@pytest.fixture
def bela(cast: Cast) -> User:
    """Who left."""
    give_password(cast.bela).deactivate(by=cast.root, at=NOON)
    return cast.bela


def test_a_log_in_takes_as_long_whoever_is_named(asha: User, bela: User, clock: time_machine.Traveller) -> None:
    asks = {
        "wrong": partial(log_in, asha.username, "wrong horse battery"),
        "unknown": partial(log_in, "nobody", PASSWORD),
        "inactive": partial(log_in, bela.username, PASSWORD),
    }
    assert are_alike(medians(asks, clock, status=401))


def test_asking_for_a_password_takes_as_long_whoever_asks(
    asha: User, bela: User, clock: time_machine.Traveller
) -> None:
    addresses = {"known": asha.email, "unknown": "nobody@kams.example", "inactive": bela.email}
    asks = {
        name: partial(api().post, "/kam/password-reset/", {"email": address}) for name, address in addresses.items()
    }
    assert are_alike(medians(asks, clock, status=200))


def test_asking_to_sign_up_takes_as_long_whoever_asks(asha: User, clock: time_machine.Traveller) -> None:
    addresses = {"known": asha.email, "new": "new@kams.example"}
    asks = {
        name: partial(api().post, "/kam/sign-up/request/", {"email": address}) for name, address in addresses.items()
    }
    assert are_alike(medians(asks, clock, status=200))
