"""A real mail server on this machine, which keeps what it is sent and does what it is told to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.ports import free_port

TAKEN = "250 Taken"


class Mailroom:
    """What the server does with mails: `replies` by recipient, such as `{"a@b.example": "550 No such person"}`."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.replies: dict[str, str] = {}
        self.reply_to_data = TAKEN
        self.reply_to_sender = TAKEN
        # Hang up when a mail comes for this address.
        self.hangs_up_on = ""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's names, here and below
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if self.reply_to_sender == TAKEN:
            envelope.mail_from = address
            envelope.mail_options.extend(mail_options)
        return self.reply_to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if address == self.hangs_up_on:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        reply = self.replies.get(address, TAKEN)
        if reply == TAKEN:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.reply_to_data == TAKEN:
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=default))
        return self.reply_to_data

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for mail in self.mails if mail["To"] == address]


@contextmanager
def smtp_server(mailroom: Mailroom, port: int = 0) -> Iterator[int]:
    """Serve until the end of the block; the port that it listens on."""
    controller = Controller(mailroom, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def use(settings: Any, port: int) -> None:
    """Let Django send its mails there."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
