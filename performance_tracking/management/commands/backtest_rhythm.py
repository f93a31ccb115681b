"""`manage.py backtest_rhythm`: how well each rule would have noticed who left, on the organisation's own orders."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils import timezone
from tqdm import tqdm

from interaction_tracking.models import Interaction
from performance_tracking.backtest import Score, backtest
from performance_tracking.models.order_rhythm import report_day

WIDTH, TOP, STEP = 420, 70, 44


class Command(BaseCommand):
    help = "Replay all orders: each rule's alarms, false alarms, and how soon it noticed who stopped ordering."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chart", type=Path, help="Draw the table, too, as an SVG file.")

    def handle(self, *, chart: Path | None, **options: Any) -> None:
        scores = backtest(tqdm(order_days(), unit=" accounts", disable=None), until=report_day(timezone.now()))
        self.stdout.write(table(scores))
        if chart is not None:
            chart.write_text(drawing(scores))
            self.stdout.write(f"Drawn in {chart}.")


def order_days() -> Iterator[list[date]]:
    """The order days of each restaurant that has ordered, one after the other."""
    orders = Interaction.objects.orders_done().order_by("lead", "date").values_list("lead", "date")
    for _, those in groupby(orders.iterator(chunk_size=10_000), lambda row: row[0]):
        yield [report_day(at) for _, at in those]


def table(scores: dict[str, Score]) -> str:
    """The figures, a line for each rule."""
    lines = [("rule", "alarms", "false per 100 cycles", "lapses", "noticed", "median days", "median own cycles")]
    for name, score in scores.items():
        noticed = (str(score.lapses), str(len(score.days)), figure(score.median_days), figure(score.median_cycles))
        lines.append((name, str(score.alarms), figure(score.false_per_100), *noticed))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in enumerate(cells))
        for cells in (zip(line, widths, strict=True) for line in lines)
    )


def figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def drawing(scores: dict[str, Score]) -> str:
    """The same as bars: short ones are good."""
    most_false = max([score.false_per_100 for score in scores.values()] + [1])
    most_cycles = max([score.median_cycles or 0 for score in scores.values()] + [1])
    bars = []
    for place, (name, score) in enumerate(scores.items()):
        top = TOP + STEP * place
        false_width = round(WIDTH * score.false_per_100 / most_false)
        cycles_width = round(WIDTH * (score.median_cycles or 0) / most_cycles)
        bars.append(
            {
                "name": name,
                "text": top + 20,
                "above": top,
                "false_text": top + 11,
                "false_width": false_width,
                "false_end": 206 + false_width,
                "false_per_100": figure(score.false_per_100),
                "below": top + 16,
                "cycles_text": top + 27,
                "cycles_width": cycles_width,
                "cycles_end": 206 + cycles_width,
                "median_cycles": figure(score.median_cycles),
            }
        )
    return render_to_string("charts/backtest.svg", {"bars": bars, "height": TOP + STEP * len(bars)})
