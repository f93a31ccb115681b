"""The link by which a contact unsubscribes: signed, so that it needs no log-in, and good for ever."""

from __future__ import annotations

from urllib.parse import quote

from django.conf import settings
from django.core import signing

_signer = signing.Signer(salt="notifications.unsubscribe")


def secret_of(contact: int) -> str:
    return _signer.sign_object({"contact": contact})


def contact_of(secret: str) -> int | None:
    """The key of the contact that the secret was made for; None where it is not one of ours."""
    try:
        return int(_signer.unsign_object(secret)["contact"])
    except (signing.BadSignature, ValueError):
        return None


def link_for(contact: int) -> str:
    return f"{settings.API_URL.rstrip('/')}/notifications/unsubscribe/{quote(secret_of(contact))}/"
