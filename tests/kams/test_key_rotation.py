"""A new signing key logs nobody out: what the previous key signed is good, and nothing else is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import jwt
import pytest
import time_machine

from kams.models import Session
from tests.cast import NOON
from tests.kams.forgeries import FORGERIES, resigned
from tests.kams.pairs import KEY, claims, is_refused, log_out, pair_of, refresh, signed, verify, with_access

PREVIOUS, THIRD = "previous" * 4, "third key" * 4

pytestmark = [pytest.mark.usefixtures("asha"), pytest.mark.filterwarnings("ignore:The HMAC key is")]


def pair_by(key: str) -> dict[str, str]:
    """A pair as a process signed it that had this key."""
    return {name: signed(claims(token), key=key) for name, token in pair_of().items()}


@pytest.fixture
def _rotated(settings: Any) -> None:
    settings.JWT_PREVIOUS_SIGNING_KEY = PREVIOUS


@pytest.mark.usefixtures("_rotated")
def test_it_takes_what_the_previous_key_signed() -> None:
    pair = pair_by(PREVIOUS)
    assert with_access(pair["access"]).get("/kam/me/").json()["username"] == "asha"
    assert [verify(token).status_code for token in pair.values()] == [200, 200]
    assert log_out(pair["refresh"]).status_code == 200
    assert Session.objects.get().revoked_at == NOON


@pytest.mark.usefixtures("_rotated")
def test_it_goes_on_with_the_new_key() -> None:
    answer = refresh(pair_by(PREVIOUS)["refresh"])
    assert answer.status_code == 200
    for token in answer.json().values():
        assert jwt.decode(token, KEY, algorithms=["HS256"])["session"] == Session.objects.get().pk.hex
    assert refresh(answer.json()["refresh"]).status_code == 200


@pytest.mark.usefixtures("_rotated")
def test_it_takes_a_refresh_token_of_the_previous_key_once() -> None:
    old = pair_by(PREVIOUS)["refresh"]
    assert refresh(old).status_code == 200
    assert is_refused(refresh(old))
    assert Session.objects.get().revoked_at == NOON


@pytest.mark.parametrize("key", [PREVIOUS, THIRD])
def test_it_takes_no_other_key(settings: Any, key: str) -> None:
    if key == THIRD:
        settings.JWT_PREVIOUS_SIGNING_KEY = PREVIOUS
    pair = pair_by(key)
    assert is_refused(with_access(pair["access"]).get("/kam/me/"))
    assert [is_refused(door(pair["refresh"])) for door in (refresh, verify, log_out)] == [True] * 3
    assert Session.objects.get().revoked_at is None


@pytest.mark.usefixtures("_rotated")
def test_it_ends_when_it_was_to_end(clock: time_machine.Traveller) -> None:
    pair = pair_by(PREVIOUS)
    clock.move_to(NOON + timedelta(minutes=30))
    assert is_refused(with_access(pair["access"]).get("/kam/me/"))
    clock.move_to(NOON + timedelta(hours=12))
    assert is_refused(refresh(pair["refresh"]))


@pytest.mark.usefixtures("_rotated")
def test_it_is_fooled_by_no_forgery_more() -> None:
    good = pair_of()["access"]
    by_previous = [resigned(key=PREVIOUS, algorithm=name) for name in ("HS384", "HS512")]
    for forge in (*FORGERIES.values(), *by_previous):
        header = forge(good).encode().decode("latin-1")
        assert is_refused(with_access(header).get("/kam/me/"))
