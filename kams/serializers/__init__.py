"""Shapes of people and teams, of tokens, sessions and keys, and of becoming a user."""

from kams.serializers.people import (
    AddressSerializer,
    ChangePasswordSerializer,
    DeactivateSerializer,
    DetailSerializer,
    InvitationSerializer,
    MeSerializer,
    PersonSerializer,
    ResetPasswordSerializer,
    SignUpSerializer,
    TeamSerializer,
)
from kams.serializers.personal import EraseSerializer, ErasureSerializer, PersonalDataSerializer
from kams.serializers.tokens import (
    ApiKeySerializer,
    LogInSerializer,
    MadeApiKeySerializer,
    PairSerializer,
    RefreshSerializer,
    SessionSerializer,
    VerifySerializer,
)

__all__ = [
    "AddressSerializer",
    "ApiKeySerializer",
    "ChangePasswordSerializer",
    "DeactivateSerializer",
    "DetailSerializer",
    "EraseSerializer",
    "ErasureSerializer",
    "InvitationSerializer",
    "LogInSerializer",
    "MadeApiKeySerializer",
    "MeSerializer",
    "PairSerializer",
    "PersonSerializer",
    "PersonalDataSerializer",
    "RefreshSerializer",
    "ResetPasswordSerializer",
    "SessionSerializer",
    "SignUpSerializer",
    "TeamSerializer",
    "VerifySerializer",
]
