"""Who asks: the person an access token names, if they still may come in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework_simplejwt.authentication import JWTAuthentication

from kams import tokens


class TokenAuthentication(JWTAuthentication):
    """A bearer token of the person's present generation; read from the database at every request."""

    def get_user(self, validated_token: Any) -> Any:
        caller = tokens.caller(validated_token)
        caller.asks_at = timezone.now()  # one moment decides what they see, however often the request asks
        return caller
