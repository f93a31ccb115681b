"""The making of a dataset, from the drawing of lives to the last index."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from math import gcd

import psycopg
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from tqdm import tqdm
from tqdm.contrib.logging import logging_redirect_tqdm

from benchmarks import indexes, rows
from benchmarks.copying import copy_lives, copy_shares
from benchmarks.lives import drawn
from benchmarks.people import STEADY, ZONES, staff
from benchmarks.workers import Workers, connected
from call_planning.demo.chance import Chance
from kams.models import Team, User
from leads.models import Restaurant
from performance_tracking.models import Scale, TypicalCycle, report_day

logger = logging.getLogger(__name__)

# How many different lives there are, and how many restaurants live each of them in a small dataset.
_LIVES, _AT_LEAST = 4_000, 4
_APPS = ("kams", "notifications", "leads", "contact", "interaction_tracking", "performance_tracking", "call_planning")


class Refused(Exception):
    """The database holds what did not come from here."""


@dataclass(frozen=True)
class Dataset:
    """So many restaurants and all that hangs below them, as it is at a moment; the same of all gives the same rows."""

    restaurants: int
    now: datetime
    interactions: float = 20  # of each restaurant, on average
    seed: int = 1

    def load(self, url: str, *, workers: int = 2) -> None:
        """Fill the database of this URL, which Django is connected to."""
        with (
            logging_redirect_tqdm(),
            tqdm(total=0, unit=" steps", disable=None) as bar,
            connected(url) as main,
            Workers(url, workers, bar=bar) as work,
        ):
            tables = _tables()
            _claim(main)
            indexes.put_away(main, tables)
            main.execute(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")
            self._draw(main)
            self._fill(work, main)
            work.step("Indexes", list(indexes.building(main)))
            work.step("Constraints", list(indexes.promising(main)))
            _reset_sequences()
            TypicalCycle.objects.learn()
            work.step("Statistics", [(f"VACUUM (ANALYZE) {table}", {}) for table in tables])
            Scale.objects.learn(at=self.now)
            _release(main, self)

    def _draw(self, main: psycopg.Connection) -> None:
        chance = Chance(self.seed)
        people, teams, shares = staff(self.restaurants, now=self.now, chance=chance)
        with transaction.atomic():
            User.objects.bulk_create(people, batch_size=500)
            Team.objects.bulk_create(teams, batch_size=500)
        number = min(_LIVES, max(len(ZONES), self.restaurants // _AT_LEAST))
        lives = [
            drawn(zone=zone, mean=self.interactions, now=self.now, chance=chance)
            for zone, weight in ZONES.items()
            for _ in range(max(1, number * weight // 100))
        ]
        copy_shares(main, shares)
        copy_lives(main, lives, today=report_day(self.now))

    def _fill(self, work: Workers, main: psycopg.Connection) -> None:
        told = {"seed": self.seed * 1_000, "now": self.now, "steady": STEADY}
        places = {"restaurants": self.restaurants, "step": _step(self.restaurants), **told}
        for name, texts in rows.PLACING.items():
            work.step(name, [(text, places) for text in texts])
        work.step("Restaurants", rows.below_restaurants(self.restaurants, told))
        (total,) = main.execute(rows.TOTAL).fetchone() or (0,)
        work.step("Interactions", rows.happened(total))


def _tables() -> list[str]:
    """The tables of all our models, with those between two of them."""
    models = [model for app in _APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    return list(dict.fromkeys(model._meta.db_table for model in models if not model._meta.proxy))


def _claim(main: psycopg.Connection) -> None:
    """Mark the database as ours; one that is not, and not empty, is refused."""
    if main.execute("SELECT to_regnamespace('benchmarks')").fetchone() == (None,):
        for model in (User, Team, Restaurant):
            if model._base_manager.exists():
                raise Refused(
                    f"This database holds {model._meta.verbose_name_plural} that did not come from here. Name another."
                )
        main.execute("CREATE SCHEMA benchmarks")
        main.execute(
            "CREATE TABLE benchmarks.dataset (restaurants bigint, interactions real, seed int, now timestamptz)"
        )
    main.execute("TRUNCATE benchmarks.dataset")
    _clear(main)


def _release(main: psycopg.Connection, dataset: Dataset) -> None:
    """Leave nothing of the making but the mark."""
    _clear(main)
    main.execute("DROP TABLE benchmarks.index")
    values = (dataset.restaurants, dataset.interactions, dataset.seed, dataset.now)
    main.execute("INSERT INTO benchmarks.dataset VALUES (%s, %s, %s, %s)", values)


def _clear(main: psycopg.Connection) -> None:
    for table in rows.SCAFFOLD:
        main.execute(f"DROP TABLE IF EXISTS benchmarks.{table}")


def _reset_sequences() -> None:
    """What is added later goes on after our ids."""
    models = [model for app in _APPS for model in apps.get_app_config(app).get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def _step(slots: int) -> int:
    """About three fifths of the slots, without a factor in common with their number."""
    step = max(1, slots * 618 // 1000)
    while gcd(step, slots) > 1:
        step += 1
    return step
