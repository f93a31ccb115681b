"""A person who logs in, and what their role lets them see and do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser, UserManager
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from common.clock import zone
from common.errors import InvalidInput, NotAllowed, RuleBroken
from common.models import Audited, HoursField, search, search_column
from kams.choices import Letter, Role
from kams.events import letter_due, person_left
from kams.models.access import VisibleSet
from kams.models.forgotten import Forgotten
from kams.models.role import ByRole
from kams.models.team import Team

MOST_CALLS_A_DAY = 500
_KEY = re.compile("[0-9]{1,18}")
USERNAME_RULE = RegexValidator(r"^[\w.+-]+\Z", "Use letters, digits and . + - _ only.")


def validate_timezone(name: str) -> None:
    """Refuse what is not the name of a zone in the IANA database."""
    try:
        zone(name)
    except ValueError as wrong:
        raise ValidationError(str(wrong), code="unknown_timezone") from None


def default_timezone() -> str:
    return str(settings.TIME_ZONE)


def languages() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def default_language() -> str:
    return str(settings.LANGUAGE_CODE)


class LastAdmin(RuleBroken):
    """Somebody has to be able to change everything."""

    code = "last_admin"


class NeedsSuccessor(RuleBroken):
    """Who has something to look after does not leave before it is said who has it next."""

    code = "needs_successor"


class UserSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """Oneself and the people of one's team; a manager's sub-teams as well."""
        if user.sees_everything:
            return self.all()
        seen = Q(pk=user.pk) | Q(team__in=user.team_ids)
        return self.filter(seen if user.team_id is None else seen | Q(team=user.team_id))

    def editable_by(self, user: User) -> Self:
        """Who `may_be_changed_by` this person, in SQL."""
        if user.is_admin:
            return self.all()
        if not user.is_manager:
            return self.none()
        return self.filter(team__in=user.team_ids, role=Role.KAM, is_superuser=False)

    def matching(self, text: str) -> Self:
        """Those in whose names or address each word is found."""
        return search(self, text)

    def of_address(self, email: str) -> Self:
        return self.filter(email=email.lower())

    def in_session(self, session: UUID) -> Self:
        """The person of this login, as long as nobody has ended it."""
        return self.filter(sessions__pk=session, sessions__revoked_at__isnull=True)

    def who_may_log_in(self) -> Self:
        return self.filter(is_active=True)

    def named_in(self, secret: str) -> Self:
        """The person a mailed secret is about; whether it is theirs, `is_opened_by` tells."""
        key = secret.partition(".")[0]
        return self.filter(pk=key) if _KEY.fullmatch(key) else self.none()

    def add(self, *, by: User, at: datetime, **fields: Any) -> User:
        """Take somebody in. They choose a password themselves, by the link of a mail."""
        person: User = self.model(created_at=at, updated_at=at, date_joined=at, **fields)
        by.check_may_place(role=person.role, team=person.team)
        person.set_unusable_password()
        person.save(force_insert=True)
        letter_due.happened(kind=Letter.WELCOME, about=person, at=at)
        return person

    def who_can_be_allocated(self) -> Self:
        """Restaurants are given to active people who may work on them."""
        return self.filter(is_active=True).exclude(role=Role.ANALYST, is_superuser=False)


class PeopleManager(UserManager.from_queryset(UserSet)):  # type: ignore[misc] # built by a call
    def get_by_natural_key(self, username: str | None) -> User:
        """The person of this username or e-mail address. Usernames hold no @, so the two never meet."""
        name = username or ""
        return self.get(email=name.lower()) if "@" in name else self.get(username=name)  # type: ignore[no-any-return]

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> User:
        extra.setdefault("role", Role.ADMIN)
        return super().create_superuser(username, email, password, **extra)  # type: ignore[no-any-return]


class User(ByRole, Forgotten, AbstractUser, Audited):  # type: ignore[django-manager-missing] # of teams, see there
    username = models.CharField(
        max_length=150,
        unique=True,
        validators=[USERNAME_RULE],
        error_messages={"unique": "This username is taken."},
    )
    email = models.EmailField(
        unique=True,
        error_messages={"unique": "This e-mail address is taken."},
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.KAM)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="members")
    timezone = models.CharField(max_length=64, default=default_timezone, validators=[validate_timezone])
    # By their own clocks; {} is what the organisation has for everybody.
    working_hours = HoursField()
    daily_capacity = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_CALLS_A_DAY)],
        help_text="How many calls their day holds; empty is what CALLS_A_DAY says.",
    )
    # What they are written to in.
    language = models.CharField(max_length=10, choices=languages, default=default_language)
    # Tokens carry the generation they were made in; raising it makes all earlier ones worthless.
    token_generation = models.PositiveIntegerField(default=1, editable=False)
    # What `?search=` looks through; the database keeps it.
    search_text = search_column("username", "first_name", "last_name", "email")

    # What a log-in or a change of password brings with it.
    untold = frozenset({"date_joined", "last_login", "token_generation"})
    secrets = frozenset({"password"})

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
        if vars(self).get("_password") and not self._state.adding and "token_generation" not in (update_fields or ()):
            self.token_generation += 1
            update_fields = update_fields and [*update_fields, "token_generation"]
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def zone(self) -> ZoneInfo:
        return zone(self.timezone)

    # --- passwords ----------------------------------------------------------------------------
    @property
    def reset_secret(self) -> str:
        """What a mail carries to let the person choose a password: good for a while, and until one is chosen."""
        return f"{self.pk}.{default_token_generator.make_token(self)}"

    def is_opened_by(self, secret: str) -> bool:
        return default_token_generator.check_token(self, secret.partition(".")[2])

    def choose_password(self, password: str, *, at: datetime, field: str = "new_password") -> None:
        """Change it to one that is hard to guess; a refusal names the field it came in."""
        self.check_strength(password, field=field)
        self.change_password(password, at=at)

    def check_strength(self, password: str, *, field: str) -> None:
        try:
            validate_password(password, user=self)
        except ValidationError as weak:
            raise InvalidInput("Choose a stronger password.", errors={field: " ".join(weak.messages)}) from None

    def change_password(self, password: str | None, *, at: datetime) -> None:
        """Set it (None: nobody logs in with one), and end every session that was opened with the old one."""
        self.set_password(password)
        self.token_generation += 1
        self.keep("password", "token_generation", at=at)

    def log_out_everywhere(self, *, at: datetime) -> None:
        """End every session, and whatever else came of an earlier generation. The caller holds the row's lock."""
        self.token_generation += 1
        self.keep("token_generation", at=at)

    # --- verbs --------------------------------------------------------------------------------
    def deactivate(self, *, by: User, at: datetime, successor: User | None = None, to_pool: bool = False) -> bool:
        """Lock the person out at the next request; what they recorded stays.

        What they look after goes to the `successor`, or to the pool where `to_pool` says so. Raises `NeedsSuccessor`
        where there is something, and neither is said.
        """
        self._check_successor(successor, to_pool=to_pool)
        changed = super().revise(by=by, at=at, **self._changes({"is_active": False}, by=by))
        # Said anew, it hands on what somebody has who left before.
        if changed or successor is not None or to_pool:
            person_left.happened(person=self, successor=successor, to_pool=to_pool, by=by, at=at)
        return changed

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs. Raises `NotAllowed` or `LastAdmin` where `by` may not, or nobody may.

        Raises `NeedsSuccessor` where the person has something to look after, and could not any more.
        """
        could = self.can_be_allocated
        changed = super().revise(by=by, at=at, **self._changes(changes, by=by))
        if could and not self.can_be_allocated:
            person_left.happened(person=self, successor=None, to_pool=False, by=by, at=at)
        return changed

    def _changes(self, changes: dict[str, Any], *, by: User) -> dict[str, Any]:
        """What is to be changed, with what follows from it, once the rules have seen it."""
        if "email" in changes:
            changes["email"] = changes["email"].lower()
        if "team" in changes and changes["team"] != self.team:
            by.check_may_place(role=self.role, team=changes["team"])
        if changes.get("role", self.role) != self.role:
            self._check_role(changes["role"], by=by)
            if changes["role"] != Role.ADMIN:
                # What `createsuperuser` gave goes with the role: who is demoted keeps nothing.
                changes |= {"is_superuser": False, "is_staff": False}
        if self.is_active and not changes.get("is_active", True):
            self._check_leaving(by=by)
            changes["token_generation"] = self.token_generation + 1
        return changes

    def _check_successor(self, successor: User | None, *, to_pool: bool) -> None:
        if successor is None:
            return
        if to_pool:
            raise InvalidInput(
                "Either somebody takes over, or the pool does.",
                errors={"to_pool": "Leave it out, or leave out the successor."},
            )
        if successor.pk == self.pk or not successor.can_be_allocated:
            raise InvalidInput(
                "Somebody else takes over, who is active and may work on it.",
                errors={"successor": "This person leaves, is inactive or is an analyst. Choose somebody else."},
            )

    def _check_role(self, role: str, *, by: User) -> None:
        if by.pk == self.pk:
            raise NotAllowed("Nobody changes their own role.", errors={"role": "Ask another admin."})
        if not by.is_admin:
            raise NotAllowed("Only admins change roles.", errors={"role": "Ask an admin."})
        if role != Role.ADMIN:
            self._check_not_the_last_admin()

    def _check_leaving(self, *, by: User) -> None:
        if by.pk == self.pk:
            raise NotAllowed("Nobody deactivates themselves.", errors={"is_active": "Ask another admin."})
        self._check_not_the_last_admin()

    def _check_not_the_last_admin(self) -> None:
        if not (self.is_admin and self.is_active):
            return
        # Locked, so that two admins who demote each other at once cannot both succeed.
        admins = User.objects.locked().filter(Q(role=Role.ADMIN) | Q(is_superuser=True), is_active=True)
        if not any(admin.pk != self.pk for admin in admins.order_by("pk").only("pk")):
            raise LastAdmin("This is the last admin. Make somebody else an admin first.")
