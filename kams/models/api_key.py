from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from common.errors import InvalidInput, NotAllowed, RuleBroken
from common.models import Stamped
from kams.models.access import VisibleSet
from kams.models.user import User

LONGEST_LIFE = timedelta(days=366)
MOST_KEYS = 20  # of one person at a time
MOST_REQUESTS = 100_000  # a minute
NOTED_EVERY = timedelta(minutes=1)
PREFIX_LENGTH, SECRET_BYTES = 8, 32
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without those that look alike
_COLUMNS = ("owner", "digest", "scopes", "requests_a_minute", "last_used_at")
_TEXT = re.compile(rf"kam_([{_LETTERS}]{{{PREFIX_LENGTH}}})_[\w-]{{43}}", re.ASCII)


class TooManyKeys(RuleBroken):
    """Keys that nobody remembers are the ones that leak."""

    code = "too_many_keys"


def digest_of(text: str) -> str:
    """What is kept of a secret that we made: it is random enough to be hashed once."""
    return sha256(text.encode()).hexdigest()


class ApiKeySet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """One's own, an admin's all; those that were ended are nobody's."""
        rows = self.not_ended()
        return rows if user.is_admin else rows.filter(owner=user)

    def not_ended(self) -> Self:
        """Those that nobody has revoked, and whose owners have not ended all that they had."""
        return self.filter(revoked_at__isnull=True, generation=F("owner__token_generation"))

    def good(self, *, at: datetime) -> Self:
        return self.not_ended().filter(owner__is_active=True, expires_at__gt=at)

    def opened_by(self, text: str, *, at: datetime, columns: Iterable[str]) -> ApiKey | None:
        """The good key that this is, with these columns of its owner: one statement."""
        if not (named := _TEXT.fullmatch(text)):
            return None
        rows = self.good(at=at).filter(prefix=named[1]).select_related("owner")
        key: ApiKey | None = rows.only(*_COLUMNS, *(f"owner__{name}" for name in columns)).first()
        return key if key is not None and compare_digest(key.digest, digest_of(text)) else None

    def add(
        self,
        *,
        by: User,
        at: datetime,
        name: str,
        scopes: str,
        expires_at: datetime,
        requests_a_minute: int | None = None,
    ) -> ApiKey:
        """Make a key that acts as this person. Its `text` is known now, and never again."""
        if not by.may_allocate:
            raise NotAllowed("Only managers and admins make API keys.")
        if not at < expires_at <= at + LONGEST_LIFE:
            raise InvalidInput(
                "A key ends some day.", errors={"expires_at": f"Send a moment within {LONGEST_LIFE.days} days."}
            )
        usual = settings.KEY_REQUESTS_A_MINUTE
        if requests_a_minute is not None and requests_a_minute > usual > 0 and not by.is_admin:
            raise NotAllowed(
                f"Only admins make keys for more than {usual} requests a minute.",
                errors={"requests_a_minute": f"Send {usual} at most, or ask an admin."},
            )
        # Held, so that two requests at once do not both make the last one.
        owner = User.objects.locked().get(pk=by.pk)
        if self.good(at=at).filter(owner=owner).count() >= MOST_KEYS:
            raise TooManyKeys(f"You have {MOST_KEYS} keys. Revoke one that is not used.")
        prefix = "".join(secrets.choice(_LETTERS) for _ in range(PREFIX_LENGTH))
        text = f"kam_{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
        key: ApiKey = self.create(
            owner=owner,
            name=name,
            prefix=prefix,
            digest=digest_of(text),
            scopes=scopes,
            expires_at=expires_at,
            requests_a_minute=requests_a_minute,
            generation=owner.token_generation,
            created_at=at,
            updated_at=at,
        )
        key.text = text
        return key


class ApiKey(Stamped):
    """How another system comes in: as its owner, by their rights of the moment, within the scopes it is for.

    The key itself is kept nowhere, only its digest.
    """

    name = models.CharField(max_length=100)
    owner = models.ForeignKey(User, models.CASCADE, related_name="api_keys", editable=False)
    # What it begins with: shown, so that people know which one they look at.
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    # One text with blanks, as OAuth writes them.
    scopes = models.CharField(max_length=300)
    requests_a_minute = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_REQUESTS)]
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    # Of its owner when it was made: what raises theirs, such as a new password, ends this.
    generation = models.PositiveIntegerField(editable=False)

    objects: ClassVar[Any] = ApiKeySet.as_manager()
    text = ""  # The key itself, on the one that was just made.

    class Meta:
        verbose_name = "API key"
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name} (kam_{self.prefix}_…)"

    @property
    def budget(self) -> tuple[str, int]:
        """How many requests it may send in a minute; 0 is any number."""
        return "key", self.requests_a_minute or settings.KEY_REQUESTS_A_MINUTE

    def is_good(self, *, at: datetime) -> bool:
        """Whether it lets somebody in; the set's `good` says the same in SQL."""
        ended = self.revoked_at is not None or self.generation != self.owner.token_generation
        return not ended and self.owner.is_active and self.expires_at > at

    def is_for(self, scope: str) -> bool:
        return scope in self.scopes.split()

    def note_use(self, *, at: datetime) -> None:
        """Keep when it was last used, to the minute: a busy key does not write at each request."""
        before = at - NOTED_EVERY
        if self.last_used_at is None or self.last_used_at <= before:
            unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
            ApiKey.objects.filter(unnoted, pk=self.pk).update(last_used_at=at)

    def revoke(self, *, by: User, at: datetime) -> bool:
        """End it for good. The caller holds the row's lock."""
        return self.revise(by=by, at=at, revoked_at=self.revoked_at or at)
