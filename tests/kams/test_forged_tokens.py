"""Tokens that we did not make, or not for this: each is a 401, at every door, and none is a crash."""

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.conf import settings

from kams.models import Session
from tests.cast import api
from tests.kams.forgeries import FORGERIES, HUGE, OF_CALLERS, OF_SESSIONS, STRANGE, Forge, resigned
from tests.kams.pairs import KEY, is_refused, log_out, pair_of, refresh, signed, verify, with_access

pytestmark = [
    pytest.mark.usefixtures("asha"),
    # Forging with our key by a longer hash is not our worry.
    pytest.mark.filterwarnings("ignore:The HMAC key is"),
]


def cases(*tables: dict[str, Forge]) -> pytest.MarkDecorator:
    every = {name: forge for table in tables for name, forge in table.items()}
    return pytest.mark.parametrize("forge", every.values(), ids=every.keys())


@cases(FORGERIES, HUGE, STRANGE, OF_CALLERS)
def test_it_is_no_access_token(forge: Forge) -> None:
    token = forge(pair_of()["access"])
    header = token.encode().decode("latin-1")  # as a server hands it on
    assert is_refused(with_access(header).get("/kam/me/"))
    assert is_refused(with_access(header).post("/lead/restaurants/", {}))


@cases(FORGERIES, STRANGE, OF_SESSIONS)
@pytest.mark.parametrize("door", [refresh, log_out, verify])
def test_it_is_no_refresh_token(forge: Forge, door: Callable[[str], Any]) -> None:
    good = pair_of()["refresh"]
    token = forge(good)
    if token != good:  # some change what only the other kind says
        assert is_refused(door(token))


def test_it_is_no_access_token_that_is_for_refreshing() -> None:
    assert is_refused(with_access(pair_of()["refresh"]).get("/kam/me/"))


@pytest.mark.parametrize("header", ["Bearer", "Bearer a b", "Basic YTpi", "bearer", "", "Token x", "Bearer  ", "\xff"])
def test_it_is_no_header(header: str) -> None:
    answer = api().get("/kam/me/", Authorization=header)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'


def test_it_says_what_it_is_not_in_the_words_of_nobody_s_token() -> None:
    """A good signature tells nobody whether the person is there."""
    gone = with_access(resigned(user_id="123456789")(pair_of()["access"])).get("/kam/me/").json()
    old = with_access(resigned(generation=0)(pair_of()["access"])).get("/kam/me/").json()
    assert gone == old


def test_it_takes_one_algorithm_only() -> None:
    assert settings.SIMPLE_JWT["ALGORITHM"] == "HS256"
    assert len(KEY.encode()) >= 32
    assert jwt.get_unverified_header(signed({}))["alg"] == "HS256"


def test_it_changes_nothing_to_be_refused() -> None:
    pair = pair_of()
    for forge in FORGERIES.values():
        refresh(forge(pair["access"]))
    assert Session.objects.get().revoked_at is None
    assert refresh(pair["refresh"]).status_code == 200
