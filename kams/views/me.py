"""`/kam/me/`: oneself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.transactions import in_transaction
from common.api.views import Shows, Updates
from kams import tokens
from kams.models import User
from kams.serializers import ChangePasswordSerializer, MeSerializer, PairSerializer
from kams.views.forms import FormView

NOT_YOURS = {"current_password": ["This is not your password."]}


@extend_schema_view(
    retrieve=extend_schema(summary="Show my profile"),
    update=extend_schema(summary="Replace my profile"),
    partial_update=extend_schema(summary="Change my profile"),
)
class MeView(Shows, Updates):
    """One's own profile; role, team and username are for others to change."""

    queryset = User.objects.none()
    serializer_class = MeSerializer
    # Analysts too: one's own name and time zone are no data of the organisation.
    permission_classes = (IsAuthenticated,)
    refusals = frozenset({412, 428})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.kwargs["pk"] = self.person.pk

    def get_queryset(self) -> Any:
        return User.objects.visible_to(self.person)

    def may_change(self, row: Any) -> bool:
        return bool(row.pk == self.person.pk)


class ChangePasswordView(FormView):
    # A wrong guess stays counted although it is refused; the rest is one transaction.
    transactional = False
    permission_classes = (IsAuthenticated,)
    serializer_class = ChangePasswordSerializer

    @extend_schema(summary="Change my password", request=ChangePasswordSerializer, responses={200: PairSerializer})
    def post(self, request: Request) -> Response:
        """Ends every login of the caller, and answers a fresh pair of tokens so that this one goes on.

        A wrong password counts as a failed log-in: 429 after so many.
        """
        given = self.given()
        known = authenticate(request._request, username=self.person.username, password=given["current_password"])
        if known is None:
            raise ValidationError(NOT_YOURS)
        return in_transaction(lambda: self.changed(known, to=given["new_password"]))

    def changed(self, known: Any, *, to: str) -> Response:
        person = User.objects.locked().get(pk=known.pk)
        if person.password != known.password:  # somebody has just changed it
            raise ValidationError(NOT_YOURS)
        person.choose_password(to, at=self.now)
        return Response(tokens.log_in(person, at=self.now, **self.whence))
