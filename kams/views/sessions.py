"""`/kam/me/sessions/`: where one is logged in, and how to end that."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.rows import reader_for
from common.api.serializers import StrictSerializer
from common.api.views import BaseView
from kams import tokens
from kams.models import Session, User
from kams.serializers import DetailSerializer, SessionSerializer
from kams.views.forms import FormView

# Newest first; who has more of them ends all.
MOST_SHOWN = 100


class SessionsView(BaseView):
    permission_classes = (IsAuthenticated,)

    @extend_schema(summary="List my sessions", responses={200: SessionSerializer(many=True)})
    def get(self, request: Request) -> Response:
        """Where I am logged in, newest first: 100 at most. `is_current` is the session of this request's token."""
        mine = Session.objects.visible_to(self.person).good(at=self.now).beside(tokens.session_of(request.auth))
        shown = reader_for(SessionSerializer).read(mine.order_by("-created_at", "pk")[:MOST_SHOWN])
        return Response([record for record, _ in shown])


class SessionView(BaseView):
    permission_classes = (IsAuthenticated,)
    refusals = frozenset({404})
    path_schemas: ClassVar[dict[str, dict[str, Any]]] = {
        "session": {"type": "string", "format": "uuid", "description": "The id of the session."}
    }

    @extend_schema(summary="Log out of a session", responses={204: None})
    def delete(self, request: Request, session: uuid.UUID) -> Response:
        """Ends it: its tokens, of both kinds, are refused at their next use."""
        if not Session.objects.visible_to(self.person).revoke(session, at=self.now):
            raise NotFound
        return Response(status=204)


class LogOutEverywhereView(FormView):
    permission_classes = (IsAuthenticated,)
    serializer_class = StrictSerializer

    @extend_schema(summary="Log out everywhere", request=None, responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Ends every session of mine, this one too, and every API key: whatever I have is refused at its next use."""
        self.given()
        User.objects.locked().get(pk=self.person.pk).log_out_everywhere(at=self.now)
        return Response({"detail": "You are logged out everywhere. Log in again."})
