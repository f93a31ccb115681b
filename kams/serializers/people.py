"""Shapes of people and teams, and of how somebody becomes a user and stays one."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.validators import UniqueValidator

from common.api.fields import Email, Flag, RelatedId, Text
from common.api.hours import WeekHours
from common.api.schema import example
from common.api.serializers import RowSerializer, StrictSerializer
from kams.models import Invitation, Team, User
from kams.models.user import USERNAME_RULE
from kams.serializers.tokens import STAMPS, Password, Secret

INVITATION = "eyJpZCI6MSwiZW1haWwiOiJuZXdAZXhhbXBsZS5jb20ifQ:4sYk…"  # for the examples


class Address(Email):
    """An e-mail address: kept, and compared, in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


@example(
    sent={
        "username": "asha",
        "first_name": "Asha",
        "last_name": "Rao",
        "email": "asha@example.com",
        "role": "KAM",
        "team": 1,
        "timezone": "Asia/Kolkata",
        "language": "hi",
    },
    changed={"team": 2},
    adds={"id": 1, "is_active": True, "working_hours": {}, "daily_capacity": None, **STAMPS},
)
class PersonSerializer(RowSerializer):
    words: ClassVar = {
        "working_hours": "By their own clocks; {} is what the organisation has for everybody.",
        "daily_capacity": "How many calls their day holds; null is what the organisation has for everybody.",
    }
    email = Address(validators=[UniqueValidator(User.objects.all(), message="This e-mail address is taken.")])
    team = RelatedId(queryset=Team.objects.all(), required=False, allow_null=True)
    working_hours = WeekHours(required=False)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "first_name",
            "last_name",
            "email",
            "role",
            "team",
            "timezone",
            "working_hours",
            "daily_capacity",
            "language",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields: tuple[str, ...] = ("id", "created_at", "updated_at", "version")


@example(sent={"successor": 7})
class DeactivateSerializer(StrictSerializer):
    words: ClassVar = {
        "successor": "The id of who takes over their restaurants; null is nobody.",
        "to_pool": "Whether their restaurants go to the pool.",
    }
    contradictory: ClassVar = (
        {
            "required": ["successor", "to_pool"],
            "properties": {"successor": {"not": {"type": "null"}}, "to_pool": {"const": True}},
        },
    )
    successor = RelatedId(queryset=User.objects.all(), required=False, allow_null=True, default=None)
    to_pool = Flag(required=False, default=False)


@example(
    sent={
        "first_name": "Asha",
        "last_name": "Rao",
        "email": "asha@example.com",
        "timezone": "Asia/Kolkata",
        "working_hours": {"mon": [["10:00", "19:00"]]},
        "daily_capacity": 20,
        "language": "hi",
    },
    changed={"timezone": "Europe/London"},
    adds={"id": 1, "username": "asha", "role": "KAM", "team": 1, "is_active": True, **STAMPS},
)
class MeSerializer(PersonSerializer):
    team = RelatedId(read_only=True)

    class Meta(PersonSerializer.Meta):
        read_only_fields = (*PersonSerializer.Meta.read_only_fields, "username", "role", "is_active")


@example(sent={"current_password": "correct horse battery", "new_password": "staple battery horse"})
class ChangePasswordSerializer(StrictSerializer):
    current_password = Password()
    new_password = Password()


@example(sent={"name": "South", "parent": None, "manager": 2}, changed={"manager": 3}, adds={"id": 1, **STAMPS})
class TeamSerializer(RowSerializer):
    parent = RelatedId(queryset=Team.objects.all(), required=False, allow_null=True)  # type: ignore[assignment] # DRF keeps a `parent` of its own
    manager = RelatedId(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Team
        fields: ClassVar = ("id", "name", "parent", "manager", "created_at", "updated_at", "version")
        read_only_fields = ("id", "created_at", "updated_at", "version")


# --- Becoming a user, and staying one -------------------------------------------------------------


@example(
    sent={"email": "new@example.com", "role": "KAM", "team": 1},
    adds={"id": 1, "invited_by": 2, "expires_at": "2025-01-11T10:00:00Z", "accepted_at": None, **STAMPS},
)
class InvitationSerializer(RowSerializer):
    email = Address()
    team = RelatedId(queryset=Team.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Invitation
        fields = (
            "id",
            "email",
            "role",
            "team",
            "invited_by",
            "expires_at",
            "accepted_at",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields = (
            "id",
            "invited_by",
            "expires_at",
            "accepted_at",
            "created_at",
            "updated_at",
            "version",
        )


@example(sent={"invitation": INVITATION, "username": "neha", "password": "correct horse battery", "first_name": "Neha"})
class SignUpSerializer(RowSerializer):
    invitation = Secret(write_only=True, help_text="The secret in the link of the mail.")
    password = Password()

    class Meta:
        model = User
        fields = ("invitation", "username", "password", "first_name", "last_name", "timezone", "language")
        # Whether the name is taken is told after the invitation was read, and to nobody without one.
        extra_kwargs: ClassVar = {"username": {"validators": [USERNAME_RULE]}}


@example(sent={"email": "asha@example.com"})
class AddressSerializer(StrictSerializer):
    email = Address(write_only=True)


@example(sent={"token": "1.cgg3q3-8f0b…", "new_password": "staple battery horse"})
class ResetPasswordSerializer(StrictSerializer):
    token = Secret(write_only=True, help_text="The token in the link of the mail.")
    new_password = Password()


@example(adds={"detail": "If it can be, a mail is on its way to this address."})
class DetailSerializer(StrictSerializer):
    detail = Text(read_only=True)
