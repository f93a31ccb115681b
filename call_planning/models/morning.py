"""The plan of the day: what a person is told in the morning, once for each of their days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q

from call_planning.models.call_plan import CallPlan
from call_planning.models.planned_call import MOST_LISTED, PlannedCall, listed
from common.clock import local_date, local_day_bounds, resolve
from common.models import RowSet
from leads.choices import LeadStatus
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange
from notifications.kinds import Facts

# A plan that is later than this is none any more: the day is half over.
LATEST = timedelta(hours=5)
# What a person who was told nothing for long hears of, and one who was never told.
LONGEST_LOOK_BACK = timedelta(days=7)
FIRST_LOOK_BACK = timedelta(days=1)


def morning_of(at: datetime, zone: ZoneInfo) -> date | None:
    """The local day whose morning this moment is part of, from `MORNING_PLAN_AT` on; else None."""
    day = local_date(at, zone)
    begins = resolve(datetime.combine(day, settings.MORNING_PLAN_AT), zone)
    return day if begins <= at < begins + LATEST else None


class MorningSet(RowSet):
    def claim(self, people: Iterable[int], *, day: date, at: datetime) -> dict[int, datetime]:
        """Begin this day for those who have not begun it, and give since when each was told nothing.

        The rows are locked: of several jobs at once, one begins a person's day.
        """
        keys = list(people)
        self.bulk_create([self.model(user_id=key) for key in keys], ignore_conflicts=True)
        begun = {row.pk: row.told_at for row in self.filter(pk__in=keys).exclude(day__gte=day).locked().order_by("pk")}
        self.filter(pk__in=begun).update(day=day, told_at=at)
        return {
            key: max(told_at, at - LONGEST_LOOK_BACK) if told_at else at - FIRST_LOOK_BACK
            for key, told_at in begun.items()
        }


class Morning(models.Model):
    """The last day whose plan a person was given, or would have been, had there been anything in it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="morning")
    day = models.DateField(null=True)
    told_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = MorningSet.as_manager()

    class Meta:
        ordering = ("user",)

    def __str__(self) -> str:
        return f"{self.user}: {self.day}"


@dataclass(frozen=True)
class Keepers:
    """Who among some people works on which restaurants: on all of which owners, and on which others."""

    owners: Mapping[int | None, set[int]]
    shared: Mapping[int, set[int]]

    @classmethod
    def among(cls, people: Collection[int], *, at: datetime) -> Keepers:
        owners: defaultdict[int | None, set[int]] = defaultdict(set, {key: {key} for key in people})
        shared: defaultdict[int, set[int]] = defaultdict(set)
        covers = Cover.objects.running(at=at).filter(covering__in=people)
        for absent, covering in covers.values_list("absent", "covering"):
            owners[absent].add(covering)
        for restaurant, kam in Collaboration.objects.running().filter(kam__in=people).values_list("restaurant", "kam"):
            shared[restaurant].add(kam)
        return cls(owners, shared)

    def of(self, restaurant: Restaurant) -> set[int]:
        return self.owners.get(restaurant.assigned_to_id, set()) | self.shared.get(restaurant.pk, set())

    def condition(self, path: str) -> Q:
        """That a row's restaurant is one of theirs, and is not put away."""
        theirs = Q(**{f"{path}__assigned_to__in": self.owners}) | Q(**{f"{path}__in": self.shared})
        return theirs & Q(**{f"{path}__archived_at__isnull": True})


def plans_of_the_day(since: Mapping[int, datetime], *, at: datetime, zone: ZoneInfo) -> dict[int, Facts]:
    """What these people of one zone are to be told, by their keys; who has nothing to be told is left out.

    The same number of statements for however many people and restaurants.
    """
    keepers = Keepers.among(list(since), at=at)
    this_morning, _ = local_day_bounds(at, zone)
    calls: defaultdict[int, defaultdict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for plan in _due(keepers, at=at, zone=zone):
        for key in keepers.of(plan.lead):
            calls[key]["overdue" if plan.next_call_date < this_morning else "today"].append(
                (plan.lead, plan.next_call_date)
            )
    for call in _missed_yesterday(keepers, at=at, zone=zone):
        for key in keepers.of(call.lead):
            calls[key]["missed"].append((call.lead, call.date))
    news: defaultdict[int, defaultdict[str, list[Facts]]] = defaultdict(lambda: defaultdict(list))
    for key, name, row in (*_allocations(since), *_status_changes(since, keepers)):
        news[key][name].append(row)
    return {
        key: {
            "today_is": at.isoformat(),
            "to_call": len(calls[key]["overdue"]) + len(calls[key]["today"]),
            **{name: listed(calls[key][name], zone=zone) for name in ("overdue", "today", "missed")},
            **{name: _cut(news[key][name]) for name in ("gained", "lost", "changed")},
        }
        for key in since
        if key in calls or key in news
    }


def _due(keepers: Keepers, *, at: datetime, zone: ZoneInfo) -> Iterable[CallPlan]:
    theirs = Q(owner__in=keepers.owners) | Q(lead__in=keepers.shared)
    rows: Iterable[CallPlan] = CallPlan.objects.due_today(at=at, zone=zone).filter(theirs).select_related("lead")
    return rows


def _missed_yesterday(keepers: Keepers, *, at: datetime, zone: ZoneInfo) -> Iterable[PlannedCall]:
    """Those that are not marked yet as well, should that job be late."""
    this_morning, _ = local_day_bounds(at, zone)
    yesterday, _ = local_day_bounds(this_morning - timedelta(microseconds=1), zone)
    missed = PlannedCall.objects.not_made(since=yesterday, before=this_morning)
    rows: Iterable[PlannedCall] = missed.filter(keepers.condition("lead")).select_related("lead")
    return rows


def _allocations(since: Mapping[int, datetime]) -> Iterator[tuple[int, str, Facts]]:
    """What these people were given, and what was taken from them; never what they did themselves."""
    earliest = min(since.values())
    moved = Allocation.objects.filter(
        Q(started_at__gt=earliest) | Q(ended_at__gt=earliest), kam__in=since, restaurant__archived_at__isnull=True
    )
    for spell in moved.select_related("restaurant__assigned_to", "allocated_by").order_by("started_at", "pk"):
        key, place = spell.kam_id, spell.restaurant
        begun = spell.started_at > since[key]
        has_it = place.assigned_to_id == key
        if begun and has_it and spell.ended_at is None and spell.allocated_by_id != key:
            by = spell.allocated_by.username if spell.allocated_by else ""
            yield key, "gained", {"restaurant": place.pk, "name": place.name, "by": by, "reason": spell.reason}
        if not begun and not has_it and spell.ended_at is not None and spell.ended_at > since[key]:
            to = place.assigned_to.username if place.assigned_to else ""
            yield key, "lost", {"restaurant": place.pk, "name": place.name, "to": to}


def _status_changes(since: Mapping[int, datetime], keepers: Keepers) -> Iterator[tuple[int, str, Facts]]:
    """From which status to which others have taken the restaurants of these people."""
    steps = StatusChange.objects.filter(keepers.condition("restaurant"), changed_at__gt=min(since.values()))
    taken: dict[tuple[int, int], list[StatusChange]] = defaultdict(list)
    for step in steps.select_related("restaurant", "changed_by").order_by("changed_at", "pk"):
        for key in keepers.of(step.restaurant):
            if step.changed_at > since[key] and step.changed_by_id != key:
                taken[key, step.restaurant_id].append(step)
    for (key, restaurant), by_others in taken.items():
        first, last = by_others[0], by_others[-1]
        yield (
            key,
            "changed",
            {
                "restaurant": restaurant,
                "name": last.restaurant.name,
                "old": LeadStatus(first.old_status).label,
                "new": LeadStatus(last.new_status).label,
                "by": last.changed_by.username if last.changed_by else "",
            },
        )


def _cut(rows: list[Facts]) -> Facts:
    return {"rows": rows[:MOST_LISTED], "more": max(len(rows) - MOST_LISTED, 0)}
