"""The ways by which messages leave. A channel carries words to a recipient, or says why not.

Another one is a `Carrier` of its own, a value of `choices.Channel`, and a line in `CARRIERS`. What is in the app needs
none: it is there to be read as soon as it is written.
"""

from __future__ import annotations

from email.utils import parseaddr
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from types import TracebackType
from typing import Self

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from notifications.choices import Channel
from notifications.models import Message
from notifications.words import Words

SERVICE_CLOSES = 421  # the server takes nothing more, whatever it is
PERMANENT = 500


class TryLater(Exception):
    """The message could not be carried just now."""


class Refused(Exception):
    """The message is not taken, now or later."""


class Away(Exception):
    """Nobody is there to take any message; it says nothing about the one at hand."""


class Carrier:
    """One way to carry messages; entered for a batch, so that a connection serves all of it."""

    def __enter__(self) -> Self:
        """Get ready. Raises `Away` where nobody is there."""
        return self

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, at: TracebackType | None) -> None:
        """Leave."""

    def send(self, message: Message, words: Words) -> None:
        """Carry it, or raise `TryLater`, `Refused` or `Away`. What returns is sent."""
        raise NotImplementedError


class Email(Carrier):
    """By the backend of `EMAIL_URL`, as text and HTML."""

    def __enter__(self) -> Self:
        self.connection = get_connection()
        self._connect()
        return self

    def __exit__(self, kind: type[BaseException] | None, wrong: BaseException | None, at: TracebackType | None) -> None:
        self._hang_up()

    def send(self, message: Message, words: Words) -> None:
        if not self.is_connected:
            self._connect()
        try:
            self.connection.send_messages([mail_of(message, words)])
        except SMTPRecipientsRefused as refused:
            ((code, said),) = refused.recipients.values()
            raise self._refusal(code, said, permanent=code >= PERMANENT) from None
        except SMTPDataError as refused:
            permanent = refused.smtp_code >= PERMANENT
            raise self._refusal(refused.smtp_code, refused.smtp_error, permanent=permanent) from None
        except SMTPResponseException as refused:
            # A sender who is refused, say, is a fault of the settings, which can be mended.
            raise self._refusal(refused.smtp_code, refused.smtp_error, permanent=False) from None
        except (SMTPException, OSError) as lost:
            self._hang_up()
            raise TryLater(f"The connection was lost: {lost}") from None

    def _connect(self) -> None:
        self.is_connected = False
        try:
            self.connection.open()
        except (SMTPException, OSError) as away:
            self._hang_up()
            raise Away(f"The mail server is away: {away}") from None
        self.is_connected = True

    def _hang_up(self) -> None:
        self.is_connected = False
        try:
            self.connection.close()
        except (SMTPException, OSError):
            self.connection = get_connection()

    def _refusal(self, code: int, said: bytes | str, *, permanent: bool) -> TryLater | Refused | Away:
        text = f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
        if code == SERVICE_CLOSES:
            return Away(text)
        return Refused(text) if permanent else TryLater(text)


def mail_of(message: Message, words: Words) -> EmailMultiAlternatives:
    """The mail; sent again, it has the same Message-ID, by which mailboxes know it."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    headers = {"Message-ID": f"<{message.uuid}@{domain}>", "Auto-Submitted": "auto-generated"}
    if "unsubscribe" in message.recipient.words:
        # RFC 8058: mail programs offer it as a button.
        headers["List-Unsubscribe"] = f"<{message.recipient.words['unsubscribe']}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(words.title, words.text, None, [message.mailbox], headers=headers)
    mail.attach_alternative(words.html, "text/html")
    return mail


CARRIERS: dict[str, type[Carrier]] = {Channel.EMAIL: Email}
