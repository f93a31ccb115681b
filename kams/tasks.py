"""The mails about accounts. Each is sent by the key of the row it is about, and may be sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from common.tasks import remove
from kams.models import Invitation, Session, User

Job = Callable[[int], None]


def after_commit(job: Job, pk: int) -> None:
    """Do it once the change is kept; a mail server that is down is logged, and fails nobody's request."""

    @wraps(job)  # a failure is logged by this name
    def send() -> None:
        job(pk)

    transaction.on_commit(send, robust=True)


def send_invitation(pk: int) -> None:
    """The way to sign up, to the address that somebody was invited by."""
    invitation = Invitation.objects.select_related("invited_by").get(pk=pk)
    link = _link("sign-up", invitation=invitation.secret)
    _send("invitation", "Your invitation", to=invitation.email, invitation=invitation, link=link)


def send_welcome(pk: int) -> None:
    """To somebody whom a manager or admin added: the way to choose a password."""
    person = User.objects.get(pk=pk)
    _send("welcome", "Your account", to=person.email, person=person, link=_reset_link(person))


def send_password_link(pk: int) -> None:
    """The way to choose another password."""
    person = User.objects.get(pk=pk)
    _send("password_reset", "Choose another password", to=person.email, person=person, link=_reset_link(person))


def send_reminder(pk: int) -> None:
    """To somebody who asked to sign up and is here already."""
    person = User.objects.get(pk=pk)
    _send("reminder", "You have an account", to=person.email, person=person, link=_link("password-reset"))


def _reset_link(person: User) -> str:
    return _link("password-reset", token=person.reset_secret)


def _link(page: str, **parameters: str) -> str:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{_home()}/{page}{query}"


def _home() -> str:
    return str(settings.FRONT_END_URL).rstrip("/")


def _send(template: str, subject: str, *, to: str, **words: object) -> None:
    # The subject holds no word of anybody's: nothing that is typed in reaches a header but the checked address.
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    text = render_to_string(f"mail/{template}.txt", {**words, "home": _home(), "minutes": minutes})
    send_mail(subject, text, None, [to])


def forget_logins(at: datetime) -> int:
    """Remove the logins that are over for long."""
    return remove(Session.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))


def forget_invitations(at: datetime) -> int:
    """Remove the invitations that nobody took up, and nobody can for long."""
    return remove(Invitation.objects.over(before=at - timedelta(days=settings.KEEP_DAYS)))
