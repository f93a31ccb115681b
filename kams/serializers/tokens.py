"""Shapes of tokens, of sessions, and of the keys of other systems."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.serializers import Field

from common.api.fields import Flag, Schema, Text
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from kams.choices import Scope
from kams.models import ApiKey, Session

# Far longer than any real one; bounds what is hashed or decoded before anybody is known.
LONGEST_PASSWORD = 1000
LONGEST_TOKEN = 4096

# For the examples.
JWT = "eyJhbGciOiJIUzI1NiIs…"
STAMPS = {"created_at": "2024-12-28T10:00:00Z", "updated_at": "2024-12-28T10:00:00Z", "version": 1}


class Password(Text):
    """Taken as it is, blanks included, and never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)


class Secret(Text):
    """A token, or what a mail's link carries."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TOKEN, **kwargs)


@example(sent={"username": "asha", "password": "correct horse battery"})
class LogInSerializer(StrictSerializer):
    username = Text(max_length=254, write_only=True, help_text="The username, or the e-mail address.")
    password = Password()


@example(adds={"access": JWT, "refresh": JWT})
class PairSerializer(StrictSerializer):
    access = Secret(read_only=True, help_text="Send it as `Authorization: Bearer …`; good for 30 minutes.")
    refresh = Secret(read_only=True, help_text="Exchange it, once, for the next pair.")


@example(sent={"refresh": JWT})
class RefreshSerializer(StrictSerializer):
    refresh = Secret(write_only=True)


@example(sent={"token": JWT})
class VerifySerializer(StrictSerializer):
    token = Secret(write_only=True, help_text="An access or a refresh token.")


@example(
    adds={
        "id": "0b0f2a52-6f1c-4c6f-9a5e-0c4f1f0e7a11",
        "is_current": True,
        "address": "203.0.113.7",
        "user_agent": "Mozilla/5.0 (Android 15; Mobile; rv:136.0)",
        "created_at": "2024-12-28T10:00:00Z",
        "rotated_at": "2024-12-28T10:29:00Z",
        "expires_at": "2024-12-28T22:00:00Z",
    }
)
class SessionSerializer(RowSerializer):
    words: ClassVar = {
        "is_current": "Whether this request's token came of it.",
        "address": "Where the log-in came from.",
        "user_agent": "What the log-in said it was sent by.",
        "rotated_at": "When its tokens were last exchanged.",
        "expires_at": "When it ends, however often they are.",
        "created_at": "When it was opened.",
    }
    is_current = Flag(read_only=True)
    address = Text(read_only=True)

    class Meta:
        model = Session
        fields = ("id", "is_current", "address", "user_agent", "created_at", "rotated_at", "expires_at")
        read_only_fields = fields


class Scopes(Field[Any, Any, Any, Any]):
    """A list of scopes, one at least; kept as one text, in the order in which they are declared."""

    default_error_messages: ClassVar = {
        "not_a_list": "Send a list of scopes.",
        "empty": "Name one scope at least.",
        "unknown": "Use some of {known}.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if not data:
            self.fail("empty")
        if not all(isinstance(scope, str) and scope in Scope.values for scope in data):
            self.fail("unknown", known=", ".join(Scope.values))
        return " ".join(scope for scope in Scope.values if scope in data)

    def schema(self, *, sent: bool) -> Schema:
        said: Schema = {"type": "array", "items": {"type": "string", "enum": Scope.values}}
        return {**said, "minItems": 1} if sent else said

    @staticmethod
    def from_row(value: str) -> list[str]:
        return value.split()


@example(
    sent={
        "name": "Till of the south",
        "scopes": ["leads:read", "interactions:write"],
        "expires_at": "2025-12-28T10:00:00Z",
    },
    adds={"id": 1, "owner": 2, "prefix": "k3m8wq2z", "requests_a_minute": None, "last_used_at": None, **STAMPS},
)
class ApiKeySerializer(RowSerializer):
    words: ClassVar = {
        "name": "What it is for.",
        "owner": "Who made it: it may what they may, within its scopes.",
        "prefix": "What the key begins with, after `kam_`.",
        "scopes": "What it may reach: to read and to write are two.",
        "expires_at": "Until when it is good: within 366 days.",
        "requests_a_minute": "How many requests it may send; null is what is usual here.",
        "last_used_at": "When it came last, to the minute.",
    }
    scopes = Scopes()

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = (
            "id",
            "name",
            "owner",
            "prefix",
            "scopes",
            "requests_a_minute",
            "expires_at",
            "last_used_at",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = ("id", "owner", "prefix", "last_used_at", "created_at", "updated_at", "version")


@example(
    adds={
        "id": 1,
        "name": "Till of the south",
        "owner": 2,
        "prefix": "k3m8wq2z",
        "scopes": ["leads:read", "interactions:write"],
        "requests_a_minute": None,
        "expires_at": "2025-12-28T10:00:00Z",
        "last_used_at": None,
        **STAMPS,
        "key": "kam_k3m8wq2z_Jx0V…",
    }
)
class MadeApiKeySerializer(ApiKeySerializer):
    words: ClassVar = {**ApiKeySerializer.words, "key": "Send it as `Authorization: Api-Key …`. It is told only now."}
    key = Text(read_only=True)

    class Meta(ApiKeySerializer.Meta):
        fields = (*ApiKeySerializer.Meta.fields, "key")
