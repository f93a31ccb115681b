"""The cities of the demo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from call_planning.demo.chance import Chance, data
from common.clock import local_date, resolve


class Site(NamedTuple):
    city: City
    street: str
    area: str


@dataclass(frozen=True)
class City:
    name: str
    state: str
    country: str
    timezone: str
    pincode: str  # a pattern, and so are the phones
    phones: list[str]
    streets: list[str]  # each with its part of town: "Hill Road, Bandra West"

    @property
    def sites(self) -> list[Site]:
        return [Site(self, *street.split(", ")) for street in self.streets]

    def phone(self, chance: Chance) -> str:
        """A number that nobody has yet."""
        return chance.unseen(lambda: chance.filled(chance.choice(self.phones)))

    def day(self, moment: datetime) -> date:
        return local_date(moment, ZoneInfo(self.timezone))

    def at_work(self, day: date, chance: Chance) -> datetime:
        """A moment of that day's working hours, by the clocks of the city."""
        hour = time(chance.randrange(9, 18), chance.randrange(0, 60, 5))
        return resolve(datetime.combine(day, hour), ZoneInfo(self.timezone))


CITIES = {city["name"]: City(**city) for city in data("places.toml")["city"]}
