"""The outbox: a message is a row, written in the transaction of the change that it tells about."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from common.models import RowSet
from kams.models import User
from notifications.choices import Channel, State
from notifications.kinds import Facts, Kind


class MessageSet(RowSet):
    def tell(
        self,
        kind: Kind,
        people: Iterable[User],
        *,
        key: str,
        at: datetime,
        facts: Facts | None = None,
        restaurant: int | None = None,
    ) -> None:
        """Write what these people are to be told, each on the channels they want it on.

        `key` names what it is about, such as `allocation:17`: the same person is told it once on each channel,
        however often this is called. Who is inactive is told nothing. `restaurant` is the key of the one it is about,
        if it is about one: when that is archived before the message leaves, nothing is sent. `facts` is JSON.
        Three statements at most, however many people.
        """
        self.bulk_create(
            [
                self.model(
                    kind=kind.code,
                    channel=channel,
                    user=person,
                    restaurant_id=restaurant,
                    key=f"{kind.code}:{key}:{channel}:{person.pk}",
                    facts=facts or {},
                    created_at=at,
                    due_at=at,
                )
                for person in people
                if person.is_active
                for channel in kind.channels
            ],
            ignore_conflicts=True,
        )


class Message(models.Model):
    """One thing to tell one person on one channel."""

    # Its Message-ID, the same however often it is sent.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=50)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="messages")
    contact = models.ForeignKey("contact.Contact", models.CASCADE, null=True, related_name="messages")
    restaurant = models.ForeignKey("leads.Restaurant", models.CASCADE, null=True, related_name="messages")
    # What makes two messages the same one.
    key = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)

    objects: ClassVar[Any] = MessageSet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
        ]

    def __str__(self) -> str:
        return self.title or self.kind
