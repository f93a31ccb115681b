from django.urls import path

from common.api.history import history_at
from common.api.routers import ModuleRouter
from kams.models import User
from kams.views.api_keys import ApiKeyViewSet
from kams.views.me import ChangePasswordView, MeView
from kams.views.people import InvitationViewSet, PersonChangesViewSet, PersonViewSet, TeamViewSet
from kams.views.personal import ErasureViewSet, MyDataView
from kams.views.sessions import LogOutEverywhereView, SessionsView, SessionView
from kams.views.sign_up import AskForPasswordView, AskToSignUpView, ResetPasswordView, SignUpView

router = ModuleRouter()
router.register("people", PersonViewSet, basename="person")
router.register("teams", TeamViewSet, basename="team")
router.register("invitations", InvitationViewSet, basename="invitation")
router.register("api-keys", ApiKeyViewSet, basename="API-key")
router.register("erasures", ErasureViewSet, basename="erasure")

urlpatterns = [
    *router.urls_with_index("me", "sign-up", "password-reset"),
    path(
        "me/", MeView.as_view({"get": "retrieve", "put": "update", "patch": "partial_update"}, detail=True), name="me"
    ),
    path("me/sessions/", SessionsView.as_view(), name="my-sessions"),
    path("me/sessions/<uuid:session>/", SessionView.as_view(), name="my-session"),
    path("me/log-out-everywhere/", LogOutEverywhereView.as_view(), name="log-out-everywhere"),
    history_at("people/", User.objects, view=PersonChangesViewSet),
    path("me/personal-data/", MyDataView.as_view(), name="my-personal-data"),
    path("me/password/", ChangePasswordView.as_view(), name="my-password"),
    path("sign-up/", SignUpView.as_view(), name="sign-up"),
    path("sign-up/request/", AskToSignUpView.as_view(), name="sign-up-request"),
    path("password-reset/", AskForPasswordView.as_view(), name="password-reset"),
    path("password-reset/confirm/", ResetPasswordView.as_view(), name="password-reset-confirm"),
]
