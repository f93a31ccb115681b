"""What became of the calls that plans asked for, by the clock of who has the restaurant.

Databases do not know everybody's midnight, and MariaDB often not a single zone. So the days of each zone are worked out
here and written into the statement: runs of days that begin at the same time of UTC, and days on which clocks change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import cached_property
from typing import Self

from django.db.models import Case, CharField, DateTimeField, ExpressionWrapper, F, Q, Value, When
from django.db.models.functions import TruncDate
from django.db.models.lookups import LessThanOrEqual

from common import clock
from interaction_tracking.choices import UNANSWERED, InteractionStatus, InteractionType, Judgement
from kams.models import VisibleSet

_NEVER = Q(pk__in=())


@dataclass(frozen=True)
class Period:
    """Days, both included, as they are lived in these zones: for each call those of who has the restaurant."""

    since: date
    until: date
    zones: frozenset[str]

    @cached_property
    def calendars(self) -> list[tuple[Q, tuple[clock.Days, ...]]]:
        """Each calendar of the period, and whose it is; many zones share one."""
        alike: dict[tuple[clock.Days, ...], list[str]] = defaultdict(list)
        for name in sorted(self.zones):
            alike[clock.runs_of_days(self.since, self.until, clock.zone(name))].append(name)
        return [(Q(lead__assigned_to__timezone__in=names), runs) for runs, names in alike.items()]

    def holds(self, field: str) -> Q:
        """Whether this moment is within the period; said first of all zones together, for the index."""
        if not self.calendars:
            return _NEVER
        ends = [(theirs, runs[0].start, runs[-1].end) for theirs, runs in self.calendars]
        condition = _NEVER
        for theirs, start, end in ends:
            condition |= theirs & _between(field, start, end)
        return _between(field, min(start for _, start, _ in ends), max(end for *_, end in ends)) & condition

    def made_by_its_day(self) -> Q:
        """Whether a call, due within the period, was made before the day on which it was due was over."""
        condition = _NEVER
        for theirs, runs in self.calendars:
            made = _NEVER
            for run in runs:
                made |= _between("due_at", run.start, run.end) & _by_the_day(run)
            condition |= theirs & made
        return condition


class JudgedSet(VisibleSet):
    """The part of the set of interactions that is about calls that plans asked for."""

    def planned_once(self) -> Self:
        """Calls that a plan asked for, whatever became of them but that it took them back."""
        return self.filter(interaction_type=InteractionType.CALL, due_at__isnull=False, archived_at__isnull=True)

    def due_within(self, period: Period) -> Self:
        """Calls that a plan asked for on these days, each with what became of it."""
        return self.planned_once().filter(period.holds("due_at")).with_judgement(period)

    def tried_within(self, period: Period) -> Self:
        """Calls that were made on these days and reached nobody, whether a plan asked for them or not."""
        tried = self.filter(interaction_type=InteractionType.CALL, status=InteractionStatus.DONE)
        tried = tried.filter(archived_at__isnull=True, outcome__in=UNANSWERED)
        return tried.filter(period.holds("date")).with_judgement(period)

    def with_judgement(self, period: Period) -> Self:
        """Adds `judged`, of a call due within the period or not reached; null for what no plan asked for."""
        steps: Iterable[tuple[Q, Judgement]] = (
            (Q(status=InteractionStatus.PLANNED), Judgement.OPEN),
            (Q(status=InteractionStatus.MISSED), Judgement.MISSED),
            (Q(status=InteractionStatus.CANCELLED), Judgement.CANCELLED),
            (Q(outcome__in=UNANSWERED), Judgement.UNREACHED),
            (period.made_by_its_day(), Judgement.ON_DAY),
        )
        judged = [When(condition, then=Value(judgement)) for condition, judgement in steps]
        nothing = When(due_at__isnull=True, then=Value(None))
        return self.annotate(judged=Case(nothing, *judged, default=Value(Judgement.LATE), output_field=CharField()))


def _between(field: str, start: object, end: object) -> Q:
    return Q(**{f"{field}__gte": start, f"{field}__lt": end})


def _by_the_day(run: clock.Days) -> Q:
    """Whether a call due within these days was made before its day was over; earlier is in time."""
    if run.offset is None:
        return Q(date__lt=run.end)
    return Q(LessThanOrEqual(_local_date("date", run.offset), _local_date("due_at", run.offset)))


def _local_date(field: str, offset: timedelta) -> TruncDate:
    # UTC is said, or Django takes the zone of the organisation, which MariaDB need not know.
    return TruncDate(ExpressionWrapper(F(field) + Value(offset), output_field=DateTimeField()), tzinfo=UTC)
