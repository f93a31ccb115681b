"""`manage.py backtest_rhythm`, and how well the rule does on a year of orders whose end is known."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.core.management import call_command

from performance_tracking.backtest import backtest
from tests.cast import NOON, Cast
from tests.performance_tracking.test_rhythm import account

OURS = "own rhythm, LAPSED"
START = date(2024, 1, 1)
END = START + timedelta(days=365)


def orders(chance: Random, *, mean: float, spread: float, until: date) -> Iterator[date]:
    """Order days with gamma gaps of this mean, in days, and this coefficient of variation."""
    moment = 0.0
    while True:
        moment += chance.gammavariate(1 / spread**2, mean * spread**2)
        day = START + timedelta(days=int(moment))
        if day >= until:
            return
        yield day


def year(chance: Random, *, slowest: float, fastest: float, count: int = 250) -> list[list[date]]:
    """So many accounts of these tempos, a fifth of which stop some time in the year."""
    accounts = []
    for _ in range(count):
        leaves = chance.random() < 0.2
        until = START + timedelta(days=chance.randint(120, 330)) if leaves else END
        mean, spread = chance.uniform(fastest, slowest), chance.uniform(0.2, 0.8)
        accounts.append(list(orders(chance, mean=mean, spread=spread, until=until)))
    return accounts


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - the same orders each time


def test_it_notices_who_leaves_soon_and_seldom_cries_wolf() -> None:
    scores = backtest(year(chance(2024), fastest=2, slowest=30), until=END)
    ours = scores[OURS]
    assert ours.false_per_100 <= 5
    assert ours.median_cycles is not None
    assert ours.median_cycles <= 2.5
    assert len(ours.days) >= 0.95 * ours.lapses > 0
    # A fixed limit that is as patient with everybody's usual gaps cries wolf more often, or comes later.
    assert scores["fixed, 14 days"].false_per_100 > 3 * ours.false_per_100


@pytest.mark.parametrize(("fastest", "slowest"), [(4, 8), (8, 15), (15, 30)])
def test_it_notices_whatever_the_tempo(fastest: float, slowest: float) -> None:
    scores = backtest(year(chance(7), fastest=fastest, slowest=slowest), until=END)
    median = scores[OURS].median_cycles
    assert median is not None
    assert median <= 2.5
    fixed = scores["fixed, 30 days"].median_cycles
    assert fixed is not None
    assert (fixed > 3) == (slowest <= 8)


def test_it_judges_by_the_order_that_came_and_by_the_silence_that_stayed() -> None:
    weekly = [START + timedelta(days=7 * week) for week in range(8)]
    back = [*weekly, weekly[-1] + timedelta(days=20)]
    healthy = backtest([weekly], until=weekly[-1] + timedelta(days=13))["fixed, 14 days"]
    assert (healthy.healthy_cycles, healthy.false_alarms, healthy.lapses) == (3, 0, 0)
    lapsed = backtest([weekly], until=weekly[-1] + timedelta(days=28))["fixed, 14 days"]
    assert (lapsed.healthy_cycles, lapsed.lapses, lapsed.days, lapsed.cycles) == (3, 1, [14], [Decimal(2)])
    came_back = backtest([back], until=back[-1])["fixed, 14 days"]
    assert (came_back.healthy_cycles, came_back.false_alarms, came_back.alarms, came_back.lapses) == (4, 1, 1, 0)


def test_it_says_nothing_of_who_is_still_learning() -> None:
    scores = backtest([[START, START + timedelta(days=1)], []], until=END)
    assert {score.healthy_cycles + score.alarms + score.lapses for score in scores.values()} == {0}


def test_it_replays_the_organisations_own_orders(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with time_machine.travel(NOON, tick=False):
        account(cast.asha, *range(40, 89, 7))
        account(cast.asha, *range(3, 52, 7))
        account(cast.asha, 1)
        call_command("backtest_rhythm", chart=tmp_path / "chart.svg")
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    table = {cells[0]: [cell.strip() for cell in cells[1:] if cell.strip()] for cells in lines[1:]}
    assert table["own rhythm, LAPSED"] == ["1", "0.00", "1", "1", "11.00", "1.57"]
    assert table["fixed, 30 days"] == ["1", "0.00", "1", "1", "30.00", "4.29"]
    drawn = ET.fromstring((tmp_path / "chart.svg").read_text())  # noqa: S314 - our own
    assert "own rhythm, LAPSED" in "".join(drawn.itertext())


def test_it_has_a_table_where_nobody_has_ordered(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert cast.asha
    call_command("backtest_rhythm")
    assert "own rhythm, LATE" in capsys.readouterr().out
