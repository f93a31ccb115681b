"""Compliance: whether the calls that plans asked for were made, by whose they are, and which calls those were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from call_planning.choices import Figure
from interaction_tracking.choices import Judgement
from interaction_tracking.models import Period
from performance_tracking.models.portfolio import Calls, PortfolioSet


@dataclass
class Line:
    """The figures of one person or, without one, of the people of a team that the caller sees."""

    kam: int | None
    username: str | None
    team: int | None
    team_name: str | None
    calls: Calls
    attempts: int

    @property
    def shown(self) -> dict[str, Any]:
        whose = {name: getattr(self, name) for name in ("kam", "username", "team", "team_name")}
        rate = self.calls.on_day_rate
        return {
            **whose,
            "planned": self.calls.planned,
            **asdict(self.calls),
            "attempts": self.attempts,
            "on_day_rate": rate,
        }


def compliance(people: PortfolioSet, *, since: date, until: date) -> list[Line]:
    """A line for each person, by username, about the calls of these days, both included; three statements."""
    columns = ("pk", "username", "team", "team__name", "timezone")
    lines = list(people.order_by("username").values_list(*columns))
    period = Period(since, until, frozenset(zone for *_, zone in lines))
    calls = people.how_calls_went(period)
    attempts = dict(people.attempts(period).order_by().values_list("lead__assigned_to").annotate(Count("pk")))
    return [
        Line(kam, name, team, team_name, calls[kam], attempts.get(kam, 0)) for kam, name, team, team_name, _ in lines
    ]


def by_team(lines: Iterable[Line]) -> list[Line]:
    """A line for each team, by name: its own people's, not those of the teams below it. Who has no team comes last."""
    teams: dict[int | None, Line] = {}
    for line in lines:
        team = teams.setdefault(line.team, Line(None, None, line.team, line.team_name, Calls(), 0))
        team.calls += line.calls
        team.attempts += line.attempts
    return sorted(teams.values(), key=lambda team: (team.team is None, team.team_name))


def calls_behind(people: PortfolioSet, figure: str, *, since: date, until: date) -> Any:
    """The calls that this figure counts, of all these people together."""
    period = people.period(since, until)
    if figure == Figure.ATTEMPTS:
        return people.attempts(period)
    calls = people.calls(period)
    if figure == Figure.PLANNED:
        return calls.exclude(judged=Judgement.CANCELLED)
    return calls.filter(judged=figure)
