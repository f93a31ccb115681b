"""The ranking's arithmetic, for any standings: sums, order, monotony."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from call_planning.ranking import Code, Day, LateOrder, Rules, Standing, left_for_tomorrow, ranked, reasons_of

TODAY = date(2024, 12, 28)
DAY = Day(datetime(2024, 12, 28, 12, tzinfo=UTC), TODAY, TODAY)
POINTS: dict[str, int] = {Code.PROMISE_DUE: 50, Code.ORDER_LATE: 40, Code.CADENCE_OVERDUE: 30, Code.NEW_LEAD: 25}
POINTS |= {Code.MISSED_CALL: 15, Code.SILENCE: 15, Code.HIGH_POTENTIAL: 10, Code.TRIED: 30}
RULES = Rules(POINTS, silence_days=30, high_value=10_000)

days = st.integers(0, 400).map(lambda number: TODAY - timedelta(days=number))
values = st.none() | st.decimals(0, 99_999_999, places=2)
medians = st.integers(2, 400).map(lambda halves: Decimal(halves) / 2)
late_orders = st.builds(LateOrder, last_order_on=days, median_days=medians)
moments = st.integers(-5 * 60, 600 * 60).map(lambda seconds: DAY.at - timedelta(seconds=seconds))
standings = st.builds(
    Standing,
    pk=st.integers(1, 1000),
    value=values,
    is_new_lead=st.booleans(),
    entered_on=days,
    spoken_on=st.none() | days,
    ordered_on=st.none() | days,
    late_order=st.none() | late_orders,
    due_on=st.none() | st.integers(-30, 400).map(lambda number: TODAY - timedelta(days=number)),
    interval_days=st.integers(1, 366),
    missed_calls=st.integers(0, 50),
    promised_at=st.none() | st.integers(-48, 48).map(lambda hours: DAY.at + timedelta(hours=hours)),
    attempted_at=st.none() | moments,
)
rules = st.builds(
    Rules,
    points=st.fixed_dictionaries({code: st.integers(0, 100) for code in Code}),
    silence_days=st.integers(1, 366),
    high_value=st.integers(1, 100_000),
)


def score(one: Standing, by: Rules = RULES) -> int:
    return sum(reason.points for reason in reasons_of(one, by, DAY))


@given(st.lists(standings, max_size=20, unique_by=lambda one: one.pk), rules)
def test_a_score_is_the_sum_of_its_printed_reasons(portfolio: list[Standing], by: Rules) -> None:
    for one in ranked(portfolio, by, DAY):
        assert one.score == sum(reason.points for reason in one.reasons)
        assert len({reason.code for reason in one.reasons}) == len(one.reasons)
        for reason in one.reasons:
            points = -reason.points if reason.code == Code.TRIED else reason.points
            assert 0 < points <= by.points[reason.code]
            assert reason.text.endswith(".")


@given(st.lists(standings, max_size=20, unique_by=lambda one: one.pk), rules, st.randoms())
def test_the_ranking_does_not_hang_on_the_order_of_the_rows(
    portfolio: list[Standing], by: Rules, chance: Random
) -> None:
    places = [one.standing.pk for one in ranked(portfolio, by, DAY)]
    chance.shuffle(portfolio)
    assert [one.standing.pk for one in ranked(portfolio, by, DAY)] == places
    ordered = [(-one.score, -(one.standing.value or 0), one.standing.pk) for one in ranked(portfolio, by, DAY)]
    assert ordered == sorted(ordered)


@given(standings, late_orders, st.integers(0, 100))
def test_a_later_order_never_has_fewer_points(one: Standing, late: LateOrder, more: int) -> None:
    later = replace(late, last_order_on=late.last_order_on - timedelta(days=more))
    assert score(replace(one, late_order=later)) >= score(replace(one, late_order=late))


@given(standings, days, st.integers(0, 100))
def test_a_more_overdue_call_never_has_fewer_points(one: Standing, due: date, more: int) -> None:
    assert score(replace(one, due_on=due - timedelta(days=more))) >= score(replace(one, due_on=due))


@given(standings, values, values)
def test_what_is_worth_more_never_has_fewer_points(one: Standing, some: Any, other: Any) -> None:
    less, more = sorted((some, other), key=lambda value: value or Decimal(0))
    assert score(replace(one, value=more)) >= score(replace(one, value=less))


@given(standings, st.integers(0, 50))
def test_more_missed_calls_never_have_fewer_points(one: Standing, more: int) -> None:
    assert score(replace(one, missed_calls=one.missed_calls + more)) >= score(one)


@given(standings, rules)
def test_a_reason_without_points_is_none(one: Standing, by: Rules) -> None:
    for code in Code:
        without = replace(by, points={**by.points, code: 0})
        assert code not in {reason.code for reason in reasons_of(one, without, DAY)}


@given(standings)
def test_worth_alone_is_no_reason(one: Standing) -> None:
    assert [reason.code for reason in reasons_of(one, RULES, DAY)] != [Code.HIGH_POTENTIAL]


@given(standings)
def test_nothing_is_said_of_who_was_just_spoken_to_but_what_is_due(one: Standing) -> None:
    said = {reason.code for reason in reasons_of(replace(one, spoken_on=TODAY, ordered_on=None), RULES, DAY)}
    due = {Code.PROMISE_DUE, Code.CADENCE_OVERDUE, Code.MISSED_CALL, Code.HIGH_POTENTIAL, Code.TRIED}
    assert said <= (due | {Code.ORDER_LATE} if Code.PROMISE_DUE in said else due)


@given(standings.filter(lambda one: one.promised_at is not None and one.promised_at > DAY.at))
def test_a_promise_waits_for_its_moment(one: Standing) -> None:
    assert Code.PROMISE_DUE not in {reason.code for reason in reasons_of(one, RULES, DAY)}
    kept = replace(one, promised_at=DAY.at)
    assert score(kept) >= score(one) + POINTS[Code.PROMISE_DUE]


@given(standings, late_orders)
def test_a_promise_ends_the_rest_of_a_late_order(one: Standing, late: LateOrder) -> None:
    over = replace(late, last_order_on=TODAY - timedelta(days=int(late.median_days) + 1))
    resting = replace(one, late_order=over, spoken_on=TODAY, promised_at=None)
    assert Code.ORDER_LATE not in {reason.code for reason in reasons_of(resting, RULES, DAY)}
    promised = replace(resting, promised_at=DAY.at)
    assert Code.ORDER_LATE in {reason.code for reason in reasons_of(promised, RULES, DAY)}


@given(standings, moments, rules)
def test_to_have_been_tried_takes_points_off_and_makes_nothing_appear(
    one: Standing, tried: datetime, by: Rules
) -> None:
    fresh = reasons_of(replace(one, attempted_at=None), by, DAY)
    after = reasons_of(replace(one, attempted_at=tried), by, DAY)
    assert tuple(reason for reason in after if reason.code != Code.TRIED) == fresh
    assert bool(after) == bool(fresh)
    assert sum(reason.points for reason in after) <= sum(reason.points for reason in fresh)


@given(standings, moments, st.integers(0, 600))
def test_the_longer_ago_it_was_tried_the_less_it_counts(one: Standing, tried: datetime, more: int) -> None:
    earlier = replace(one, attempted_at=tried - timedelta(minutes=more))
    assert score(earlier) >= score(replace(one, attempted_at=tried))


@pytest.mark.parametrize(
    ("minutes", "points", "words"),
    [
        (-4, -30, "just now"),
        (0, -30, "just now"),
        (1, -30, "1 minute ago"),
        (20, -28, "20 minutes ago"),
        (120, -15, "120 minutes ago"),
        (239, -1, "239 minutes ago"),
        (240, None, ""),
    ],
)
def test_it_takes_off_less_with_each_minute(minutes: int, points: int | None, words: str) -> None:
    tried = DAY.at - timedelta(minutes=minutes)
    reasons = {
        reason.code: reason for reason in reasons_of(Standing(1, is_new_lead=True, attempted_at=tried), RULES, DAY)
    }
    if points is None:
        assert Code.TRIED not in reasons
        return
    assert reasons[Code.TRIED].points == points
    assert reasons[Code.TRIED].text == f"Tried {words}; nobody answered."
    assert reasons[Code.TRIED].facts == {"attempted_at": tried, "minutes_since": max(0, minutes)}
    assert list(reasons)[-1] == Code.TRIED


@given(st.lists(st.sampled_from([None, 1, 2])), st.integers(-3, 10), st.integers(-3, 10))
def test_a_day_holds_the_first_calls_of_each(owners: list[int | None], first: int, second: int) -> None:
    later = list(left_for_tomorrow(owners, {1: first, 2: second}))
    assert len(later) == len(owners)
    for owner, room in ((1, first), (2, second)):
        theirs = [left for left, whose in zip(later, owners, strict=True) if whose == owner]
        assert theirs == [number >= room for number in range(len(theirs))]
    assert not any(left for left, whose in zip(later, owners, strict=True) if whose is None)


@pytest.mark.parametrize(
    ("since", "words"), [(1, "it was due 1 day ago"), (0, "it is due today"), (9, "it was due 9 days ago")]
)
def test_it_says_days_as_people_do(since: int, words: str) -> None:
    one = Standing(pk=1, due_on=TODAY - timedelta(days=since), spoken_on=TODAY)
    assert reasons_of(one, RULES, DAY)[0].text == f"To be called every day; {words}."
