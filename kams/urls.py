from django.urls import path

from common.api.routers import ModuleRouter
from kams.views.me import ChangePasswordView, MeView
from kams.views.people import InvitationViewSet, PersonViewSet, TeamViewSet
from kams.views.sign_up import AskForPasswordView, AskToSignUpView, ResetPasswordView, SignUpView

router = ModuleRouter()
router.register("people", PersonViewSet, basename="person")
router.register("teams", TeamViewSet, basename="team")
router.register("invitations", InvitationViewSet, basename="invitation")

urlpatterns = [
    *router.urls_with_index("me", "sign-up", "password-reset"),
    path(
        "me/", MeView.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"}, detail=True), name="me"
    ),
    path("me/password/", ChangePasswordView.as_view(), name="my-password"),
    path("sign-up/", SignUpView.as_view(), name="sign-up"),
    path("sign-up/request/", AskToSignUpView.as_view(), name="sign-up-request"),
    path("password-reset/", AskForPasswordView.as_view(), name="password-reset"),
    path("password-reset/confirm/", ResetPasswordView.as_view(), name="password-reset-confirm"),
]
