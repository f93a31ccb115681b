"""`/kam/me/`: oneself."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.views import Shows, Updates
from kams import tokens
from kams.models import User
from kams.serializers import ChangePasswordSerializer, MeSerializer, PairSerializer
from kams.views.forms import FormView


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
    permission_classes = (IsAuthenticated,)
    serializer_class = ChangePasswordSerializer

    @extend_schema(summary="Change my password", request=ChangePasswordSerializer, responses={200: PairSerializer})
    def post(self, request: Request) -> Response:
        """Ends every login of the caller, and answers a fresh pair of tokens so that this one goes on."""
        given = self.given()
        person = User.objects.locked().get(pk=self.person.pk)
        if not person.check_password(given["current_password"]):
            raise ValidationError({"current_password": ["This is not your password."]})
        person.choose_password(given["new_password"], at=self.now)
        return Response(tokens.log_in(person, at=self.now, **self.whence))
