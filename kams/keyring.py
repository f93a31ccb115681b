"""The keys of tokens: one signs, and the one before it still verifies.

So a new key logs nobody out: what the previous one signed is good until it runs out. Everything else about a token is
the library's; no header of a token chooses a key.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenBackendExpiredToken
from rest_framework_simplejwt.settings import api_settings


class Keyring(TokenBackend):
    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002 - the library's signature
        """What the token says. Raises `TokenBackendError` where neither key has signed it."""
        try:
            return super().decode(token, verify=verify)
        except TokenBackendExpiredToken:
            raise
        except TokenBackendError:
            previous = settings.JWT_PREVIOUS_SIGNING_KEY
            if not previous:
                raise
        return TokenBackend(self.algorithm, previous).decode(token, verify=verify)


_keyring = Keyring(api_settings.ALGORITHM, api_settings.SIGNING_KEY)


class AccessToken(tokens.AccessToken):
    _token_backend = _keyring


class RefreshToken(tokens.RefreshToken):
    _token_backend = _keyring
    access_token_class = AccessToken


class UntypedToken(tokens.UntypedToken):
    _token_backend = _keyring
