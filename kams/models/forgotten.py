"""How a person is erased: what they did stays, and nothing says who they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.errors import RuleBroken
from common.traces import Subject
from kams.choices import SubjectKind
from kams.models.erasure import Erasure, words_of

if TYPE_CHECKING:
    from kams.models.user import User

# Nobody owns a name in this domain: RFC 2606.
NOWHERE = "erased.invalid"


class StillActive(RuleBroken):
    """Who works here is not erased: they have to leave first."""

    code = "still_active"


class Forgotten:
    """The part of a person that is about their being erased."""

    pk: Any
    username: str
    email: str
    first_name: str
    last_name: str
    is_active: bool
    token_generation: int
    working_hours: Any
    set_unusable_password: Any
    get_full_name: Any
    keep: Any

    @property
    def subject(self) -> Subject:
        return Subject(SubjectKind.PERSON, self.pk, words_of((self.username, self.email, self.get_full_name())))

    def erase(self, *, by: User, at: datetime, reason: str = "") -> Erasure:
        """Take away for good what names them; their figures stay. The caller holds the row's lock.

        Raises `StillActive`, or `NotAllowed` where `by` is no admin. What names them elsewhere goes with a job.
        """
        erasure: Erasure = Erasure.objects.add(self.subject, by=by, at=at, reason=reason)
        if self.is_active:
            raise StillActive("This person still works here. Deactivate them first.")
        self.username, self.email = f"erased-{self.pk}", f"erased-{self.pk}@{NOWHERE}"
        self.first_name = self.last_name = ""
        self.working_hours = {}
        self.set_unusable_password()
        self.token_generation += 1
        names = ("username", "email", "first_name", "last_name", "working_hours", "password", "token_generation")
        self.keep(*names, at=at)
        return erasure
