"""Tokens that we did not make, or not for this: how each is made of a good one."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings

from tests.cast import NOON
from tests.kams.pairs import KEY, claims, signed

LATER = int((NOON + timedelta(hours=1)).timestamp())
Forge = Callable[[str], str]


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


def wide(digits: str) -> str:
    return digits.translate({ord("0") + digit: ord("\N{FULLWIDTH DIGIT ZERO}") + digit for digit in range(10)})


def by_hand(header: Any, *, key: str = KEY, said: Callable[[bytes], bytes] = bytes) -> Forge:
    """Signed letter by letter, as no library would; `said` makes other claims of the good token's JSON."""

    def forge(good: str) -> str:
        payload = said(json.dumps(claims(good)).encode())
        what = f"{part(header)}.{part(payload)}"
        return f"{what}.{part(hmac.new(key.encode(), what.encode(), hashlib.sha256).digest())}"

    return forge


def other_letters_for_the_same_bytes(good: str) -> str:
    """The last of 43 letters says four bits only: the next one in the alphabet is read as the same signature."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return good[:-1] + alphabet[alphabet.index(good[-1]) + 1]


OURS = {"alg": "HS256", "typ": "JWT"}
PUBLIC_KEY = "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34Gkx\n-----END PUBLIC KEY-----\n"
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
    "alg nOnE": unsigned("nOnE"),
    "alg with a blank": unsigned("none "),
    "alg in full-width letters": unsigned("\N{FULLWIDTH LATIN SMALL LETTER N}one"),
    "alg a flag": unsigned({"alg": True}["alg"]),
    "alg twice, none last": headed(b'{"alg":"HS256","typ":"JWT","alg":"none"}'),
    "alg twice, none first": by_hand(b'{"alg":"none","typ":"JWT","alg":"HS256"}', key="x" * 32),
    "no alg": headed({"typ": "JWT"}),
    "alg none, with a signature": headed({"alg": "none", "typ": "JWT"}),
    "signature of nothing": lambda good: good.rsplit(".", 1)[0] + "." + part(bytes(32)),
    "signature without its last letter": lambda good: good[:-1],
    "signature without its last bytes": lambda good: good[:-8],
    "signature twice": lambda good: good + good.rsplit(".", 1)[1],
    "signature in other letters": other_letters_for_the_same_bytes,
    "signature in another case": lambda good: good.rsplit(".", 1)[0] + "." + good.rsplit(".", 1)[1].swapcase(),
    "padding": lambda good: good + "=",
    "padding inside": lambda good: good.replace(".", "=.", 1),
    "a blank inside": lambda good: good[:-5] + "\N{NO-BREAK SPACE}" + good[-5:],
    "signature cut off": lambda good: good.rsplit(".", 1)[0] + ".",
    "signature of another": lambda good: good.rsplit(".", 1)[0] + "." + signed({"a": 1}).rsplit(".", 1)[1],
    "signature with a letter more": lambda good: good + "A",
    # another algorithm, another key
    "HS384 with our key": resigned(algorithm="HS384"),
    "HS512 with our key": resigned(algorithm="HS512"),
    "an empty key": resigned(key=" " * 32),
    "the key of the pages": resigned(key=settings.SECRET_KEY + "x"),
    "a guessed key": resigned(key="secret" * 8),
    "the key as it is shown": resigned(key=repr(KEY)),
    "RS256 by what is public": by_hand({"alg": "RS256", "typ": "JWT"}, key=PUBLIC_KEY),
    "HS256 by what is public": by_hand(OURS, key=PUBLIC_KEY),
    "RS256 with our signature": headed({"alg": "RS256", "typ": "JWT"}),
    "ES256 of zeros": lambda good: f"{part({'alg': 'ES256', 'typ': 'JWT'})}.{good.split('.')[1]}.{part(bytes(64))}",
    "PS512 with our signature": headed({"alg": "PS512", "typ": "JWT"}),
    "EdDSA with our signature": headed({"alg": "EdDSA", "typ": "JWT"}),
    "hs256 with our key": by_hand({"alg": "hs256", "typ": "JWT"}),
    # headers that name a key
    "kid with our key": resigned(header={"kid": "../../../../dev/null"}),
    "kid with an address": resigned(key="x" * 32, header={"kid": "http://127.0.0.1:9/key"}),
    "kid with a command": resigned(key="x" * 32, header={"kid": "| sleep 60"}),
    "kid with a NUL": headed({"alg": "HS256", "typ": "JWT", "kid": "\0"}),
    "x5c": resigned(key="x" * 32, header={"x5c": [part(b"x" * 32)]}),
    "x5t": resigned(key="x" * 32, header={"x5t": part(b"x" * 20)}),
    "jku of a file": resigned(key="x" * 32, header={"jku": "file:///etc/passwd"}),
    "kid with a path": resigned(key="x" * 32, header={"kid": "../../../../dev/null"}),
    "kid with SQL": resigned(key="x" * 32, header={"kid": "' UNION SELECT 'x'--"}),
    "jku": resigned(key="x" * 32, header={"jku": "http://127.0.0.1:9/keys.json"}),
    "x5u": resigned(key="x" * 32, header={"x5u": "http://127.0.0.1:9/cert.pem"}),
    "jwk": resigned(key="x" * 32, header={"jwk": {"kty": "oct", "k": part(b"x" * 32)}}),
    "kid no text": headed({"alg": "HS256", "kid": 7}),
    "crit unknown": resigned(header={"crit": ["exp"]}),
    "payload detached": headed({"alg": "HS256", "b64": False, "crit": ["b64"]}),
    "another kind of token": by_hand({"alg": "HS256", "typ": "JWE"}),
    "compressed": by_hand({"alg": "HS256", "typ": "JWT", "zip": "DEF"}),
    "one inside of another": by_hand({"alg": "HS256", "typ": "JWT", "cty": "JWT"}),
    "header in another order": by_hand(b'{"typ":"JWT","alg":"HS256"}'),
    "header with blanks": by_hand(b'{"alg": "HS256", "typ": "JWT"}'),
    # claims changed
    "an admin": saying(role="ADMIN", is_superuser=True),
    "a claim twice": lambda good: ".".join(
        [good.split(".")[0], part(b'{"user_id":"1",' + json.dumps(claims(good)).encode()[1:]), good.split(".")[2]]
    ),
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
    "our parts in another order": lambda good: ".".join(reversed(good.split("."))),
    "JSON rather than letters": lambda good: f'{{"payload":"{good.split(".")[1]}"}}',
    "a script": lambda _: "<script>alert(1)</script>",
    "no base64": lambda _: "!!!.???.***",
    "header no JSON": headed(b"not json"),
    "header no object": headed([]),
    "header no UTF-8": headed(b'{"alg":"HS256","kid":"\xff"}'),
    "header nested": headed(b'{"alg":' + b"[" * 2500),
    "header with a giant number": headed(b'{"alg":"HS256","kid":' + b"9" * 2000 + b"}"),
    "payload no JSON": lambda good: f"{good.split('.')[0]}.{part(b'x')}.{good.split('.')[2]}",
    "letters of no alphabet": lambda _: "żółć.żółć.żółć",
}
# What no body holds; a header may.
HUGE: dict[str, Forge] = {
    "huge": lambda good: good + "A" * 100_000,
    "huge claims": lambda good: f"{good.split('.')[0]}.{'A' * 100_000}.{good.split('.')[2]}",
    "header nested and closed": headed(b'{"alg":"HS256","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}"),
    "payload nested": lambda good: f"{good.split('.')[0]}.{part(b'[' * 50_000)}.{good.split('.')[2]}",
    "a NUL": lambda good: good + "\0",
}
# Signed with our key, as only we can, and still not made by us.
STRANGE: dict[str, Forge] = {
    "no generation": resigned(generation=None),
    "a generation that is text": resigned(generation="x"),
    "an older generation": resigned(generation=0),
    "a generation that is true": resigned(generation=True),
    "a generation with a point": resigned(generation=1.0),
    "a generation that is a list": resigned(generation=[1]),
    "no end": resigned(exp=None),
    "an end in digits": resigned(exp="9999999999"),
    "an end that is a list": resigned(exp=[LATER]),
    "an end that is an object": by_hand(OURS, said=lambda raw: raw.replace(b'"exp": ', b'"exp": {}, "x": ')),
    "an end with a point": resigned(exp=LATER + 0.5),
    "an end that is true": resigned(exp=True),
    "an end after all years": resigned(exp=10**30),
    "an endless end": by_hand(OURS, said=lambda raw: raw.replace(b'"exp": ', b'"exp": Infinity, "x": ')),
    "an end that is no number": by_hand(OURS, said=lambda raw: raw.replace(b'"exp": ', b'"exp": NaN, "x": ')),
    "an end before all years": resigned(exp=-(10**30)),
    "a beginning that is a list": resigned(iat=[LATER]),
    "not before a list": resigned(nbf=[1]),
    "an issuer": resigned(iss="https://elsewhere.example"),
    "for others": resigned(aud="another-service"),
    "for several": resigned(aud=["another-service", "kam"]),
    "a kind in a list": resigned(token_type=["access"]),
    "claims that are a list": by_hand(OURS, said=lambda _: b"[]"),
    "claims that are null": by_hand(OURS, said=lambda _: b"null"),
    "claims that are text": by_hand(OURS, said=lambda _: b'"access"'),
    "claims that are no UTF-8": by_hand(OURS, said=lambda raw: raw[:-1] + b',"x":"\xff"}'),
    "claims that are deep": by_hand(OURS, said=lambda raw: raw[:-1] + b',"x":' + b"[" * 1_100),
    "a token in a token": lambda good: signed({"token": good}),
    "an end in the past": resigned(exp=int(NOON.timestamp())),
    "an end that is text": resigned(exp="tomorrow"),
    "a beginning in the future": resigned(iat=LATER),
    "not before later": resigned(nbf=LATER),
    "no kind": resigned(token_type=None),
    "an unknown kind": resigned(token_type="sliding"),
    "no id": resigned(jti=None),
    "an id that is a number": resigned(jti=5),
    "an id that is a list": resigned(jti=[]),
    "an empty id": resigned(jti=""),
}
# What an access token is read for; a refresh token is known by its session.
OF_CALLERS: dict[str, Forge] = {
    "no person": resigned(user_id=None),
    "a person that is no number": resigned(user_id="asha"),
    "a person that is a list": resigned(user_id=[1]),
    "a person that is true": resigned(user_id=True),
    "a person as a number": lambda good: resigned(user_id=int(claims(good)["user_id"]))(good),
    "a person with a point": lambda good: resigned(user_id=float(claims(good)["user_id"]))(good),
    "a person in full-width digits": lambda good: resigned(user_id=wide(claims(good)["user_id"]))(good),
    "a person between blanks": lambda good: resigned(user_id=f" {claims(good)['user_id']}\n")(good),
    "a person with a zero before": lambda good: resigned(user_id=f"0{claims(good)['user_id']}")(good),
    "a person with an underscore": lambda good: resigned(user_id=f"0_{claims(good)['user_id']}")(good),
    "a person with a sign": lambda good: resigned(user_id=f"+{claims(good)['user_id']}")(good),
    "a person with a NUL": lambda good: resigned(user_id=f"{claims(good)['user_id']}\0")(good),
    "a person with half a pair": resigned(user_id="\ud800"),
    "a person that is SQL": resigned(user_id="1 OR 1=1"),
    "a person that is an object": resigned(user_id={"pk": 1}),
    "no such session": resigned(session="0" * 32),
    "a session in another spelling": lambda good: resigned(session=f"urn:uuid:{claims(good)['session']}")(good),
    "a session in braces": lambda good: resigned(session=f"{{{claims(good)['session']}}}")(good),
    "a session that is a number": resigned(session=5),
    "an empty session": resigned(session=""),
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
