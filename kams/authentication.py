"""Who asks: the person an access token names, if they still may come in."""

from __future__ import annotations

from typing import Any

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import AuthenticationFailed

from kams.models import User

# What a request needs to know of its caller: columns of one row, no joins.
CALLER = ("id", "username", "email", "role", "team_id", "timezone", "is_active", "is_staff", "is_superuser", "token_generation")


class TokenAuthentication(JWTAuthentication):
    """A bearer token of the person's present generation; read from the database at every request."""

    def get_user(self, validated_token: Any) -> User:
        person = User.objects.only(*CALLER).filter(pk=validated_token.get("user_id")).first()
        if person is None or not person.is_active or person.token_generation != validated_token.get("generation"):
            raise AuthenticationFailed("This token is no longer good. Log in again.", code="token_not_valid")
        return person
