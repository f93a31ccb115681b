"""The keys of tokens: one signs, and the one before it still verifies.

So a new key logs nobody out: what the previous one signed is good until it runs out. A token is ours as we write it,
letter by letter: under our one header, which therefore chooses nothing, with claims of the types that we give them.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings

LONGEST_CLAIMS = 2_000  # letters
LATEST_END = 2**33  # seconds; the library counts years, and there are no more than 9999
# What a claim that is there looks like; what only resembles it, such as a key in full-width digits, is none.
_NUMBER = re.compile("[1-9][0-9]{0,17}")
_HEX = re.compile("[0-9a-f]{32}")
_SHAPES = {"user_id": _NUMBER, "jti": _HEX, "session": _HEX}
# Nobody but us issues our tokens, for nobody but us, so that none says so: one that does is somebody else's.
_OF_OTHERS = {"iss", "aud"}
# What odd claims make the library's own checks stumble over.
_STUMBLES = (TypeError, ValueError, ArithmeticError, RecursionError)


class Keyring(TokenBackend):
    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the library's signature
        """What the token says. Raises `TokenBackendError` where it is not ours, or neither key has signed it."""
        if not _OURS.fullmatch(token.decode("latin-1") if isinstance(token, bytes) else token):
            raise TokenBackendError("Token is invalid")
        try:
            said = self._opened(token, verify=verify)
        except _STUMBLES as odd:
            raise TokenBackendError("Token is invalid") from odd
        if not _is_said_as_ours(said):
            raise TokenBackendError("Token is invalid")
        return said

    def _opened(self, token: Any, *, verify: bool) -> dict[str, Any]:
        try:
            return super().decode(token, verify=verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            previous = settings.JWT_PREVIOUS_SIGNING_KEY
            if not previous:
                raise
        return TokenBackend(self.algorithm, previous).decode(token, verify=verify)


def _is_said_as_ours(said: dict[str, Any]) -> bool:
    ends, generation = said.get("exp"), said.get("generation", 0)
    if type(ends) is not int or ends >= LATEST_END or type(generation) is not int or _OF_OTHERS & said.keys():
        return False
    shapes = ((said[name], shape) for name, shape in _SHAPES.items() if name in said)
    return all(isinstance(text, str) and shape.fullmatch(text) for text, shape in shapes)


_keyring = Keyring(api_settings.ALGORITHM, api_settings.SIGNING_KEY)
# The header that the library writes, and the one way in which 32 bytes of a signature are written: other last letters
# would say the same bytes.
_HEADER = _keyring.encode({}).partition(".")[0]
_OURS = re.compile(rf"{_HEADER}\.[A-Za-z0-9_-]{{1,{LONGEST_CLAIMS}}}\.[A-Za-z0-9_-]{{42}}[AEIMQUYcgkosw048]")


class AccessToken(tokens.AccessToken):
    _token_backend = _keyring


class RefreshToken(tokens.RefreshToken):
    _token_backend = _keyring
    access_token_class = AccessToken


class UntypedToken(tokens.UntypedToken):
    _token_backend = _keyring
