"""`/api/token/`: log in, stay in, log out."""

from __future__ import annotations

from django.contrib.auth import authenticate
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.response import Response

from kams import tokens
from kams.serializers import LogInSerializer, PairSerializer, RefreshSerializer, VerifySerializer
from kams.views.forms import DoorView

PAIR = OpenApiExample(
    "A pair", response_only=True, value={"access": "eyJhbGciOiJIUzI1NiIs…", "refresh": "eyJhbGciOiJIUzI1NiIs…"}
)
NOTHING = {200: {"type": "object", "maxProperties": 0}}


class TokenView(DoorView):
    # Each is one statement that decides; a refusal must not undo what ended a family of tokens.
    transactional = False


class LogInView(TokenView):
    serializer_class = LogInSerializer

    @extend_schema(
        summary="Log in",
        description="Answers an access token for 30 minutes, and a refresh token to exchange once for the next pair.",
        request=LogInSerializer,
        responses={200: PairSerializer},
        examples=[
            OpenApiExample("By username", request_only=True, value={"username": "asha", "password": "…"}),
            OpenApiExample("By e-mail", request_only=True, value={"username": "asha@example.com", "password": "…"}),
            PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        person = authenticate(request._request, **self.given())
        if person is None:
            raise AuthenticationFailed("No active account has this name and this password.")
        return Response(tokens.log_in(person, at=self.now))


class RefreshView(TokenView):
    serializer_class = RefreshSerializer

    @extend_schema(
        summary="Exchange a refresh token",
        description=(
            "Answers the next pair. A refresh token is good once: one that comes again is refused, and ends the "
            "login it belongs to."
        ),
        request=RefreshSerializer,
        responses={200: PairSerializer},
        examples=[
            OpenApiExample("A refresh", request_only=True, value={"refresh": "eyJhbGciOiJIUzI1NiIs…"}),
            PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        return Response(tokens.renew(self.given()["refresh"], at=self.now))


class VerifyView(TokenView):
    serializer_class = VerifySerializer

    @extend_schema(
        summary="Verify a token",
        description="Answers 200 for an access or refresh token that is good now, 401 for any other.",
        request=VerifySerializer,
        responses=NOTHING,
        examples=[OpenApiExample("A token", request_only=True, value={"token": "eyJhbGciOiJIUzI1NiIs…"})],
    )
    def post(self, request: Request) -> Response:
        tokens.check(self.given()["token"], at=self.now)
        return Response({})


class LogOutView(TokenView):
    serializer_class = RefreshSerializer

    @extend_schema(
        summary="Log out",
        description="Ends the login of a refresh token: neither it nor those that came of it are taken from now on.",
        request=RefreshSerializer,
        responses=NOTHING,
        examples=[OpenApiExample("A refresh", request_only=True, value={"refresh": "eyJhbGciOiJIUzI1NiIs…"})],
    )
    def post(self, request: Request) -> Response:
        tokens.log_out(self.given()["refresh"], at=self.now)
        return Response({})
