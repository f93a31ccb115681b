"""The lessons are about operations that there are, and every body that a row depends on has one."""

import json

import pytest

from common.api.docs import document
from tests.cast import Cast, call_plan, restaurant
from tests.fuzz import lessons, rows

PATHS = json.loads(document("json"))["paths"]


@pytest.mark.parametrize("path", sorted({*lessons.BODIES, *rows.ROWS}))
def test_it_teaches_of_paths_that_there_are(path: str) -> None:
    assert path in PATHS


def test_it_knows_the_rows_of_every_path_with_a_key() -> None:
    keyed = [path for path in PATHS if "{id}" in path]

    assert [path for path in keyed if not path.startswith(tuple(rows.ROWS))] == []


@pytest.mark.parametrize(
    ("known", "drawn", "taken"),
    [([], 7, 7), ([3, 5], 5, 5), ([3, 5], 6, 3), ([3, 5], 7, 5), ([3, 5], "null", 3)],
)
def test_it_takes_the_drawn_key_or_another_that_is_known(known: list[int], drawn: object, taken: object) -> None:
    assert rows.one_of(known, drawn) == taken


def test_it_moves_the_future_into_the_past() -> None:
    assert lessons.past("2030-02-28T10:00:00Z") == "2024-02-28T10:00:00Z"
    assert lessons.past("2023-12-31T23:59:59+05:30") == "2023-12-31T23:59:59+05:30"


def test_it_writes_whole_numbers_as_such() -> None:
    assert json.dumps(lessons.as_written({"ids": [1.0, 2.5], "name": "1.0"})) == '{"ids": [1, 2.5], "name": "1.0"}'


def test_it_gives_an_interval_to_a_custom_plan_alone(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha), frequency="CUSTOM", interval_days=3)
    custom, weekly = {"notes": ""}, {"frequency": "WEEKLY", "interval_days": 9}

    lessons.call_plan(custom, plan)
    lessons.call_plan(weekly, plan)

    assert (custom, weekly) == ({"notes": "", "interval_days": 7}, {"frequency": "WEEKLY"})
