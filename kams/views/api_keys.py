"""`/kam/api-keys/`: how other systems come in, in the name of whoever made the key."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.views import Archives, Creates, Lists, Shows
from kams.models import ApiKey
from kams.permissions import MayManage
from kams.serializers import ApiKeySerializer, MadeApiKeySerializer


@extend_schema_view(
    create=extend_schema(
        summary="Make an API key",
        description=(
            "For managers and admins. The answer holds the key, once: only its digest is kept. It acts as its owner is "
            "at each request, within its scopes, and reaches no people, keys, sessions or messages. A new password of "
            "its owner ends it. No `Idempotency-Key` is taken: of two keys revoke one."
        ),
        responses={201: MadeApiKeySerializer},
    ),
    destroy=extend_schema(summary="Revoke an API key", description="It is refused at its next request, for good."),
)
class ApiKeyViewSet(Lists, Shows, Creates, Archives):
    """One's own API keys that were not revoked; every one for admins."""

    queryset = ApiKey.objects.none()
    serializer_class = ApiKeySerializer
    permission_classes = (MayManage,)
    replayable = False
    ordering_fields = ("id", "name", "created_at", "expires_at", "last_used_at")
    ordering = "-id"

    def get_queryset(self) -> Any:
        return ApiKey.objects.visible_to(self.person)

    def may_change(self, row: Any) -> bool:
        """Who sees a key may end it, whatever their role is by now."""
        return True

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = ApiKey.objects.add(by=self.person, at=self.now, **self.given())
        answer = self.made(key)
        answer.data = {**answer.data, "key": key.text}
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.locked().revoke(by=self.person, at=self.now)
        return self.gone()
