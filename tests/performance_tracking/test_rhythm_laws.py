"""The arithmetic of order rhythms: laws that hold for any order days."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from performance_tracking.choices import RhythmState
from performance_tracking.rhythm import MOST_GAPS, expected_on, middle_and_spread, rhythm

START = date(2024, 1, 1)
WORSE = (RhythmState.ON_RHYTHM, RhythmState.DUE, RhythmState.LATE, RhythmState.LAPSED)

gaps = st.lists(st.integers(1, 90), min_size=4, max_size=30)


def days_of(gaps: list[int]) -> list[date]:
    """The order days that lie these gaps apart."""
    days = [START]
    for gap in gaps:
        days.append(days[-1] + timedelta(days=gap))
    return days


def test_it_knows_nothing_of_who_never_ordered() -> None:
    assert rhythm([]) is None


@pytest.mark.parametrize("orders", [1, 2, 3, 4])
def test_it_learns_until_the_fifth_order_day(orders: int) -> None:
    found = rhythm(days_of([7] * (orders - 1)) * 2)
    assert found
    assert (found.state(found.last_order_on + timedelta(days=300)), found.gaps) == (RhythmState.LEARNING, orders - 1)
    assert (found.median_days, found.cycles(START), found.first_day(RhythmState.DUE)) == (None, None, None)


def test_it_reckons_as_published() -> None:
    found = rhythm(days_of([7, 7, 6, 8, 7, 30, 7, 7]))
    assert found
    assert (found.median_days, found.spread_days) == (Decimal(7), Decimal("1.05"))
    assert middle_and_spread([10, 14, 20, 9]) == (Decimal(12), Decimal("3.71"))
    since = {6: "ON_RHYTHM", 7: "ON_RHYTHM", 8: "DUE", 9: "DUE", 10: "LATE", 11: "LAPSED"}
    for days, state in since.items():
        assert found.state(found.last_order_on + timedelta(days=days)) == state, days
    assert found.cycles(found.last_order_on + timedelta(days=10)) == Decimal("1.42")


def test_it_expects_half_a_day_later_on_the_next() -> None:
    assert expected_on(START, Decimal("3.5")) == START + timedelta(days=4)
    assert expected_on(START, Decimal("3.0")) == START + timedelta(days=3)


@given(gaps, st.data())
def test_it_minds_neither_the_order_nor_how_often_a_day_is_named(gaps: list[int], data: st.DataObject) -> None:
    days = days_of(gaps)
    assert rhythm(data.draw(st.permutations(days * 2))) == rhythm(days)


@given(gaps, gaps)
def test_it_forgets_old_habits(old: list[int], new: list[int]) -> None:
    recent = (new * 3)[:MOST_GAPS]
    shift = START - days_of(old)[-1]
    before = [day + shift for day in days_of(old)]
    assert rhythm([*before, *days_of(recent)]) == rhythm(days_of(recent))


@given(gaps)
def test_it_never_gets_better_by_waiting(gaps: list[int]) -> None:
    found = rhythm(days_of(gaps))
    assert found
    states = [WORSE.index(found.state(found.last_order_on + timedelta(days=day))) for day in range(400)]
    assert states == sorted(states)
    assert states[0] == 0
    cycles = [found.cycles(found.last_order_on + timedelta(days=day)) or Decimal(0) for day in range(400)]
    assert cycles == sorted(cycles)


@given(gaps)
def test_it_names_the_very_first_day_of_each_state(gaps: list[int]) -> None:
    found = rhythm(days_of(gaps))
    assert found
    for state in WORSE[1:]:
        first = found.first_day(state)
        assert first
        assert WORSE.index(found.state(first)) >= WORSE.index(state)
        assert WORSE.index(found.state(first - timedelta(days=1))) < WORSE.index(state)


@given(gaps)
def test_it_never_calls_the_usual_late(gaps: list[int]) -> None:
    middle, spread = middle_and_spread(gaps)
    assert spread >= max(Decimal(1), middle * Decimal("0.14"))
    assert min(gaps) <= middle <= max(gaps)
    equal = rhythm(days_of([gaps[0]] * 12))
    assert equal
    assert equal.state(equal.last_order_on + timedelta(days=gaps[0])) == RhythmState.ON_RHYTHM


@given(gaps, st.integers(2, 7))
def test_it_judges_every_tempo_alike(gaps: list[int], factor: int) -> None:
    middle, spread = middle_and_spread(gaps)
    slower, wider = middle_and_spread([gap * factor for gap in gaps])
    assert slower == middle * factor
    assert spread == 1 or abs(wider - spread * factor) <= Decimal("0.05")
