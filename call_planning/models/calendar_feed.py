"""The secret address at which a person's calendar program reads the calls they have to make."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Subquery

from call_planning.ical import Entry, calendar
from call_planning.models.call_plan import CallPlan
from call_planning.models.planned_call import PlannedCall
from call_planning.models.suggestion import SUGGESTED_FROM, suggested
from common.clock import local_date
from common.models import RowSet
from contact.models import Contact
from kams.models import User
from kams.models.api_key import digest_of

TOKEN_BYTES = 32
AHEAD = timedelta(days=30)
MOST_EVENTS = 500
# What an event is made of, before what a suggestion goes by.
_COLUMNS = (
    "pk",
    "lead__name",
    "lead__address",
    "lead__city",
    "lead__contact_person",
    "lead__phone",
    "primary_name",
    "primary_phone",
    "notes",
    "next_call_date",
    "snoozed_until",
    "updated_at",
    "version",
    "is_planned",
)


class CalendarFeedSet(RowSet):
    def of(self, person: User) -> Self:
        return self.filter(user=person.pk)

    def opened_by(self, token: str) -> CalendarFeed | None:
        """The feed of this token, as long as it is good."""
        feed: CalendarFeed | None = self.filter(token_hash=digest_of(token)).select_related("user").first()
        return feed if feed is not None and feed.is_good else None

    def add(self, *, by: User, at: datetime) -> CalendarFeed:
        """Open a feed for somebody, in place of an older one. The person is locked, so that there is one."""
        person = User.objects.locked().get(pk=by.pk)
        self.of(person).delete()
        token = secrets.token_urlsafe(TOKEN_BYTES)
        feed: CalendarFeed = self.model(
            user=person, token_hash=digest_of(token), generation=person.token_generation, created_at=at
        )
        feed.token = token
        feed.save(force_insert=True)
        return feed

    def revoke(self, person: User) -> bool:
        """End the person's feed at once."""
        return bool(self.of(person).delete()[0])


class CalendarFeed(models.Model):
    """One for a person. The token itself is shown once and kept nowhere; it ends with the password, as log-ins do."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="calendar_feed")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    # Of the person's tokens when it was made: a changed password and a deactivation raise theirs.
    generation = models.PositiveIntegerField(editable=False)
    created_at = models.DateTimeField(editable=False)
    # Known only to who has just made it.
    token = ""

    objects: ClassVar[Any] = CalendarFeedSet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"Calendar of {self.user}"

    @property
    def is_good(self) -> bool:
        """Whether its person may still come in, with the password they had, and works on restaurants."""
        return self.user.can_be_allocated and self.generation == self.user.token_generation

    @property
    def url(self) -> str:
        """Where a calendar program finds it; only as long as the token is known."""
        return f"{settings.API_URL.rstrip('/')}/call/calendar/{self.token}.ics"

    def calendar(self, *, at: datetime) -> bytes:
        """The calls of the person's own portfolio that are due within 30 days, those due first if there are many."""
        person = self.user
        person.asks_at = at
        plans = _to_call(person, at=at)
        about = "When to call whom, as the call plans have it."
        if len(plans) > MOST_EVENTS:
            about = f"The {MOST_EVENTS} calls that are due first; there are more."
        entries = (_entry(plan, person, at=at) for plan in plans[:MOST_EVENTS])
        return calendar(f"Calls of {person}", entries, zone=person.timezone, about=about)


def _to_call(person: User, *, at: datetime) -> list[Any]:
    """The columns of each plan, and one row more than there is room for if there are as many."""
    due = CallPlan.objects.of_portfolio(person).due(by=at + AHEAD).with_suggestion(at=at)
    primary = Contact.objects.filter(primary_for=OuterRef("lead"), opted_out=False)
    rows = due.annotate(
        primary_name=Subquery(primary.values("name")[:1]),
        primary_phone=Subquery(primary.values("phone")[:1]),
        is_planned=Exists(PlannedCall.objects.filter(planned_for=OuterRef("pk"))),
    )
    rows = rows.order_by("next_call_date", "pk").values_list(*_COLUMNS, *SUGGESTED_FROM)
    return list(rows[: MOST_EVENTS + 1])


def _entry(values: Any, person: User, *, at: datetime) -> Entry:
    plan: dict[str, Any] = dict(zip(_COLUMNS, values, strict=False))
    found = suggested(values[len(_COLUMNS) :], at=at)
    # What is overdue is to be called today.
    asked_at = max(plan["next_call_date"], plan["snoozed_until"] or at, at)
    who = plan["primary_name"] or plan["lead__contact_person"]
    phone = plan["primary_phone"] or plan["lead__phone"]
    lines = (f"{who}, {phone}", found["suggested_call_note"], plan["notes"])
    return Entry(
        uid=f"call-plan-{plan['pk']}@{urlsplit(settings.API_URL).hostname}",
        summary=f"Call {plan['lead__name']}",
        description="\n\n".join(filter(None, lines)),
        location=", ".join(filter(None, (plan["lead__address"], plan["lead__city"]))),
        when=found["suggested_call_at"] or local_date(asked_at, person.zone),
        changed_at=plan["updated_at"],
        changes=plan["version"],
        is_planned=plan["is_planned"],
    )
