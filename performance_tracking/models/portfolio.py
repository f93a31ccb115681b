"""People, seen by what they look after: how their calls and their accounts go."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, Sum

from common.clock import local_day_bounds, start_of_day, zone
from common.money import ZERO
from interaction_tracking.choices import InteractionStatus
from interaction_tracking.models import Interaction
from kams.choices import Role
from kams.models import Team, User
from kams.models.user import UserSet
from leads.choices import LeadStatus
from leads.models import Restaurant
from performance_tracking.figures import months_back, to_the_cent
from performance_tracking.models.month import Month

_THOUSANDTH = Decimal("0.001")


@dataclass
class Line:
    """One person's figures; all of them about the restaurants that they have now."""

    kam: int
    username: str
    team: int | None
    portfolio: int
    accounts: int
    due: int
    done: int
    missed: int
    on_day: int
    revenue_this_month: Decimal
    revenue_last_month: Decimal
    revenue_trend: Decimal

    @property
    def on_day_rate(self) -> Decimal | None:
        """Of the calls whose day is decided, the part that was made on it."""
        decided = self.done + self.missed
        return (Decimal(self.on_day) / decided).quantize(_THOUSANDTH, ROUND_HALF_UP) if decided else None

    @property
    def shown(self) -> dict[str, Any]:
        return {**asdict(self), "on_day_rate": self.on_day_rate}


class PortfolioSet(UserSet):
    def visible_to(self, user: User) -> Self:
        """Whose figures this person sees: their own, and those of the people whose restaurants they see."""
        has_some = Restaurant.objects.filter(assigned_to=OuterRef("pk"), archived_at__isnull=True)
        rows = self.filter(Q(role=Role.KAM) | Exists(has_some), is_active=True)
        return rows if user.sees_everything else rows.filter(user.reach("pk"))

    def of_team(self, team: int) -> Self:
        return self.filter(team__in=Team.objects.keys_below(team))

    def summary(self, *, since: date, until: date, today: date) -> list[Line]:
        """A line for each person, by username: calls of these days, both included; four statements."""
        people = list(self.order_by("username").values_list("pk", "username", "team", "timezone"))
        this, last, before = months_back(today.replace(day=1), 3)
        places, revenue = self._places(), self._revenue(since=before)
        calls = self._calls(since, until, zones={kam: name for kam, _, _, name in people})
        return [
            Line(
                kam,
                username,
                team,
                *places.get(kam, (0, 0)),
                due=calls[kam, "due"],
                done=calls[kam, InteractionStatus.DONE],
                missed=calls[kam, InteractionStatus.MISSED],
                on_day=calls[kam, "on_day"],
                revenue_this_month=revenue.get((kam, this), ZERO),
                revenue_last_month=revenue.get((kam, last), ZERO),
                revenue_trend=revenue.get((kam, last), ZERO) - revenue.get((kam, before), ZERO),
            )
            for kam, username, team, _ in people
        ]

    def _places(self) -> dict[int, tuple[int, int]]:
        """How many restaurants each has, and how many of them are accounts."""
        counts = {"places": Count("pk"), "accounts": Count("pk", filter=Q(lead_status=LeadStatus.CONVERTED))}
        rows = self._restaurants().order_by().values_list("assigned_to").annotate(**counts)
        return {kam: (places, accounts) for kam, places, accounts in rows}

    def _revenue(self, *, since: date) -> dict[tuple[int, date], Decimal]:
        """What each month brought, of all the restaurants that each has."""
        months = Month.objects.of(self._restaurants()).filter(month__gte=since).order_by()
        rows = months.values_list("restaurant__assigned_to", "month").annotate(Sum("revenue"))
        return {(kam, month): to_the_cent(revenue) for kam, month, revenue in rows}

    def _calls(self, since: date, until: date, *, zones: dict[int, str]) -> Counter[tuple[int, str]]:
        """How many calls that a plan asked for are due, done, missed, and done on their day, by person.

        The day is one of the person who has the restaurant. A call counts when it was made or, if it was not, due.
        """
        here = ZoneInfo(settings.TIME_ZONE)
        start, end = start_of_day(since, here), start_of_day(until + timedelta(days=1), here)
        planned = Interaction.objects.planned_once().filter(date__gte=start, date__lt=end)
        rows = planned.filter(lead__in=self._restaurants().values("pk")).order_by()
        day_of = cache(local_day_bounds)
        found: Counter[tuple[int, str]] = Counter()
        for kam, status, due_at, date_ in rows.values_list("lead__assigned_to", "status", "due_at", "date").iterator():
            found[kam, "due"] += 1
            found[kam, status] += 1
            morning, night = day_of(due_at, zone(zones[kam]))
            found[kam, "on_day"] += status == InteractionStatus.DONE and morning <= date_ < night
        return found

    def _restaurants(self) -> Any:
        return Restaurant.objects.filter(assigned_to__in=self.order_by().values("pk"), archived_at__isnull=True)


class Portfolio(User):  # type: ignore[django-manager-missing] # of teams, see User
    """A person, asked how what they look after performs."""

    objects: ClassVar[Any] = PortfolioSet.as_manager()  # type: ignore[assignment] # asks, and makes nobody

    class Meta:
        proxy = True
