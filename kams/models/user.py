"""A person who logs in, and what their role lets them see and do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from common.clock import zone
from common.errors import InvalidInput, NotAllowed
from common.models import Stamped
from kams.choices import Role
from kams.models.access import VisibleSet
from kams.models.team import Team


def validate_timezone(name: str) -> None:
    """Refuse what is not the name of a zone in the IANA database."""
    try:
        zone(name)
    except ValueError as wrong:
        raise ValidationError(str(wrong), code="unknown_timezone") from None


def default_timezone() -> str:
    return settings.TIME_ZONE


class UserSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """Oneself and the people of one's team; a manager's sub-teams as well."""
        if user.sees_everything:
            return self.all()
        teams = user.team_ids | {user.team_id} - {None}
        return self.filter(Q(pk=user.pk) | Q(team__in=teams))

    def editable_by(self, user: User) -> Self:
        """People are changed by admins, and within a manager's teams by the manager."""
        if user.is_admin:
            return self.all()
        return self.filter(team__in=user.team_ids) if user.is_manager else self.none()

    def who_can_be_allocated(self) -> Self:
        """Restaurants are given to active people who may work on them."""
        return self.filter(is_active=True).exclude(role=Role.ANALYST, is_superuser=False)


class PeopleManager(UserManager.from_queryset(UserSet)):  # type: ignore[misc] # built by a call
    def get_by_natural_key(self, username: str | None) -> User:
        """The person of this username or e-mail address. Usernames hold no @, so the two never meet."""
        name = username or ""
        return self.get(email=name.lower()) if "@" in name else self.get(username=name)  # type: ignore[no-any-return]

    def create_superuser(self, username: str, email: str | None = None, password: str | None = None, **extra: Any) -> User:
        extra.setdefault("role", Role.ADMIN)
        return super().create_superuser(username, email, password, **extra)  # type: ignore[no-any-return]


class User(AbstractUser, Stamped):
    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[RegexValidator(r"^[\w.+-]+\Z", "Use letters, digits and . + - _ only.")],
        error_messages={"unique": "This username is taken."},
    )
    email = models.EmailField(
        unique=True,
        error_messages={"unique": "This e-mail address is taken."},
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.KAM)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="members")
    timezone = models.CharField(max_length=64, default=default_timezone, validators=[validate_timezone])
    # Tokens carry the generation they were made in; raising it makes all earlier ones worthless.
    token_generation = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        ordering = ("username",)
        constraints: ClassVar = [
            # Unique whatever the case: the address is kept in lower case.
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="user_email_in_lower_case"),
        ]
        indexes: ClassVar = [
            # The people list by role, and the search for successors.
            models.Index(fields=["role", "id"], name="user_by_role"),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        self.email = self.email.lower()
        # Django's own doors (`changepassword`, the page for one's own password) save a new password themselves.
        fresh: str | None = self._password  # type: ignore[attr-defined] # Django's, but not in its stubs
        if fresh is not None and not self._state.adding and "token_generation" not in (update_fields or ()):
            self.token_generation += 1
            update_fields = update_fields and [*update_fields, "token_generation"]
        super().save(*args, update_fields=update_fields, **kwargs)

    # --- what the role means ------------------------------------------------------------------
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
    def team_ids(self) -> set[int]:
        """The teams a manager looks into: those they manage or belong to, with all below. One query, once."""
        if not self.is_manager:
            return set()
        teams = list(Team.objects.with_tree_fields().only("pk", "manager_id"))
        roots = {team.pk for team in teams if team.manager_id == self.pk or team.pk == self.team_id}
        return {team.pk for team in teams if roots.intersection(team.tree_path)}

    def reach(self, owner: str) -> Q:
        """The condition that a row's `owner` is somebody whose rows this person sees."""
        if self.is_manager:
            people = User.objects.filter(Q(pk=self.pk) | Q(team__in=self.team_ids))
            return Q(**{f"{owner}__in": people.values("pk")})
        return Q(**{owner: self.pk})

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)

    # --- verbs --------------------------------------------------------------------------------
    def change_password(self, password: str | None, *, at: datetime) -> None:
        """Set it (None: nobody logs in with one), and end every session that was opened with the old one."""
        self.set_password(password)
        self.token_generation += 1
        self.keep("password", "token_generation", at=at)

    def deactivate(self, *, by: User, at: datetime) -> None:
        """Lock the person out at the next request; what they recorded stays."""
        self._refuse_to_lose_last_admin(is_active=False)
        if by.pk == self.pk:
            raise NotAllowed("Nobody deactivates themselves. Ask another admin.")
        self.is_active = False
        self.token_generation += 1
        self.keep("is_active", "token_generation", at=at)

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        if changes.get("role", self.role) != self.role:
            self._may_give(changes["role"], by=by)
        if changes.get("is_active", True) is False and self.is_active:
            self.deactivate(by=by, at=at)
        return super().revise(by=by, at=at, **changes)

    def _may_give(self, role: str, *, by: User) -> None:
        if by.pk == self.pk:
            raise NotAllowed("Nobody changes their own role. Ask another admin.")
        if not by.is_admin:
            raise NotAllowed("Only admins change roles.")
        self._refuse_to_lose_last_admin(is_active=role == Role.ADMIN)

    def _refuse_to_lose_last_admin(self, *, is_active: bool) -> None:
        if is_active or not self.is_admin:
            return
        # Locked, so that two admins who demote each other at once cannot both succeed.
        admins = User.objects.locked().filter(Q(role=Role.ADMIN) | Q(is_superuser=True), is_active=True)
        if not any(admin.pk != self.pk for admin in admins.order_by("pk").only("pk")):
            raise InvalidInput("This is the last admin. Make somebody else an admin first.")
