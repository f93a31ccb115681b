from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from common.clock import zone
from common.errors import RuleBroken
from kams.models import User
from notifications import unsubscribe, wake_up
from notifications.choices import Channel, State
from notifications.kinds import KINDS, Facts, Kind
from notifications.models.outbox import OutboxSet
from notifications.models.preference import Preference, Said, wants
from notifications.words import Recipient, title_of


class OnItsWay(RuleBroken):
    """What waits, or has been sent, is not sent anew."""


class MessageSet(OutboxSet):
    def visible_to(self, user: User) -> Self:
        """One's own, in the app; nobody reads those of others."""
        return self.filter(user=user, channel=Channel.IN_APP)

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
        each = {person.pk: facts or {} for person in people}
        self.tell_each(kind, each, key=key, at=at, restaurant=restaurant)

    def tell_each(
        self, kind: Kind, facts: Mapping[int, Facts], *, key: str, at: datetime, restaurant: int | None = None
    ) -> None:
        """As `tell`, where each person, named by their key, is told facts of their own. As few statements."""
        told = list(User.objects.who_may_log_in().filter(pk__in=facts).order_by("pk")) if facts else []
        if not told:
            return
        said = Preference.objects.said_by(facts, kind.code) if kind.optional else {}
        self._write(
            self._row(
                kind,
                channel,
                key=f"{key}:{channel}:{person.pk}",
                at=at,
                facts=facts[person.pk],
                user=person,
                restaurant_id=restaurant,
            )
            for person in told
            for channel in Channel
            if wants(said, person=person.pk, kind=kind, channel=channel)
        )

    def tell_contact(
        self,
        kind: Kind,
        contact: Any,
        *,
        key: str,
        at: datetime,
        facts: Facts | None = None,
        restaurant: int | None = None,
    ) -> None:
        """Write a mail to a person at a restaurant, unless they want none; by `key` it is written once."""
        if not contact.opted_out and contact.archived_at is None:
            key = f"{key}:contact:{contact.pk}"
            row = self._row(kind, Channel.EMAIL, key=key, at=at, facts=facts, contact=contact, restaurant_id=restaurant)
            self._write([row])

    def tell_address(self, kind: Kind, address: str, *, key: str, at: datetime, facts: Facts | None = None) -> None:
        """Write a mail to an address, whoever has it; by `key` it is written once."""
        digest = hashlib.sha256(address.encode()).hexdigest()[:32]
        self._write([self._row(kind, Channel.EMAIL, key=f"{key}:{digest}", at=at, facts=facts, address=address)])

    def _row(self, kind: Kind, channel: str, *, key: str, at: datetime, facts: Facts | None, **to: Any) -> Message:
        row: Message = self.model(kind=kind.code, channel=channel, key=f"{kind.code}:{key}", facts=facts or {}, **to)
        row.title = title_of(kind.code, row.facts, row.recipient)
        row.created_at = row.due_at = at
        if channel == Channel.IN_APP:  # it is there to be read: nothing has to be carried anywhere
            row.state, row.sent_at = State.SENT, at
        return row

    def _write(self, rows: Iterable[Message]) -> None:
        self.bulk_create(rows, ignore_conflicts=True)
        wake_up.ring_on_commit()


class Message(models.Model):
    """One thing to tell one person on one channel."""

    # Its Message-ID, the same however often it is sent.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=50)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    # To whom: one of these three.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="messages", db_index=False
    )
    contact = models.ForeignKey("contact.Contact", models.CASCADE, null=True, related_name="messages")
    address = models.EmailField(blank=True)
    restaurant = models.ForeignKey("leads.Restaurant", models.CASCADE, null=True, related_name="messages")
    # What makes two messages the same one.
    key = models.CharField(max_length=200, unique=True)
    title = models.CharField(max_length=200, blank=True)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # Who is just sending it, and until when it is theirs.
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    # Why it was not sent, or not yet.
    error = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = MessageSet.as_manager()

    class Meta:
        ordering = ("-id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="message_state_is_known"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="message_channel_is_known"),
            models.CheckConstraint(
                condition=Q(user__isnull=False, contact__isnull=True, address="")
                | Q(user__isnull=True, contact__isnull=False, address="")
                | (Q(user__isnull=True, contact__isnull=True) & ~Q(address="")),
                name="message_has_one_recipient",
            ),
        ]
        indexes: ClassVar = [
            # What is due, the oldest first; and for how long it has been.
            models.Index(fields=["state", "due_at", "id"], name="message_by_due"),
            # What is in somebody's hands.
            models.Index(fields=["lease"], name="message_by_lease"),
            # My messages, newest first; those of a kind; those of a time.
            models.Index(fields=["user", "channel", "id"], name="message_by_user"),
            models.Index(fields=["user", "channel", "kind", "id"], name="message_by_user_kind"),
            models.Index(fields=["user", "channel", "created_at", "id"], name="message_by_user_time"),
            # My unread ones, and how many they are.
            models.Index(fields=["user", "channel", "read_at", "id"], name="message_by_user_unread"),
            # The lists of the staff.
            models.Index(fields=["state", "id"], name="message_by_state"),
            models.Index(fields=["kind", "id"], name="message_by_kind"),
            models.Index(fields=["created_at"], name="message_by_time"),
        ]

    def __str__(self) -> str:
        return self.title or self.kind

    # --- to whom ------------------------------------------------------------------------------
    @property
    def mailbox(self) -> str:
        """The address it goes to, as it is now."""
        if self.user is not None:
            return self.user.email
        return self.contact.email if self.contact is not None else self.address

    @property
    def recipient(self) -> Recipient:
        """Who reads it, by which clock, in which language."""
        if self.user is not None:
            return Recipient.person(self.user)
        if self.contact is not None:
            clock = zone(self.contact.restaurant.timezone or settings.TIME_ZONE)
            words = {"contact": self.contact, "unsubscribe": unsubscribe.link_for(self.contact.pk)}
            return Recipient(settings.LANGUAGE_CODE, clock, words)
        return Recipient(settings.LANGUAGE_CODE, zone(settings.TIME_ZONE), {})

    # --- verbs --------------------------------------------------------------------------------
    def reason_to_drop(self, said: Said) -> str:
        """Why nobody wants it any more, although it was right when it was written; empty where somebody does."""
        if self.user is not None and not self.user.is_active:
            return "The person was deactivated."
        if self.contact is not None and self.contact.opted_out:
            return "The contact wants no messages."
        if self.contact is not None and self.contact.archived_at is not None:
            return "The contact was archived."
        places = (self.restaurant, self.contact.restaurant if self.contact is not None else None)
        if any(place is not None and place.archived_at is not None for place in places):
            return "The restaurant was archived."
        kind = KINDS.get(self.kind)
        if self.user is None or kind is None or wants(said, person=self.user.pk, kind=kind, channel=self.channel):
            return ""
        return "The person switched this kind of message off."

    def read(self, *, at: datetime) -> bool:
        """Mark it read; the first time counts. The caller holds the row's lock."""
        if self.read_at is not None:
            return False
        self.read_at, self.version = at, self.version + 1
        self.save(update_fields=["read_at", "version"])
        return True

    def send_again(self, *, at: datetime) -> None:
        """Let what was given up, or dropped, wait anew, as if it were new. The caller holds the row's lock."""
        if self.state not in {State.FAILED, State.DROPPED}:
            raise OnItsWay("Only what was given up or dropped is sent again.")
        self.state, self.due_at, self.attempts, self.error = State.WAITING, at, 0, ""
        self.save(update_fields=["state", "due_at", "attempts", "error"])
        wake_up.ring_on_commit()
