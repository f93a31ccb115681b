from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core import signing
from django.db import models

from common.errors import AlreadyExists, InvalidInput, NotAllowed, RuleBroken
from common.models import Archivable, Stamped
from kams.choices import Letter, Role, SignUp
from kams.events import letter_due
from kams.models.access import VisibleSet
from kams.models.team import Team
from kams.models.user import User

_signer = signing.Signer(salt="kams.invitation")


def check_sign_up(*ways: SignUp) -> None:
    """Refuse where `SIGN_UP` is none of these ways to become a user."""
    if settings.SIGN_UP not in ways:
        raise NotAllowed("Nobody signs up this way here. Ask an admin to add or to invite you.")


class InvitationUsed(RuleBroken):
    """What has become a person is no invitation any more."""

    code = "invitation_used"


class InvitationSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """A manager's own, an admin's all; what was withdrawn is nobody's."""
        rows = self.filter(archived_at__isnull=True)
        if user.is_admin:
            return rows
        return rows.filter(invited_by=user) if user.is_manager else rows.none()

    def live(self, *, at: datetime) -> Self:
        return self.filter(accepted_at__isnull=True, archived_at__isnull=True, expires_at__gt=at)

    def over(self, *, before: datetime) -> Self:
        """What nobody took up, and nobody can since before this moment; what was accepted is history."""
        return self.filter(accepted_at__isnull=True, expires_at__lt=before)

    def opened_by(self, secret: str, *, at: datetime) -> Self:
        """The live invitation that this secret belongs to."""
        try:
            named = _signer.unsign_object(secret)
        except (signing.BadSignature, ValueError):
            return self.none()
        return self.live(at=at).filter(pk=named["id"], email=named["email"]).select_related("invited_by", "team")

    def add(self, *, by: User, at: datetime, email: str, role: str = Role.KAM, team: Team | None = None) -> Invitation:
        """Invite somebody to sign up with this role, into this team."""
        check_sign_up(SignUp.OPEN, SignUp.INVITATION)
        by.check_may_place(role=role, team=team)
        if User.objects.of_address(email).exists():
            raise AlreadyExists("Somebody with this address is here already.", errors={"email": "Has an account."})
        invitation = self._write(email, at=at, role=role, team=team, invited_by=by)
        letter_due.happened(kind=Letter.INVITATION, about=invitation, at=at)
        return invitation

    def ask(self, email: str, *, at: datetime) -> Invitation:
        """The invitation that somebody asked for themselves, where everybody may: a KAM without a team."""
        open_one: Invitation | None = self.live(at=at).filter(email=email.lower(), invited_by__isnull=True).first()
        return open_one or self._write(email, at=at)

    def _write(self, email: str, *, at: datetime, **fields: Any) -> Invitation:
        expires_at = at + timedelta(days=settings.INVITATION_DAYS)
        stamps = {"created_at": at, "updated_at": at, "expires_at": expires_at}
        invitation: Invitation = self.create(email=email.lower(), **stamps, **fields)
        return invitation


class Invitation(Stamped, Archivable):
    """The word that somebody may sign up, with the role and team they will have.

    Its secret goes to the address it is for, so that who has it has the mailbox. The secret is a signature: kept
    nowhere, and the same however often it is mailed.
    """

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.KAM)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    # Null where somebody asked for themselves.
    invited_by = models.ForeignKey(User, models.CASCADE, null=True, related_name="invitations", editable=False)
    expires_at = models.DateTimeField(editable=False)
    accepted_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = InvitationSet.as_manager()

    class Meta:
        ordering = ("-created_at",)
        indexes: ClassVar = [
            # Whether somebody has asked before.
            models.Index(fields=["email"], name="invitation_by_email"),
            # The clean-up of those that ran out.
            models.Index(fields=["expires_at"], name="invitation_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def secret(self) -> str:
        return _signer.sign_object({"id": self.pk, "email": self.email})

    def accept(self, *, at: datetime, username: str, password: str, **fields: Any) -> User:
        """Make the person of it. The caller holds the row's lock."""
        self._check_is_still_meant()
        if User.objects.filter(username=username).exists():
            raise InvalidInput("This username is taken.", errors={"username": "Choose another."})
        if User.objects.of_address(self.email).exists():
            raise AlreadyExists("This address has an account already. Reset its password instead.")
        person = User(
            username=username,
            email=self.email,
            role=self.role,
            team=self.team,
            date_joined=at,
            created_at=at,
            updated_at=at,
            **fields,
        )
        person.check_strength(password, field="password")
        person.set_password(password)
        person.save(force_insert=True)
        self.accepted_at = at
        self.keep("accepted_at", at=at)
        return person

    def archive(self, *, by: User, at: datetime) -> bool:
        """Withdraw it: the secret opens nothing from now on."""
        if self.accepted_at is not None:
            raise InvitationUsed("This invitation was accepted. Deactivate the person instead.")
        return self.revise(by=by, at=at, archived_at=at)

    def _check_is_still_meant(self) -> None:
        """An invitation is worth what its writer could give today."""
        if self.invited_by is None:
            check_sign_up(SignUp.OPEN)
            return
        try:
            self.invited_by.check_may_place(role=self.role, team=self.team)
        except NotAllowed:
            raise self._worthless() from None
        if not self.invited_by.is_active:
            raise self._worthless()

    def _worthless(self) -> NotAllowed:
        return NotAllowed("Who invited you may not do so any more. Ask for another invitation.")
