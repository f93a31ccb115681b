"""Who works on the restaurants: teams of ten with a manager each, regions of ten teams, and how much everybody has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from call_planning.demo.chance import WORDS, Chance
from call_planning.demo.people import PASSWORD
from call_planning.demo.places import CITIES
from kams.choices import Role
from kams.models import Team, User

# Who is asked for by name, whatever the size.
ADMIN, ANALYST, REGIONAL, MANAGER = "admin", "analyst", "regional.manager", "team.manager"
STEADY, HEAVY = "steady.kam", "heavy.kam"
# The steady one always has so many live restaurants, and is of the manager's team.
STEADY_HAS = 500
# Of all restaurants, so much is archived; of the live ones, so much is in the pool, and so much has each heavy KAM.
ARCHIVED, POOL, HEAVY_SHARE, HEAVY_KAMS = 0.10, 0.05, 0.01, 3
_TEAM, _REGION = 10, 10
# Where people and restaurants are, by how many.
ZONES = {
    "Asia/Kolkata": 55,
    "Asia/Dubai": 12,
    "Europe/London": 15,
    "America/New_York": 10,
    "America/Chicago": 4,
    "America/Los_Angeles": 4,
}
_QUARTERS = ("", "North ", "South ", "East ", "West ", "New ", "Old ", "Upper ", "Lower ", "Greater ")


@dataclass(frozen=True)
class Share:
    """How many restaurants somebody has; the pool is nobody's."""

    kam: int | None
    zone: str
    live: int
    archived: int


def staff(restaurants: int, *, now: datetime, chance: Chance) -> tuple[list[User], list[Team], list[Share]]:
    """Everybody, and what they have: `restaurants` in all."""
    live = round(restaurants * (1 - ARCHIVED))
    portfolios = list(_portfolios(live, chance))
    keys, password = count(1), make_password(PASSWORD, salt="benchmarks")
    people: list[User] = []

    def hire(username: str, role: Role, zone: str, team: Team | None = None) -> User:
        name = {"first_name": chance.choice(WORDS["given"]["IN"]), "last_name": chance.choice(WORDS["family"]["IN"])}
        stamps = {"created_at": now, "updated_at": now, "date_joined": now}
        more: dict[str, Any] = {"is_staff": role == Role.ADMIN, **name, **stamps}
        mail = f"{username}@benchmarks.example"
        person = User(
            pk=next(keys), username=username, email=mail, role=role, team=team, timezone=zone, password=password, **more
        )
        people.append(person)
        return person

    hire(ADMIN, Role.ADMIN, "Asia/Kolkata")
    hire(ANALYST, Role.ANALYST, "Asia/Kolkata")
    teams: list[Team] = []
    shares = [Share(None, zone, live * POOL_OF[zone] // 10_000, 0) for zone in ZONES]
    for number, (username, zone, has) in enumerate(portfolios):
        if number % _TEAM == 0:
            _open_team(number // _TEAM, teams, hire, zone, now=now)
        kam = hire(username, Role.KAM, zone, teams[-1])
        shares.append(Share(kam.pk, zone, has, round(has * ARCHIVED / (1 - ARCHIVED))))
    left = restaurants - sum(share.live + share.archived for share in shares)
    shares.append(Share(None, "Asia/Kolkata", max(0, left), 0))
    return people, teams, shares


POOL_OF = {zone: round(weight * 100 * POOL) for zone, weight in ZONES.items()}


def _portfolios(live: int, chance: Chance) -> Iterator[tuple[str, str, int]]:
    """Usernames, zones, and how many live restaurants each has."""
    left = round(live * (1 - POOL) * 0.995)  # what is left over by rounding is in the pool
    heavy = max(live // 100, min(600, live // 20))
    fixed = [(STEADY, min(STEADY_HAS, live // 4)), (HEAVY, heavy)]
    fixed += [(f"heavy.kam.{number}", heavy) for number in range(2, HEAVY_KAMS + 1)]
    for username, has in fixed:
        yield username, "Asia/Kolkata", has
        left -= has
    for number in count(1):
        has = min(left, chance.randint(100, 500))
        if has <= 0:
            return
        yield f"kam.{number}", chance.weighted(ZONES), has
        left -= has


def _open_team(number: int, teams: list[Team], hire: Any, zone: str, *, now: datetime) -> None:
    """The next team, with its manager; every tenth begins a region, which is a team of managers."""
    stamps = {"created_at": now, "updated_at": now}
    if number % _REGION == 0:
        boss = hire(REGIONAL if number == 0 else f"{REGIONAL}.{number // _REGION}", Role.MANAGER, zone)
        teams.append(Team(pk=len(teams) + 1, name=f"Region {number // _REGION + 1}", manager=boss, **stamps))
    region = next(team for team in reversed(teams) if team.parent_id is None)
    boss = hire(MANAGER if number == 0 else f"{MANAGER}.{number}", Role.MANAGER, zone, region)
    teams.append(Team(pk=len(teams) + 1, name=f"Team {number + 1}", manager=boss, parent=region, **stamps))


def cities() -> Iterator[tuple[str, int, str, str, str]]:
    """A thousand shares of each zone, as (zone, share, city, state, country): the n-th city has a n-th of the first."""
    for zone in ZONES:
        there = [city for city in CITIES.values() if city.timezone == zone]
        names = [(f"{quarter}{city.name}", city) for quarter in _QUARTERS for city in there]
        weights = [1 / rank for rank in range(1, len(names) + 1)]
        shares = _shared_out(1_000, weights)
        places = (place for place, share in zip(names, shares, strict=True) for _ in range(share))
        for number, (name, city) in enumerate(places):
            yield zone, number, name, city.state, city.country


def _shared_out(total: int, weights: list[float]) -> list[int]:
    """Whole shares that add up to the total."""
    shares = [int(total * weight / sum(weights)) for weight in weights]
    shares[0] += total - sum(shares)
    return shares
