"""`/kam/people/`, `/kam/teams/` and `/kam/invitations/`: who works here."""

from __future__ import annotations

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.history import ChangesViewSet
from common.api.views import Archives, Creates, Lists, ResourceViewSet, Shows
from kams.filters import PersonFilter, TeamFilter
from kams.models import Invitation, Team, User
from kams.permissions import MayManage
from kams.serializers import DeactivateSerializer, InvitationSerializer, PersonSerializer, TeamSerializer
from kams.views.personal import Personal


@extend_schema_view(
    create=extend_schema(
        summary="Add a person",
        description=(
            "For admins, and for managers who take KAMs into their teams. A mail lets the person choose a password."
        ),
    ),
    destroy=extend_schema(
        summary="Deactivate a person",
        description=(
            "Locks the person out at their next request. They stay in the list, with all that they recorded. While "
            "they look after restaurants this is a 409: say what becomes of those with the action `deactivate`."
        ),
    ),
)
class PersonViewSet(Personal, ResourceViewSet):
    """Oneself and one's team, a manager's sub-teams too; everybody for admins and analysts."""

    queryset = User.objects.none()
    serializer_class = PersonSerializer
    filterset_class = PersonFilter
    permission_classes = (MayManage,)
    ordering_fields = ("id", "username", "last_name", "created_at")
    ordering = "username"

    def get_queryset(self) -> Any:
        return User.objects.visible_to(self.person)

    def may_change(self, row: Any) -> bool:
        return bool(row.may_be_changed_by(self.person))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.locked().deactivate(by=self.person, at=self.now)
        return self.gone()

    @extend_schema(request=DeactivateSerializer, summary="Deactivate a person who looks after restaurants")
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        """Lock the person out, and give their restaurants to a successor or to the pool.

        The successor is told of all the restaurants at once, with a brief; and the manager of the person's team is
        told that they left. Who looks after nothing needs neither.
        """
        person, given = self.locked(), self.given(shape=DeactivateSerializer)
        person.deactivate(by=self.person, at=self.now, **given)
        return self.shown(person.pk)


class PersonChangesViewSet(ChangesViewSet):
    """Who changed what of one person, when, and from where; newest first. For themselves, managers and admins."""

    refusals: ClassVar = frozenset({403})

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        if not self.person.may_look_back_on(int(kwargs["pk"])):
            get_object_or_404(User.objects.visible_to(self.person).only("pk"), pk=kwargs["pk"])
            raise PermissionDenied
        return super().list(request, *args, **kwargs)


@extend_schema_view(
    destroy=extend_schema(description="For a team that is empty: while people or sub-teams are in it this is a 409.")
)
class TeamViewSet(ResourceViewSet):
    """One's own team, a manager's sub-teams too; all of them for admins and analysts."""

    queryset = Team.objects.none()
    serializer_class = TeamSerializer
    filterset_class = TeamFilter
    permission_classes = (MayManage,)
    ordering_fields = ("id", "name", "created_at")
    ordering = "name"

    def get_queryset(self) -> Any:
        return Team.objects.visible_to(self.person)

    def may_change(self, row: Any) -> bool:
        return bool(row.may_be_changed_by(self.person))

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.locked().remove()
        return self.gone()


@extend_schema_view(
    create=extend_schema(
        summary="Invite somebody",
        description=(
            "Mails the way to sign up with this role, into this team. A manager invites KAMs into their own teams."
        ),
    ),
    destroy=extend_schema(
        summary="Withdraw an invitation", description="The link in the mail opens nothing from now on."
    ),
)
class InvitationViewSet(Lists, Shows, Creates, Archives):
    """Those that a manager wrote; every one for admins."""

    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    permission_classes = (MayManage,)
    ordering_fields = ("id", "created_at", "expires_at")
    ordering = "-id"

    def get_queryset(self) -> Any:
        return Invitation.objects.visible_to(self.person)
