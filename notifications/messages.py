"""The mails about accounts: whoever has the address has the account, so they carry the secrets that open it.

A secret is made when the mail is written, and kept nowhere.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings

from kams.choices import Letter
from kams.models import Invitation, User
from notifications.choices import Channel
from notifications.kinds import Facts, Kind, NothingToSay


def _invited(facts: Facts) -> Facts:
    invitation = Invitation.objects.select_related("invited_by").get(pk=facts["invitation"])
    if invitation.archived_at is not None or invitation.accepted_at is not None:
        raise NothingToSay("The invitation was withdrawn or accepted.")
    return _words_of_invitation(invitation)


def _welcomed(facts: Facts) -> Facts:
    return _way_to_a_password(User.objects.who_may_log_in().filter(pk=facts["person"]).first())


def _asked_for_a_password(facts: Facts) -> Facts:
    return _way_to_a_password(User.objects.who_may_log_in().of_address(facts["email"]).first())


def _asked_to_sign_up(facts: Facts) -> Facts:
    """An invitation, or, for somebody who has an account, the way to find back into it."""
    person = User.objects.of_address(facts["email"]).first()
    if person is None:
        asked_at = datetime.fromisoformat(facts["asked_at"])
        return _words_of_invitation(Invitation.objects.ask(facts["email"], at=asked_at))
    if not person.is_active:
        raise NothingToSay("The person was deactivated.")
    return {**_words(), "person": person, "link": _link("password-reset")}


def _words_of_invitation(invitation: Invitation) -> Facts:
    link = _link("sign-up", invitation=invitation.secret)
    return {**_words(), "invitation": invitation, "expires_at": invitation.expires_at, "link": link}


def _way_to_a_password(person: User | None) -> Facts:
    if person is None:
        raise NothingToSay("Nobody who may log in has this address.")
    return {**_words(), "person": person, "link": _link("password-reset", token=person.reset_secret)}


def _words() -> Facts:
    return {"home": _home(), "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}


def _link(page: str, **parameters: str) -> str:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{_home()}/{page}{query}"


def _home() -> str:
    return str(settings.FRONT_END_URL).rstrip("/")


_CONTEXTS = {
    Letter.INVITATION: _invited,
    Letter.WELCOME: _welcomed,
    Letter.PASSWORD_RESET: _asked_for_a_password,
    Letter.SIGN_UP: _asked_to_sign_up,
}
LETTERS = {
    letter: Kind(letter.value, letter.label, channels=(Channel.EMAIL,), context=context, optional=False)
    for letter, context in _CONTEXTS.items()
}
