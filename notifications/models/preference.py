from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import connections, models
from django.db.models import Q

from common.models import RowSet
from kams.models import User
from notifications.choices import Channel
from notifications.kinds import KINDS, Kind

# What people have said: (person, kind, channel) → whether they want it.
Said = Mapping[tuple[int, str, str], bool]
Row = dict[str, Any]


def wants(said: Said, *, person: int, kind: Kind, channel: str) -> bool:
    """Whether the person wants this kind on this channel: as they said, or else as the kind is meant."""
    default = channel in kind.channels
    return said.get((person, kind.code, channel), default) if kind.optional else default


class PreferenceSet(RowSet):
    def said_by(self, people: Iterable[int], *kinds: str) -> Said:
        """What these people have said about these kinds, or about all. One query."""
        rows = self.filter(user__in=people)
        rows = rows.filter(kind__in=kinds) if kinds else rows
        columns = ("user_id", "kind", "channel", "enabled")
        return {(user, kind, channel): enabled for user, kind, channel, enabled in rows.values_list(*columns)}

    def of(self, person: User) -> list[Row]:
        """Every kind that can be switched on each channel, in the order of their codes."""
        said = self.said_by([person.pk])
        return [
            {
                "kind": code,
                "label": kind.label,
                "channel": channel.value,
                "default": channel in kind.channels,
                "enabled": wants(said, person=person.pk, kind=kind, channel=channel),
            }
            for code, kind in sorted(KINDS.items())
            if kind.optional
            for channel in Channel
        ]

    def say(self, person: User, choices: Mapping[str, Mapping[str, bool]]) -> None:
        """Switch kinds on or off by channel; what is not named stays. One statement, and the last word counts."""
        rows = [
            self.model(user=person, kind=kind, channel=channel, enabled=enabled)
            for kind, channels in choices.items()
            for channel, enabled in channels.items()
        ]
        # MySQL takes any unique key for the one that is meant.
        names_target = connections[self.db].features.supports_update_conflicts_with_target
        target = ["user", "kind", "channel"] if names_target else None
        self.bulk_create(rows, update_conflicts=True, update_fields=["enabled"], unique_fields=target)


class Preference(models.Model):
    """That a person wants, or does not want, one kind of message on one channel."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=50)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    enabled = models.BooleanField()

    objects: ClassVar[Any] = PreferenceSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "kind", "channel"], name="preference_once"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="preference_channel_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.get_channel_display()}: {'yes' if self.enabled else 'no'}"
