"""What a plan makes of the calls that are made: it counts the next one from the last."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models

from call_planning.choices import BY_MONTH
from call_planning.models.planned_call import PlannedCall
from call_planning.models.wrap_up import Recorded, WrapUp
from call_planning.schedule import next_call
from common.clock import local_day_bounds, wall_clock, zone
from common.errors import InvalidInput, RuleBroken
from common.models import Audited, RowSet
from interaction_tracking.choices import UNANSWERED, InteractionStatus, InteractionType
from interaction_tracking.models import Interaction
from kams.models import User

# What a plan says that is not snoozed.
AWAKE: Mapping[str, Any] = {"snoozed_until": None, "snooze_reason": ""}


class Recording(Audited):
    """The part of a plan that is about calls: those made, those tried in vain, and the one promised."""

    lead: Any
    frequency: Any
    interval_days: Any
    notes: Any
    archived_at: Any
    snoozed_until: Any
    snooze_reason: Any

    last_called = models.DateTimeField(null=True, blank=True, editable=False)
    next_call_date = models.DateTimeField()
    # The 31 of a plan whose last call fell on 28 February, where the month ends; null where that call's day counts.
    day_of_month = models.PositiveSmallIntegerField(null=True, editable=False)
    # How often somebody was called in vain since the last call, or since the plan moved on without one, and when last.
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    attempted_at = models.DateTimeField(null=True, editable=False)
    # When somebody promised to call again.
    call_back_at = models.DateTimeField(null=True, editable=False)

    untold = frozenset({"day_of_month"})

    class Meta:
        abstract = True

    # --- verbs; the caller holds the row's lock -------------------------------------------------
    def record_call(self, *, called_at: datetime, by: User, at: datetime, **said: Any) -> Recorded:
        """Keep the call as an interaction and move the plan on from it; `said` is what a `WrapUp` knows of it.

        One that reached nobody is an attempt: the plan stays as it is, until there were as many as are allowed. A call
        older than the last one is kept and moves nothing; the same call again adds what was not said before.
        """
        told = WrapUp(called_at, **said)
        told.check(at=at)
        if self._is_late(called_at):
            told.refuse_what_is_to_come()
        if by.pk == self.lead.assigned_to_id:
            self.lead.assigned_to = by
        # The restaurant is locked already.
        asked = PlannedCall.objects.answered(self.pk, called_at=called_at, zone=self.callers_zone)
        calls = list(RowSet.locked(asked))
        for call in calls:
            call.lead = self.lead
        known = [call for call in calls if call.status == InteractionStatus.DONE]
        if known or called_at == self.last_called:
            call = next((call for call in known if call.archived_at is None), None)
            self._add_to(call, told, by=by, at=at)
            return Recorded(call)
        tries = self.attempts + 1
        changed = self._count_attempt(told) if told.in_vain else self._count_call(told)
        moves_on = bool(changed) and not (told.in_vain and self.attempts)
        self._keep_plan(changed, told, at=at)
        if told.in_vain and not moves_on:
            calls = []  # what is planned is still to be made
        call = self._keep_call(calls, told, by=by, at=at, is_newest=moves_on)
        if "next_call_date" in changed and not moves_on:
            self._settle(at=at)
        return Recorded(call, self._news(tries, zone=by.zone) if told.in_vain and moves_on else None)

    def move_on(self, *, called_at: datetime, outcome: str, at: datetime) -> None:
        """Count a call that was recorded as an interaction, and not here."""
        told = WrapUp(called_at, outcome=outcome)
        self._keep_plan(self._count_attempt(told) if told.in_vain else self._count_call(told), told, at=at)

    # --- rules --------------------------------------------------------------------------------
    @property
    def zone(self) -> ZoneInfo:
        """The restaurant's zone, else its KAM's, else the organisation's."""
        owner = self.lead.assigned_to
        return zone(self.lead.timezone or (owner.timezone if owner else settings.TIME_ZONE))

    @property
    def callers_zone(self) -> ZoneInfo:
        """The zone whose days decide when a planned call is missed: of the KAM who calls, else of the restaurant."""
        owner = self.lead.assigned_to
        return owner.zone if owner else self.zone

    def _is_late(self, called_at: datetime) -> bool:
        """Whether a later call is recorded already."""
        return self.last_called is not None and called_at < self.last_called

    def _next_call(self, *, after: datetime) -> datetime:
        return self._due(after=after, day_of_month=self.day_of_month)

    def _due(self, *, after: datetime, day_of_month: int | None) -> datetime:
        return next_call(
            after=after,
            frequency=self.frequency,
            zone=self.zone,
            interval_days=self.interval_days,
            day_of_month=day_of_month if self.frequency in BY_MONTH else None,
        )

    def _day_kept_by(self, called_at: datetime) -> int | None:
        """The day of the month that a short one cut: kept by a call on the very day it was due."""
        called, due = (wall_clock(moment, self.zone).date() for moment in (called_at, self.next_call_date))
        day = self.day_of_month or wall_clock(self.last_called or self.created_at, self.zone).day
        ends_month = (called + timedelta(days=1)).day == 1
        return day if self.frequency in BY_MONTH and called == due and ends_month and called.day < day else None

    # --- what a call changes: each names the columns that differ by it ------------------------------
    def _count_call(self, told: WrapUp) -> list[str]:
        """Count the next call from this one, unless a later one is recorded; what was agreed overrides it once.

        It ends a snooze.
        """
        called_at = told.called_at
        if self.last_called is not None and called_at <= self.last_called:
            return []
        changed = self.take({"day_of_month": self._day_kept_by(called_at)})
        due = self._next_call(after=called_at)
        since: dict[str, Any] = {"attempts": 0, "attempted_at": None}
        if self.attempted_at is not None and self.attempted_at > called_at:
            # It is told late: they were tried again since, and the plan may have moved on by that.
            due = max(due, self.next_call_date)
            tried = PlannedCall.objects.in_vain(self.pk).filter(date__gt=called_at).count()
            since = {"attempts": min(self.attempts, tried), "attempted_at": self.attempted_at}
        call = {"last_called": called_at, "next_call_date": told.agreed or due, "call_back_at": told.call_back_at}
        return changed + self.take({**call, **since, **AWAKE})

    def _count_attempt(self, told: WrapUp) -> list[str]:
        """Count that nobody was reached, unless the plan has moved on since; after the last attempt it does."""
        called_at, before = told.called_at, self.attempted_at
        if self.last_called is not None and called_at <= self.last_called:
            return []
        if before is not None and called_at <= before and not self.attempts:
            return []
        tried_at = max(filter(None, (called_at, before)))
        changed = self.take({"attempts": self.attempts + 1, "attempted_at": tried_at})
        if self.attempts >= settings.CALL_ATTEMPTS:
            changed += self._give_up(tried_at)
        return changed + (self.take({"next_call_date": told.agreed}) if told.agreed else [])

    def _give_up(self, tried_at: datetime) -> list[str]:
        """Move on without a call: to a promise that is still to come, else by the cadence, and never back."""
        if self.call_back_at is not None and self.call_back_at > tried_at:
            return self.take({"attempts": 0, "next_call_date": self.call_back_at})
        due = self._due(after=tried_at, day_of_month=self._day_kept_by(tried_at))
        return self.take({"attempts": 0, "call_back_at": None, "next_call_date": max(due, self.next_call_date)})

    def _agree_anew(self, told: WrapUp) -> list[str]:
        """Take what is said of the last call by now; a promise that is taken back gives its date back, too."""
        promised = told.call_back_at if told.outcome else self.call_back_at
        due = self.next_call_date
        if promised is None and due == self.call_back_at:
            due = self._next_call(after=told.called_at)
        return self.take({"next_call_date": told.agreed or due, "call_back_at": promised})

    def _keep_plan(self, changed: list[str], told: WrapUp, *, at: datetime) -> None:
        noted = self.take({"notes": told.notes}) if told.notes is not None else []
        if changed or noted:
            self.keep(*changed, *noted, at=at)

    def _news(self, tries: int, *, zone: ZoneInfo) -> str:
        tried, day = "once" if tries == 1 else f"{tries} times", wall_clock(self.next_call_date, zone)
        return f"Tried {tried} without an answer; the plan moves on to {day.day} {day:%B %Y}."

    # --- the interactions ---------------------------------------------------------------------
    def _keep_call(
        self, calls: list[PlannedCall], told: WrapUp, *, by: User, at: datetime, is_newest: bool
    ) -> Interaction:
        """Complete the call that was missed that day or is planned, or add one; take back what is planned in vain."""
        missed = [call for call in calls if call.status == InteractionStatus.MISSED]
        planned = [call for call in calls if call not in missed and is_newest and not self._asks_for(call, at=at)]
        answered = next(iter(missed + planned), None)
        if answered is not None:
            answered.complete(called_at=told.called_at, by=by, at=at, **told.told)
        for call in planned:
            if call is not answered and call.due_at:
                call.take_back(at=at)
        said = {"details": "Call recorded on the call plan.", **told.told}
        return answered or Interaction.objects.add(
            lead=self.lead,
            interaction_type=InteractionType.CALL,
            date=told.called_at,
            call_plan=self,
            by=by,
            at=at,
            held=True,
            **said,
        )

    def _add_to(self, call: PlannedCall | None, told: WrapUp, *, by: User, at: datetime) -> None:
        """Add what is said by now of a call that is recorded; nothing, where nothing is said beside its time."""
        if call is None:
            if told.says_more:
                raise RuleBroken(
                    "This call was recorded, and its interaction has been deleted or moved since.",
                    errors={"last_called": "Send the time of another call, or change the interaction and the plan."},
                )
            return
        was_in_vain = call.outcome in UNANSWERED
        if told.in_vain and not was_in_vain and call.date == self.last_called:
            raise InvalidInput(
                "The plan has moved on from this call.",
                errors={
                    "outcome": f"Change interaction {call.pk}, and the plan's next_call_date, if nobody was reached."
                },
            )
        call.revise(by=by, at=at, **told.told)
        changed: list[str] = []
        if call.outcome in UNANSWERED:
            changed = self.take({"next_call_date": told.agreed}) if told.agreed else []
        elif was_in_vain:
            changed = self._count_call(told)
        elif call.date == self.last_called:
            changed = self._agree_anew(told)
        self._keep_plan(changed, told, at=at)
        if "next_call_date" in changed:
            self._settle(at=at)

    def _asks_for(self, call: PlannedCall, *, at: datetime) -> bool:
        """Whether what is planned is still what the plan wants: a call when it is due, or today if that has passed.

        What is snoozed is wanted when that ends.
        """
        this_morning, _ = local_day_bounds(at, self.callers_zone)
        return call.due_at == max(self.next_call_date, self.snoozed_until or this_morning, this_morning)

    def _settle(self, *, at: datetime) -> None:
        """Take back the call that is planned, if the plan no longer asks for it."""
        for call in PlannedCall.objects.locked().filter(planned_for=self.pk):
            if self.archived_at or not self._asks_for(call, at=at):
                call.take_back(at=at)
