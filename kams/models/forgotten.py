"""How a person is erased: what they did stays, and nothing says who they were."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth.hashers import make_password

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
    is_active: bool
    token_generation: int
    get_full_name: Any
    keep: Any
    take: Any

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
        nothing: dict[str, Any] = {"first_name": "", "last_name": "", "working_hours": {}}
        nobody = {"username": f"erased-{self.pk}", "email": f"erased-{self.pk}@{NOWHERE}"}
        shut = {"password": make_password(None), "token_generation": self.token_generation + 1}
        self.keep(*self.take({**nothing, **nobody, **shut}), at=at)
        return erasure
