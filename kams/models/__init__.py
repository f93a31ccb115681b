"""People, the teams they form, and how they come and stay in."""

from kams.models.access import VisibleSet
from kams.models.api_key import ApiKey
from kams.models.erasure import Erasure
from kams.models.invitation import Invitation
from kams.models.session import Session
from kams.models.team import Team
from kams.models.user import NeedsSuccessor, User

__all__ = ["ApiKey", "Erasure", "Invitation", "NeedsSuccessor", "Session", "Team", "User", "VisibleSet"]
