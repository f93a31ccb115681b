"""`/api/token/`: log in, stay in, log out."""

from __future__ import annotations

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from kams import tokens
from kams.serializers import LogInSerializer, PairSerializer, RefreshSerializer, VerifySerializer
from kams.views.forms import DoorView

NOTHING = {200: {"type": "object", "maxProperties": 0, "example": {}}}


class TokenView(DoorView):
    # Each is one statement that decides; a refusal must not undo what ended a family of tokens.
    transactional = False
    refusals = frozenset({401})


class LogInView(TokenView):
    serializer_class = LogInSerializer

    @extend_schema(summary="Log in", request=LogInSerializer, responses={200: PairSerializer})
    def post(self, request: Request) -> Response:
        """Answers an access token for 30 minutes, and a refresh token to exchange once for the next pair."""
        person = authenticate(request._request, **self.given())
        if person is None:
            raise AuthenticationFailed("No active account has this name and this password.")
        return Response(tokens.log_in(person, at=self.now, **self.whence))


class RefreshView(TokenView):
    serializer_class = RefreshSerializer

    @extend_schema(summary="Exchange a refresh token", request=RefreshSerializer, responses={200: PairSerializer})
    def post(self, request: Request) -> Response:
        """A refresh token is good once: one that comes again is refused, and ends the login it belongs to."""
        return Response(tokens.renew(self.given()["refresh"], at=self.now))


class VerifyView(TokenView):
    serializer_class = VerifySerializer

    @extend_schema(summary="Verify a token", request=VerifySerializer, responses=NOTHING)
    def post(self, request: Request) -> Response:
        """Answers 200 for an access or refresh token that is good now, 401 for any other."""
        tokens.check(self.given()["token"], at=self.now)
        return Response({})


class LogOutView(TokenView):
    serializer_class = RefreshSerializer

    @extend_schema(summary="Log out", request=RefreshSerializer, responses=NOTHING)
    def post(self, request: Request) -> Response:
        """Ends the login of a refresh token: its access tokens are refused as well from then on."""
        tokens.log_out(self.given()["refresh"], at=self.now)
        return Response({})
