"""Delivery: what waits in the outbox is claimed, put into words and carried.

Each message is sent at least once, and nearly always exactly once: who dies between sending one and writing that it
was sent leaves a lease that runs out, and the message is sent again, with the same Message-ID.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic
from typing import Any

from django.db.models import F

from common.api.transactions import in_transaction
from notifications.channels import CARRIERS, Away, Carrier, Refused, TryLater
from notifications.choices import State
from notifications.kinds import NothingToSay
from notifications.models import Message, Preference
from notifications.words import words_of

logger = logging.getLogger(__name__)

BATCH = 100
# For how long claimed messages are one's own; half of it is spent on them at most.
LEASE = timedelta(minutes=5)
# A run ends when nothing is due, or after this.
LONGEST_RUN = timedelta(seconds=30)
# After each failed attempt, how long a message rests; after the last it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60))


def deliver(at: datetime) -> int:
    """Send what is due; answers how many were sent. Any number may run at once."""
    began, sent = monotonic(), 0
    while (spent := timedelta(seconds=monotonic() - began)) < LONGEST_RUN:
        batch = Batch(at=at + spent)
        if not batch.messages:
            break
        batch.drop_what_nobody_wants()
        sent += batch.send()
        if batch.is_stuck:
            break
    return sent


class Batch:
    """Messages under one lease."""

    def __init__(self, *, at: datetime) -> None:
        self.at, self.began = at, monotonic()
        self.lease = uuid.uuid4()
        self.is_stuck = False
        self.messages: list[Message] = in_transaction(
            lambda: Message.objects.claim(BATCH, at=at, lease=self.lease, until=at + LEASE)
        )

    @property
    def now(self) -> datetime:
        return self.at + timedelta(seconds=monotonic() - self.began)

    def drop_what_nobody_wants(self) -> None:
        """Look again at who is to be told: minutes or hours may have gone by since it was written."""
        people = {message.user_id for message in self.messages if message.user_id is not None}
        said = Preference.objects.said_by(people, *{message.kind for message in self.messages}) if people else {}
        reasons = {message: message.reason_to_drop(said) for message in self.messages}
        self.messages = [message for message, reason in reasons.items() if not reason]
        for reason in sorted(set(filter(None, reasons.values()))):
            keys = [message.pk for message, why in reasons.items() if why == reason]
            self._settle(*keys, state=State.DROPPED, error=reason)

    def send(self) -> int:
        """Each by its channel; answers how many were sent."""
        by_channel = groupby(sorted(self.messages, key=lambda one: one.channel), key=lambda one: one.channel)
        return sum(self._send_by(CARRIERS[channel](), list(messages)) for channel, messages in by_channel)

    def _send_by(self, carrier: Carrier, messages: list[Message]) -> int:
        sent, left = 0, list(messages)
        try:
            with carrier:
                while left and self.now < self.at + LEASE / 2:
                    sent += self._carry(left[0], carrier)
                    left.pop(0)
        except Away as away:
            logger.warning("%s Messages wait.", away)
            self._put_back(left, error=str(away))
        else:
            self._put_back(left)
        return sent

    def _carry(self, message: Message, carrier: Carrier) -> int:
        """Send one and write at once that it was sent, so that whoever dies here repeats one at most."""
        try:
            carrier.send(message, words_of(message))
        except Away:
            raise
        except NothingToSay as over:
            self._settle(message.pk, state=State.DROPPED, error=str(over))
        except Refused as refused:
            self._give_up(message, str(refused))
        except TryLater as later:
            self._rest(message, str(later))
        except Exception as wrong:  # one message that cannot be put into words must not hold up the others
            logger.exception("Message %s cannot be sent.", message.pk)
            self._rest(message, f"{type(wrong).__name__}: {wrong}")
        else:
            self._settle(message.pk, state=State.SENT, sent_at=self.now, attempts=F("attempts") + 1, error="")
            return 1
        return 0

    def _rest(self, message: Message, error: str) -> None:
        if message.attempts >= len(PAUSES):
            self._give_up(message, error)
            return
        due_at = self.now + PAUSES[message.attempts]
        self._settle(message.pk, due_at=due_at, attempts=F("attempts") + 1, error=error)

    def _give_up(self, message: Message, error: str) -> None:
        logger.error("Message %s is given up: %s", message.pk, error)
        self._settle(message.pk, state=State.FAILED, attempts=F("attempts") + 1, error=error)

    def _put_back(self, messages: Iterable[Message], **said: str) -> None:
        """Let them wait as before: that nobody was there, or no time was left, counts as no attempt of theirs."""
        keys = [message.pk for message in messages]
        if keys:
            self.is_stuck = True
            self._settle(*keys, **said)

    def _settle(self, *keys: int, **outcome: Any) -> None:
        in_transaction(lambda: Message.objects.settle(*keys, lease=self.lease, **outcome))
