"""People, seen by what they look after: how their calls and their accounts go."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from operator import add
from typing import Any, ClassVar, Self

from django.db.models import Count, Exists, OuterRef, Q, Sum

from common.money import ZERO
from interaction_tracking.models import Interaction, Period
from kams.choices import Role
from kams.models import Team, User
from kams.models.user import UserSet
from leads.choices import LeadStatus
from leads.models import Restaurant
from performance_tracking.figures import months_back, to_the_cent
from performance_tracking.models.month import Month

_THOUSANDTH = Decimal("0.001")


@dataclass
class Calls:
    """How the calls went that plans asked for; what somebody called off is asked for no longer."""

    on_day: int = 0
    late: int = 0
    missed: int = 0
    open: int = 0
    unreached: int = 0
    cancelled: int = 0

    def __add__(self, other: Calls) -> Calls:
        return Calls(*map(add, astuple(self), astuple(other)))

    @property
    def planned(self) -> int:
        return self.done + self.missed + self.open + self.unreached

    @property
    def done(self) -> int:
        return self.on_day + self.late

    @property
    def on_day_rate(self) -> Decimal | None:
        """Of the calls that were made or missed, the part that was made in time."""
        decided = self.done + self.missed
        return (Decimal(self.on_day) / decided).quantize(_THOUSANDTH, ROUND_HALF_UP) if decided else None


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
    on_day_rate: Decimal | None
    revenue_this_month: Decimal
    revenue_last_month: Decimal
    revenue_trend: Decimal


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
        calls = self.how_calls_went(Period(since, until, frozenset(zone for *_, zone in people)))
        return [
            Line(
                kam,
                username,
                team,
                *places.get(kam, (0, 0)),
                due=calls[kam].planned,
                done=calls[kam].done,
                missed=calls[kam].missed,
                on_day=calls[kam].on_day,
                on_day_rate=calls[kam].on_day_rate,
                revenue_this_month=revenue.get((kam, this), ZERO),
                revenue_last_month=revenue.get((kam, last), ZERO),
                revenue_trend=revenue.get((kam, last), ZERO) - revenue.get((kam, before), ZERO),
            )
            for kam, username, team, _ in people
        ]

    # --- calls of what they have ----------------------------------------------------------------
    def period(self, since: date, until: date) -> Period:
        """These days, both included, as these people live them."""
        zones = self.order_by().values_list("timezone", flat=True).distinct()
        return Period(since, until, frozenset(zones))

    def calls(self, period: Period) -> Any:
        """What plans asked for on these days, each with what became of it, `judged`."""
        return Interaction.objects.due_within(period).filter(self._theirs)

    def attempts(self, period: Period) -> Any:
        """Calls of these days that reached nobody."""
        return Interaction.objects.tried_within(period).filter(self._theirs)

    def how_calls_went(self, period: Period) -> dict[int, Calls]:
        """For each person, how many calls of these days were made in time, late, not at all."""
        rows = self.calls(period).order_by().values_list("lead__assigned_to", "judged").annotate(Count("pk"))
        found: dict[int, Calls] = defaultdict(Calls)
        for kam, judged, count in rows:
            setattr(found[kam], judged, count)
        return found

    @property
    def _theirs(self) -> Q:
        return Q(lead__assigned_to__in=self.order_by().values("pk"), lead__archived_at__isnull=True)

    # --- what they have -------------------------------------------------------------------------
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

    def _restaurants(self) -> Any:
        return Restaurant.objects.filter(assigned_to__in=self.order_by().values("pk"), archived_at__isnull=True)


class Portfolio(User):  # type: ignore[django-manager-missing] # of teams, see User
    """A person, asked how what they look after performs."""

    objects: ClassVar[Any] = PortfolioSet.as_manager()  # type: ignore[assignment] # asks, and makes nobody

    class Meta:
        proxy = True
