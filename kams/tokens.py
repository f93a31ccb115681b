"""Tokens: how a login starts, goes on and ends.

A login is a `Session`. Its refresh tokens form a family of which only the newest is good; a spent one that comes
again is a theft or a copy, and ends the whole family. Nothing here opens a transaction, so that what ends a
family stays ended although the request fails.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import Token

from common.models import Prepared
from kams.keyring import AccessToken, RefreshToken, UntypedToken
from kams.models import Session, User
from kams.models.known_keys import said_of

# What a request needs to know of its caller: columns of one row, no joins, in the order in which the model has them.
CALLER = (
    "id",
    "is_superuser",
    "is_staff",
    "is_active",
    "username",
    "email",
    "role",
    "team_id",
    "timezone",
    "daily_capacity",
    "language",
    "token_generation",
)


def no_longer_good() -> InvalidToken:
    return InvalidToken("This token is no longer good. Log in again.")


@dataclass(frozen=True)
class Claims:
    """What a refresh token says."""

    generation: int
    session: uuid.UUID
    jti: str

    @classmethod
    def of(cls, token: Token) -> Self:
        try:
            return cls(int(token["generation"]), uuid.UUID(token["session"]), str(token["jti"]))
        except (AttributeError, LookupError, TypeError, ValueError):
            raise no_longer_good() from None

    def sessions(self, *, at: datetime) -> Any:
        return Session.objects.of_bearer(self.session, generation=self.generation, at=at)


def log_in(person: User, *, at: datetime, address: str | None = None, user_agent: str = "") -> dict[str, str]:
    """Start a login, from there: the first pair of its family."""
    until = at + timedelta(hours=settings.SESSION_HOURS)
    first = RefreshToken()
    session = Session.objects.open(
        user=person, at=at, until=until, jti=first["jti"], address=address, user_agent=user_agent
    )
    return _pair(first, session, generation=person.token_generation, at=at)


def renew(text: str, *, at: datetime) -> dict[str, str]:
    """Exchange a refresh token for the next pair; both end with the login at the latest."""
    claims = Claims.of(_opened(RefreshToken, text))
    session = claims.sessions(at=at).first()
    fresh = RefreshToken()
    if session is None or not Session.objects.rotate(session.pk, spent=claims.jti, fresh=fresh["jti"], at=at):
        Session.objects.revoke(claims.session, at=at)
        raise no_longer_good()
    return _pair(fresh, session, generation=claims.generation, at=at)


def log_out(text: str, *, at: datetime) -> None:
    """End the login that this refresh token is the newest of."""
    claims = Claims.of(_opened(RefreshToken, text))
    known = claims.sessions(at=at).exists()
    if not known or not Session.objects.close(claims.session, spent=claims.jti, at=at):
        Session.objects.revoke(claims.session, at=at)
        raise no_longer_good()


def check(text: str, *, at: datetime) -> None:
    """Refuse a token, of whichever kind, that the API would refuse."""
    token = _opened(UntypedToken, text)
    if token.get("token_type") == AccessToken.token_type:
        caller(token, at=at)
        return
    claims = Claims.of(_opened(RefreshToken, text))
    if not claims.sessions(at=at).newest(claims.session, jti=claims.jti, at=at).exists():
        raise no_longer_good()


def caller(token: Token, *, at: datetime) -> User:
    """The person of an access token, as they are now; of a login that was ended it is nobody."""
    try:
        rows = _callers(pk=int(token["user_id"]), session=session_of(token), at=at)
    except (AttributeError, LookupError, TypeError, ValueError):
        raise no_longer_good() from None
    found = User.from_db(DEFAULT_DB_ALIAS, CALLER, rows[0][: len(CALLER)]) if rows else None
    if found is None or not found.is_active or found.token_generation != token.get("generation"):
        raise no_longer_good()
    found.asks_at = at
    found.known_keys.take(rows[0][len(CALLER) :])
    return found


@Prepared
def _callers(*, pk: int, session: uuid.UUID | None, at: datetime) -> Any:
    rows, said = User.objects.filter(pk=pk).order_by(), said_of(User(pk=pk), at=at)
    return (rows if session is None else rows.in_session(session)).annotate(**said).values_list(*CALLER, *said)


def session_of(token: Any) -> uuid.UUID | None:
    """The login that a token came of."""
    named = token.get("session")
    return None if named is None else uuid.UUID(named)


def _opened(kind: type[Token], text: str) -> Token:
    try:
        return kind(text)  # type: ignore[arg-type] # its annotation forgets that a token comes as text
    except TokenError as wrong:
        raise InvalidToken(str(wrong)) from None


def _pair(refresh: RefreshToken, session: Session, *, generation: int, at: datetime) -> dict[str, str]:
    left = session.expires_at - at
    refresh["user_id"] = str(session.user_id)
    refresh["generation"] = generation
    refresh["session"] = session.pk.hex
    refresh.set_exp(from_time=at, lifetime=left)
    access = refresh.access_token
    access.set_exp(from_time=at, lifetime=min(left, AccessToken.lifetime))
    return {"access": str(access), "refresh": str(refresh)}
