from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.validators import UniqueValidator

from common.api.fields import Email, RelatedId, Text
from common.api.serializers import RowSerializer, StrictSerializer
from kams.models import Invitation, Team, User
from kams.models.user import USERNAME_RULE

# Far longer than any real one; bounds what is hashed or decoded before anybody is known.
LONGEST_PASSWORD = 1000
LONGEST_TOKEN = 4096


class Address(Email):
    """An e-mail address: kept, and compared, in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class Password(Text):
    """Taken as it is, blanks included, and never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)


class Secret(Text):
    """A token, or what a mail's link carries."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_TOKEN, **kwargs)


# --- Tokens ---------------------------------------------------------------------------------------


class LogInSerializer(StrictSerializer):
    username = Text(max_length=254, write_only=True, help_text="The username, or the e-mail address.")
    password = Password()


class PairSerializer(StrictSerializer):
    access = Secret(read_only=True, help_text="Send it as `Authorization: Bearer …`; good for 30 minutes.")
    refresh = Secret(read_only=True, help_text="Exchange it, once, for the next pair.")


class RefreshSerializer(StrictSerializer):
    refresh = Secret(write_only=True)


class VerifySerializer(StrictSerializer):
    token = Secret(write_only=True, help_text="An access or a refresh token.")


# --- People ---------------------------------------------------------------------------------------


class PersonSerializer(RowSerializer):
    email = Address(validators=[UniqueValidator(User.objects.all(), message="This e-mail address is taken.")])
    team = RelatedId(queryset=Team.objects.all(), required=False, allow_null=True)

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
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )
        read_only_fields: tuple[str, ...] = ("id", "created_at", "updated_at", "version")


class MeSerializer(PersonSerializer):
    team = RelatedId(read_only=True)

    class Meta(PersonSerializer.Meta):
        read_only_fields = (*PersonSerializer.Meta.read_only_fields, "username", "role", "is_active")


class ChangePasswordSerializer(StrictSerializer):
    current_password = Password()
    new_password = Password()


class TeamSerializer(RowSerializer):
    parent = RelatedId(queryset=Team.objects.all(), required=False, allow_null=True)  # type: ignore[assignment] # DRF keeps a `parent` of its own
    manager = RelatedId(queryset=User.objects.all(), required=False, allow_null=True)

    class Meta:
        model = Team
        fields: ClassVar = ("id", "name", "parent", "manager", "created_at", "updated_at", "version")
        read_only_fields = ("id", "created_at", "updated_at", "version")


# --- Becoming a user, and staying one -------------------------------------------------------------


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


class SignUpSerializer(RowSerializer):
    """Without the checks that would tell a stranger which names are taken: those come after the invitation."""

    invitation = Secret(write_only=True, help_text="The secret in the link of the mail.")
    password = Password()

    class Meta:
        model = User
        fields = ("invitation", "username", "password", "first_name", "last_name", "timezone")
        extra_kwargs: ClassVar = {"username": {"validators": [USERNAME_RULE]}}


class AddressSerializer(StrictSerializer):
    email = Address(write_only=True)


class ResetPasswordSerializer(StrictSerializer):
    token = Secret(write_only=True, help_text="The token in the link of the mail.")
    new_password = Password()


class DetailSerializer(StrictSerializer):
    detail = Text(read_only=True)
