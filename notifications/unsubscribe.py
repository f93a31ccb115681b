"""The link by which a contact unsubscribes: signed, so that it needs no log-in, and good for ever."""

from __future__ import annotations

from django.conf import settings
from django.core import signing

# A dot stands in an address as it is.
_signer = signing.Signer(sep=".", salt="notifications.unsubscribe")


def secret_of(contact: int) -> str:
    return _signer.sign(str(contact))


def contact_of(secret: str) -> int | None:
    """The key of the contact that the secret was made for; None where it is not one of ours."""
    try:
        return int(_signer.unsign(secret))
    except signing.BadSignature:
        return None


def link_for(contact: int) -> str:
    return f"{settings.API_URL.rstrip('/')}/notifications/unsubscribe/{secret_of(contact)}/"
