"""Who asks: the person an access token names, or the owner of an API key, if they still may come in."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from kams import tokens
from kams.models import ApiKey, User

KEYWORD = "Api-Key"


class TokenAuthentication(JWTAuthentication):
    """A bearer token of the person's present generation; read from the database at every request."""

    def get_user(self, validated_token: Any) -> Any:
        return tokens.caller(validated_token, at=timezone.now())


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key kam_…`: another system, as the person who made the key is now."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        keyword, _, text = request.headers.get("Authorization", "").partition(" ")
        if keyword != KEYWORD:
            return None
        now = timezone.now()
        key = ApiKey.objects.opened_by(text.strip(), at=now, columns=tokens.CALLER)
        if key is None:
            raise AuthenticationFailed("This API key is not good, or not any more. Ask its owner for another.")
        key.note_use(at=now)
        key.owner.asks_at = now
        return key.owner, key


class KeyScheme(OpenApiAuthenticationExtension):
    """An operation that has a scope takes a key that has it; the others take none."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_requirement(self, auto_schema: Any) -> Any:
        scope = auto_schema.view.scope_for(auto_schema.method)
        return {self.name: [scope]} if scope else None

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        words = f"A key of `POST /kam/api-keys/`, as `{KEYWORD} kam_…`; it comes where its scopes say, as its owner."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": words}
