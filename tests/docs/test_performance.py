"""The page on performance shows what was measured, and what follows from it."""

from __future__ import annotations

import re

import pytest

from benchmarks import capacity
from tests.docs.pages import page

PAGE = page("docs/performance.md")
TABLES = (capacity.measured, capacity.compared, capacity.held, capacity.figures, capacity.calculated)


@pytest.mark.parametrize("work_out", TABLES, ids=lambda one: one.__name__)
def test_it_shows_the_figures(work_out: capacity.Table) -> None:
    """Where this fails, `python -m benchmarks.capacity` prints the tables to put there."""
    rows = work_out()
    assert PAGE.table(next(iter(rows[0]))) == rows


def test_it_names_what_is_assumed() -> None:
    text = " ".join(PAGE.text.split())
    assert f"comes with {capacity.REQUESTS_A_CALL} requests and {capacity.CHANGES_A_CALL} changes" in text
    assert f"a year has {capacity.DAYS_A_YEAR} working days, and an hour a sixth" in text
    assert capacity.BUSIEST == 6
    assert "a processor is half idle" in text
    assert capacity.BUSY == 0.5
    assert "a quarter of the data in memory" in text
    assert capacity.IN_MEMORY == 4
    assert f"disk after {capacity.YEARS} years" in text
    assert "room for as much again" in text
    assert capacity.ROOM == 2


def test_the_calculator_follows_the_figures_that_it_is_given() -> None:
    """By hand: 500 KAMs with 25 calls of 10 requests are 125,000 requests a day, a sixth of it in an hour."""
    row = capacity.needs(500, 100_000, 25)
    assert row["requests a second"] == "5.8"
    a_core = 1000 * capacity.BUSY
    assert int(row["cores, web"]) == -(-5.787 * capacity.python_ms() // a_core)
    kept = 100_000 * 4_117 + 9_375_000 * (522 + 0.4 * 99 + 3 * 830)
    assert row["disk after 3 years"] == f"{-(-2 * kept // 1e9):.0f} GB"


def test_its_indexes_of_interactions_are_those_that_do_not_fit() -> None:
    each, number, size = re.findall(
        r"(\d+) bytes for each, do not fit into memory: (\d+) million are (\d+) GB", PAGE.text
    )[0]
    assert round(int(each) * int(number) / 1000) == int(size)
