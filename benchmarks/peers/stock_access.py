"""Who asks the peer in stock DRF, and how many rows a page has: what its settings name."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import exceptions, pagination
from rest_framework_simplejwt.authentication import JWTAuthentication

from kams.models import User
from kams.tokens import CALLER


class Authentication(JWTAuthentication):
    def get_user(self, validated_token: Any) -> Any:
        rows = User.objects.only(*CALLER).filter(pk=validated_token["user_id"])
        person = rows.in_session(UUID(validated_token["session"])).first()
        if person is None or not person.is_active or person.token_generation != validated_token["generation"]:
            raise exceptions.AuthenticationFailed
        return person


class Pages(pagination.PageNumberPagination):
    page_size = 50
    page_size_query_param = "page_size"
