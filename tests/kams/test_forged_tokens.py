"""Tokens that we did not make, or not for this: each is a 401, at every door, and none is a crash."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings

from kams.models import Session
from tests.cast import NOON, api
from tests.kams.pairs import KEY, claims, is_refused, log_out, pair_of, refresh, signed, verify, with_access

LATER = int((NOON + timedelta(hours=1)).timestamp())
Forge = Callable[[str], str]

pytestmark = [
    pytest.mark.usefixtures("asha"),
    # Forging with our key by a longer hash is not our worry.
    pytest.mark.filterwarnings("ignore:The HMAC key is"),
]


def part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(algorithm: Any) -> Forge:
    return lambda good: f"{part({'alg': algorithm, 'typ': 'JWT'})}.{good.split('.')[1]}."


def headed(raw: Any) -> Forge:
    """The same claims under another header, with the old signature."""
    return lambda good: f"{part(raw)}.{good.split('.')[1]}.{good.split('.')[2]}"


def saying(**changes: Any) -> Forge:
    """Other claims under the old signature."""

    def forge(good: str) -> str:
        header, _, signature = good.split(".")
        return f"{header}.{part({**claims(good), **changes})}.{signature}"

    return forge


def resigned(
    *, key: str = KEY, algorithm: str = "HS256", header: dict[str, Any] | None = None, **changes: Any
) -> Forge:
    """Signed anew; a change to None leaves the claim out."""

    def forge(good: str) -> str:
        said = {name: value for name, value in {**claims(good), **changes}.items() if value is not None}
        return signed(said, key=key, algorithm=algorithm, **(header or {}))

    return forge


FORGERIES: dict[str, Forge] = {
    # no signature
    "alg none": unsigned("none"),
    "alg None": unsigned("None"),
    "alg NONE": unsigned("NONE"),
    "alg empty": unsigned(""),
    "alg null": unsigned(None),
    "alg a list": unsigned(["HS256"]),
    "alg an object": unsigned({"alg": "HS256"}),
    "alg a number": unsigned(256),
    "signature cut off": lambda good: good.rsplit(".", 1)[0] + ".",
    "signature of another": lambda good: good.rsplit(".", 1)[0] + "." + signed({"a": 1}).rsplit(".", 1)[1],
    "signature with a letter more": lambda good: good + "A",
    # another algorithm, another key
    "HS384 with our key": resigned(algorithm="HS384"),
    "HS512 with our key": resigned(algorithm="HS512"),
    "an empty key": resigned(key=" " * 32),
    "the key of the pages": resigned(key=settings.SECRET_KEY + "x"),
    "a guessed key": resigned(key="secret" * 8),
    # headers that name a key
    "kid with a path": resigned(key="x" * 32, header={"kid": "../../../../dev/null"}),
    "kid with SQL": resigned(key="x" * 32, header={"kid": "' UNION SELECT 'x'--"}),
    "jku": resigned(key="x" * 32, header={"jku": "http://127.0.0.1:9/keys.json"}),
    "x5u": resigned(key="x" * 32, header={"x5u": "http://127.0.0.1:9/cert.pem"}),
    "jwk": resigned(key="x" * 32, header={"jwk": {"kty": "oct", "k": part(b"x" * 32)}}),
    "kid no text": headed({"alg": "HS256", "kid": 7}),
    "crit unknown": resigned(header={"crit": ["exp"]}),
    "payload detached": headed({"alg": "HS256", "b64": False, "crit": ["b64"]}),
    # claims changed
    "another person": saying(user_id="1000000"),
    "a later end": saying(exp=LATER + 10**9),
    "another generation": saying(generation=2),
    "another kind": saying(token_type="refresh"),
    # no token at all
    "one part": lambda _: "abc",
    "two parts": lambda good: good.rsplit(".", 1)[0],
    "four parts": lambda good: good + ".abc",
    "five parts, encrypted": lambda _: "a.b.c.d.e",
    "dots": lambda _: "..",
    "no base64": lambda _: "!!!.???.***",
    "header no JSON": headed(b"not json"),
    "header no object": headed([]),
    "header no UTF-8": headed(b'{"alg":"HS256","kid":"\xff"}'),
    "header nested": headed(b'{"alg":' + b"[" * 2500),
    "header with a giant number": headed(b'{"alg":"HS256","kid":' + b"9" * 2000 + b"}"),
    "payload no JSON": lambda good: f"{good.split('.')[0]}.{part(b'x')}.{good.split('.')[2]}",
    "letters of no alphabet": lambda _: "żółć.żółć.żółć",
}
# Signed with our key, as only we can, and still not made by us.
STRANGE: dict[str, Forge] = {
    "no generation": resigned(generation=None),
    "a generation that is text": resigned(generation="x"),
    "an older generation": resigned(generation=0),
    "no end": resigned(exp=None),
    "an end in the past": resigned(exp=int(NOON.timestamp())),
    "an end that is text": resigned(exp="tomorrow"),
    "a beginning in the future": resigned(iat=LATER),
    "not before later": resigned(nbf=LATER),
    "no kind": resigned(token_type=None),
    "an unknown kind": resigned(token_type="sliding"),
    "no id": resigned(jti=None),
}
# What an access token is read for; a refresh token is known by its session.
OF_CALLERS: dict[str, Forge] = {
    "no person": resigned(user_id=None),
    "a person that is no number": resigned(user_id="asha"),
    "a person that is a list": resigned(user_id=[1]),
    "a person beyond every id": resigned(user_id="9" * 30),
    "a person that is gone": resigned(user_id="123456789"),
}
OF_SESSIONS: dict[str, Forge] = {
    "no session": resigned(session=None),
    "a session that is no id": resigned(session="mine"),
    "a session that is a list": resigned(session=["x"]),
    "a session that is not there": resigned(session="0" * 32),
    "an id of no token": resigned(jti="0" * 32),
    "a long id": resigned(jti="9" * 500),
}


def cases(*tables: dict[str, Forge]) -> pytest.MarkDecorator:
    every = {name: forge for table in tables for name, forge in table.items()}
    return pytest.mark.parametrize("forge", every.values(), ids=every.keys())


@cases(FORGERIES, STRANGE, OF_CALLERS)
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
