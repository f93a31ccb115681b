"""What became of each restaurant of the demo: when it was found, the statuses it took, and who had it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from call_planning.demo.chance import WORDS, Chance
from call_planning.demo.people import PEOPLE, TEAMS
from call_planning.demo.places import CITIES, City, Site
from kams.models import User
from leads.choices import CLOSED, LeadStatus

NEW, CONTACTED, MEETING, NEGOTIATING, CONVERTED, LOST, INACTIVE = LeadStatus

# How many restaurants of each status there are in one KAM's territory.
_MIX = {NEW: 5, CONTACTED: 4, MEETING: 3, NEGOTIATING: 4, CONVERTED: 12, LOST: 3, INACTIVE: 2}
# The ways that lead to a status.
_PATHS = {
    NEW: ((NEW,),),
    CONTACTED: ((NEW, CONTACTED), (NEW, CONTACTED), (NEW, CONTACTED, LOST, CONTACTED)),
    MEETING: ((NEW, CONTACTED, MEETING), (NEW, MEETING)),
    NEGOTIATING: ((NEW, CONTACTED, MEETING, NEGOTIATING), (NEW, CONTACTED, NEGOTIATING)),
    CONVERTED: (
        (NEW, CONTACTED, MEETING, NEGOTIATING, CONVERTED),
        (NEW, CONTACTED, MEETING, NEGOTIATING, CONVERTED),
        (NEW, CONTACTED, CONVERTED),
        (NEW, CONTACTED, LOST, CONTACTED, NEGOTIATING, CONVERTED),
    ),
    LOST: ((NEW, CONTACTED, LOST), (NEW, CONTACTED, MEETING, NEGOTIATING, LOST), (NEW, CONTACTED, CONVERTED, LOST)),
    INACTIVE: ((NEW, CONTACTED, MEETING, CONVERTED, INACTIVE), (NEW, CONTACTED, NEGOTIATING, CONVERTED, INACTIVE)),
}
# For how many days a status lasts that another follows, and for how many the present one has lasted.
# At least two and one: then changes fall on different days, and the last one before today.
_STAY = {NEW: (2, 12), CONTACTED: (4, 20), MEETING: (3, 14), NEGOTIATING: (6, 30), CONVERTED: (70, 160), LOST: (25, 60)}
_SO_FAR = {
    NEW: (1, 30),
    CONTACTED: (4, 45),
    MEETING: (2, 14),
    NEGOTIATING: (4, 40),
    CONVERTED: (35, 300),
    LOST: (10, 150),
    INACTIVE: (20, 150),
}
_LONG_ENOUGH_TO_MOVE = timedelta(days=40)


class Stage(NamedTuple):
    status: LeadStatus
    since: datetime


class Spell(NamedTuple):
    """The time for which somebody had the restaurant."""

    kam: User
    since: datetime
    until: datetime | None
    reason: str = ""


class Territory(NamedTuple):
    kam: User
    manager: User
    cities: list[City]

    @property
    def country(self) -> str:
        return self.cities[0].country

    @property
    def sites(self) -> list[Site]:
        return [site for city in self.cities for site in city.sites]


@dataclass(eq=False)
class Life:
    name: str
    cuisine: str
    kind: str
    site: Site
    stages: list[Stage]
    spells: list[Spell]
    manager: User
    head: Life | None  # of the chain, for a branch
    archived_at: datetime | None = None
    pk: int = 0

    @property
    def city(self) -> City:
        return self.site.city

    @property
    def entered(self) -> datetime:
        return self.stages[0].since

    @property
    def status(self) -> LeadStatus:
        return self.stages[-1].status

    @property
    def earlier_head(self) -> Life | None:
        """The chain's head office, where it was known before the branch."""
        return self.head if self.head and self.head.entered < self.entered else None

    def status_at(self, moment: datetime) -> LeadStatus:
        return next(stage.status for stage in reversed(self.stages) if stage.since <= moment)

    def until(self, now: datetime) -> datetime:
        """When the restaurant was last called or visited: now, unless it is closed."""
        return self.stages[-1].since if self.status in CLOSED else now

    @property
    def kam(self) -> User | None:
        """Who has the restaurant now; None is the pool."""
        return self.spells[-1].kam if self.spells and self.spells[-1].until is None else None

    def kam_at(self, moment: datetime) -> User | None:
        spells = (spell for spell in self.spells if spell.since <= moment)
        return next((spell.kam for spell in spells if spell.until is None or moment < spell.until), None)


def lives(users: list[User], *, now: datetime, chance: Chance) -> list[Life]:
    """All of them, numbered in the order in which they were found."""
    territories = _territories(users)
    found = [life for territory in territories for life in _within(territory, now=now, chance=chance)]
    for life in found:
        country = life.city.country
        _hand_around(life, [other.kam for other in territories if other.country == country], now=now, chance=chance)
    found.sort(key=lambda life: (life.entered, life.name))
    for pk, life in enumerate(found, start=1):
        life.pk = pk
    return found


def _territories(users: list[User]) -> list[Territory]:
    people = {user.username: user for user in users}
    managers = {team: people[manager] for team, _, manager in TEAMS}
    return [
        Territory(people[person.username], managers[str(person.team)], [CITIES[name] for name in person.cities])
        for person in PEOPLE
        if person.cities
    ]


def _within(territory: Territory, *, now: datetime, chance: Chance) -> Iterator[Life]:
    """A territory's restaurants. The first is the head office of a chain, and the next few are its branches."""
    statuses = [status for status, number in _MIX.items() for _ in range(number)]
    chance.shuffle(statuses)
    statuses.remove(CONVERTED)

    def lived(status: LeadStatus, site: Site, *, head: Life | None = None) -> Life:
        stages = _stages(chance.choice(_PATHS[status]), site.city, now=now, chance=chance)
        spells = [Spell(territory.kam, stages[0].since, None)]
        if head:
            name, cuisine, kind = f"{head.name}, {site.area}", head.cuisine, head.kind
        else:
            cuisine = chance.choice(WORDS["cuisines"][territory.country])
            kind = cuisine if cuisine == "Café" else chance.choice(WORDS["restaurants"]["kinds"])
            name = chance.restaurant(cuisine)
        return Life(name, cuisine, kind, site, stages, spells, territory.manager, head)

    head = lived(CONVERTED, chance.choice(territory.sites))
    yield head
    for site in chance.sample(territory.sites, chance.randint(3, 5)):
        yield lived(statuses.pop(), site, head=head)
    for status in statuses:
        yield lived(status, chance.choice(territory.sites))


def _stages(path: tuple[LeadStatus, ...], city: City, *, now: datetime, chance: Chance) -> list[Stage]:
    stays = [*(chance.days(_STAY[status]) for status in path[:-1]), chance.days(_SO_FAR[path[-1]])]
    moment, stages = now - sum(stays, timedelta()), []
    for status, stay in zip(path, stays, strict=True):
        stages.append(Stage(status, city.at_work(city.day(moment), chance)))
        moment += stay
    return stages


def _hand_around(life: Life, kams: list[User], *, now: datetime, chance: Chance) -> None:
    """Some were never given to anybody; some were given back, put away, or had by a colleague before."""
    ((kam, entered, _, _),) = life.spells

    def between(start: datetime, share: float) -> datetime:
        return life.city.at_work(life.city.day(start + share * (now - start)), chance)

    if life.status == NEW and chance.happens(0.35):
        life.spells = []
    elif life.status == LOST and chance.happens(0.15):
        life.spells = [Spell(kam, entered, between(life.stages[-1].since, 0.5))]
    elif life.status in CLOSED and chance.happens(0.15):
        life.archived_at = between(life.stages[-1].since, 0.5)
    elif now - entered > _LONG_ENOUGH_TO_MOVE and chance.happens(0.15):
        before = chance.choice([other for other in kams if other != kam])
        moved_at = between(entered, chance.uniform(0.3, 0.8))
        life.spells = [
            Spell(before, entered, moved_at),
            Spell(kam, moved_at, None, chance.choice(WORDS["reasons"]["moved"])),
        ]
