"""`/kam/people/`, `/kam/teams/` and `/kam/invitations/`: who works here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.views import Archives, Creates, Lists, ResourceViewSet, Shows
from kams.filters import PersonFilter, TeamFilter
from kams.models import Invitation, Team, User
from kams.permissions import MayManage
from kams.serializers import InvitationSerializer, PersonSerializer, TeamSerializer
from kams.tasks import after_commit, send_invitation, send_welcome


@extend_schema_view(
    list=extend_schema(summary="List people", description="Oneself and one's team; everybody for admins and analysts."),
    create=extend_schema(
        summary="Add a person",
        description=(
            "For admins, and for managers who take KAMs into their own teams; a mail lets the person choose a password."
        ),
    ),
    retrieve=extend_schema(summary="Show a person", description="One person whom the caller sees."),
    update=extend_schema(summary="Replace a person", description="Writes a person; only admins change roles."),
    partial_update=extend_schema(
        summary="Change a person", description="Writes parts of a person; `is_active` locks out and lets in again."
    ),
    destroy=extend_schema(
        summary="Deactivate a person",
        description="Locks the person out at their next request; what they recorded stays, and so do they in lists.",
    ),
)
class PersonViewSet(ResourceViewSet):
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

    def made(self, row: Any) -> Response:
        after_commit(send_welcome, row.pk)
        return super().made(row)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.locked().deactivate(by=self.person, at=self.now)
        return self.gone()


@extend_schema_view(
    list=extend_schema(
        summary="List teams", description="One's own team; a manager's with all below; all for admins and analysts."
    ),
    create=extend_schema(
        summary="Add a team", description="For admins, and for managers who add teams below their own."
    ),
    retrieve=extend_schema(summary="Show a team", description="One team that the caller sees."),
    update=extend_schema(summary="Replace a team", description="Writes a team; a team never stands below itself."),
    partial_update=extend_schema(summary="Change a team", description="Writes parts of a team."),
    destroy=extend_schema(
        summary="Delete a team", description="Deletes a team that is empty: 409 while people or sub-teams are in it."
    ),
)
class TeamViewSet(ResourceViewSet):
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
    list=extend_schema(summary="List invitations", description="A manager's own; every one for admins."),
    create=extend_schema(
        summary="Invite somebody",
        description="Mails the way to sign up with this role, into this team; for admins, and managers within theirs.",
    ),
    retrieve=extend_schema(summary="Show an invitation", description="One invitation; its secret is only in the mail."),
    destroy=extend_schema(
        summary="Withdraw an invitation", description="The link in the mail opens nothing from now on."
    ),
)
class InvitationViewSet(Lists, Shows, Creates, Archives):
    queryset = Invitation.objects.none()
    serializer_class = InvitationSerializer
    permission_classes = (MayManage,)
    ordering_fields = ("id", "created_at", "expires_at")
    ordering = "-id"

    def get_queryset(self) -> Any:
        return Invitation.objects.visible_to(self.person)

    def made(self, row: Any) -> Response:
        after_commit(send_invitation, row.pk)
        return super().made(row)
