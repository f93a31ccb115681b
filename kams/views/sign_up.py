"""`/kam/sign-up/` and `/kam/password-reset/`: by mail, and alike for whoever is here and whoever is not.

Who asks is told the same, and after the same work: whose the address is, is looked up when the mail is written.
"""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.rows import reader_for
from common.errors import InvalidInput
from kams.choices import Letter, SignUp
from kams.events import letter_due
from kams.models import Invitation, User
from kams.models.invitation import check_sign_up
from kams.serializers import (
    AddressSerializer,
    DetailSerializer,
    MeSerializer,
    ResetPasswordSerializer,
    SignUpSerializer,
)
from kams.views.forms import DoorView


def on_its_way() -> Response:
    return Response({"detail": "If it can be, a mail is on its way to this address."})


class SignUpView(DoorView):
    refusals = frozenset({403, 409})
    serializer_class = SignUpSerializer

    @extend_schema(summary="Sign up", request=SignUpSerializer, responses={201: MeSerializer})
    def post(self, request: Request) -> Response:
        """Makes a user of an invitation, with the role and the team that it says, and never of one's own choosing."""
        check_sign_up(SignUp.OPEN, SignUp.INVITATION)
        given = self.given()
        invitation = Invitation.objects.opened_by(given.pop("invitation"), at=self.now).locked().first()
        if invitation is None:
            raise InvalidInput(
                "This invitation is not good any more.", errors={"invitation": "Ask for another invitation."}
            )
        person = invitation.accept(at=self.now, **given)
        record = reader_for(MeSerializer).one(User.objects.visible_to(person).of_address(person.email))
        return Response(record, status=201, headers={"Location": request.build_absolute_uri(reverse("me"))})


class AskToSignUpView(DoorView):
    refusals = frozenset({403})
    serializer_class = AddressSerializer

    @extend_schema(summary="Ask to sign up", request=AddressSerializer, responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Where sign-up is open: mails an invitation to this address. The answer is the same if it has an account."""
        check_sign_up(SignUp.OPEN)
        letter_due.happened(kind=Letter.SIGN_UP, about=self.given()["email"], at=self.now)
        return on_its_way()


class AskForPasswordView(DoorView):
    serializer_class = AddressSerializer

    @extend_schema(summary="Ask for another password", request=AddressSerializer, responses={200: DetailSerializer})
    def post(self, request: Request) -> Response:
        """Mails the way to another password to this address, if it is a user's; the answer is the same if it is not."""
        letter_due.happened(kind=Letter.PASSWORD_RESET, about=self.given()["email"], at=self.now)
        return on_its_way()


class ResetPasswordView(DoorView):
    serializer_class = ResetPasswordSerializer

    @extend_schema(
        summary="Choose another password", request=ResetPasswordSerializer, responses={200: DetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Takes the token of the mail, once, and ends every login that was opened with the old password."""
        given = self.given()
        person = User.objects.who_may_log_in().named_in(given["token"]).locked().first()
        if person is None or not person.is_opened_by(given["token"]):
            raise InvalidInput("This link is not good any more.", errors={"token": "Ask for another mail."})
        person.choose_password(given["new_password"], at=self.now)
        return Response({"detail": "The password is changed. Log in with the new one."})
