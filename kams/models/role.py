"""What a person's role lets them see and do: the one place where roles get their meaning."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Q
from django.utils import timezone

from common.errors import NotAllowed
from common.models import Keys
from kams.choices import Role
from kams.models.known_keys import KnownKeys, said_with_caller
from kams.models.team import Team, TeamsOf

if TYPE_CHECKING:
    from kams.models.user import User


class ByRole:
    """The part of a person that is about their role."""

    pk: Any
    role: str
    team_id: Any
    is_active: bool
    is_superuser: bool
    _default_manager: ClassVar[Any]

    @property
    def is_admin(self) -> bool:
        return self.is_superuser or self.role == Role.ADMIN

    @property
    def is_manager(self) -> bool:
        return self.role == Role.MANAGER

    @property
    def is_kam(self) -> bool:
        return self.role == Role.KAM and not self.is_superuser

    @property
    def sees_everything(self) -> bool:
        return self.is_admin or self.role == Role.ANALYST

    @property
    def may_edit(self) -> bool:
        return self.is_admin or self.role != Role.ANALYST

    @property
    def may_allocate(self) -> bool:
        """May give restaurants to somebody else."""
        return self.is_admin or self.is_manager

    @property
    def can_be_allocated(self) -> bool:
        """May be given restaurants; the set's `who_can_be_allocated` says the same in SQL."""
        return self.is_active and self.may_edit

    @cached_property
    def asks_at(self) -> datetime:
        """The moment for which is decided what this person sees: of their request, else the first time it matters."""
        return timezone.now()

    @cached_property
    def known_keys(self) -> KnownKeys:
        """Keys that decide what this person sees, each looked up once."""
        return KnownKeys(self)  # type: ignore[arg-type] # a person is all of this

    @property
    def team_ids(self) -> Keys:
        """The teams a manager looks into: those they manage or belong to, with all below."""
        return self.known_keys["team_ids"] if self.is_manager else Keys()

    def look_at_teams_anew(self) -> None:
        """Forget what was known of the teams: they have changed."""
        self.__dict__.pop("known_keys", None)

    def reach(self, owner: str) -> Q:
        """The condition that a row's `owner` is somebody whose rows this person sees."""
        if self.is_manager:
            people = type(self)._default_manager.filter(Q(pk=self.pk) | Q(team__in=self.team_ids))
            return Q(**{f"{owner}__in": people.values("pk")})
        return Q(**{owner: self.pk})

    def looks_after(self, owner: User | None) -> bool:
        """Whether what this owner has is this person's to hand on or to share; the pool is for who allocates."""
        if self.is_admin or owner is None:
            return self.may_allocate
        return owner.pk == self.pk or (self.is_manager and owner.team_id in self.team_ids)

    def may_look_back_on(self, person: int) -> bool:
        """Whether the history of a person whom they see is theirs to read: their own, or that of their people."""
        return person == self.pk or self.is_manager or self.is_admin

    def may_be_changed_by(self, person: User) -> bool:
        """Admins change everybody, managers the KAMs of their teams; oneself has a page of one's own."""
        if person.is_admin:
            return True
        return person.is_manager and self.is_kam and self.team_id in person.team_ids

    def check_may_place(self, *, role: str, team: Team | None) -> None:
        """Refuse what this person may not make of somebody: a manager takes KAMs into their own teams."""
        if self.is_admin:
            return
        if not self.is_manager:
            raise NotAllowed("Only managers and admins take people in.")
        if role != Role.KAM:
            raise NotAllowed("A manager takes in KAMs.", errors={"role": "Use KAM, or ask an admin."})
        if team is None or team.pk not in self.team_ids:
            raise NotAllowed("A manager takes people into their own teams.", errors={"team": "Name one of your teams."})


@said_with_caller("team_ids")
def _teams(person: User, _: datetime) -> dict[str, TeamsOf]:
    return {"team_ids": TeamsOf(person.pk)}
