"""Laws of suggestions, whatever the people and the places."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from leads.suggestions import (
    HOURS_POINTS,
    LOAD_POINTS,
    PLACE_POINTS,
    WORKING_DAY,
    Candidate,
    Place,
    load_reason,
    ranked,
    shared_minutes,
)

ZONES = st.sampled_from(
    ["UTC", "Asia/Kolkata", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"]
).map(ZoneInfo)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is added
PLACES = st.builds(Place, ZONES, st.just("Pune"), st.just("Maharashtra"))


@st.composite
def candidates(draw: st.DrawFn, pk: int = 1) -> Candidate:
    in_city = draw(st.integers(0, 30))
    in_state = in_city + draw(st.integers(0, 30))
    load = in_state + draw(st.integers(0, 100))
    return Candidate(pk, f"kam{pk}", draw(ZONES), load, in_city, in_state)


CROWDS = st.integers(0, 6).flatmap(lambda size: st.tuples(*(candidates(pk) for pk in range(1, size + 1))))


@given(CROWDS, PLACES, MOMENTS, st.randoms())
def test_it_ranks_the_same_in_whatever_order_people_come(
    crowd: tuple[Candidate, ...], place: Place, at: datetime, random: Random
) -> None:
    shuffled = random.sample(list(crowd), len(crowd))
    assert ranked(shuffled, place, at=at) == ranked(crowd, place, at=at)


@given(CROWDS, PLACES, MOMENTS)
def test_it_names_everybody_once_best_first(crowd: tuple[Candidate, ...], place: Place, at: datetime) -> None:
    found = ranked(crowd, place, at=at)
    assert {one.candidate.pk for one in found} == {one.pk for one in crowd}
    order = [(-one.score, one.candidate.pk) for one in found]
    assert order == sorted(order)
    for one in found:
        limits = zip(one.reasons, (HOURS_POINTS, LOAD_POINTS, PLACE_POINTS), strict=True)
        assert all(0 <= reason.points <= most for reason, most in limits)
        assert one.record()["score"] == sum(reason.points for reason in one.reasons)


@given(ZONES, ZONES, MOMENTS)
def test_it_shares_hours_both_ways(one: ZoneInfo, other: ZoneInfo, at: datetime) -> None:
    assert shared_minutes(one, other, at=at) == shared_minutes(other, one, at=at)
    assert shared_minutes(one, one, at=at) == WORKING_DAY
    assert 0 <= shared_minutes(one, other, at=at) <= WORKING_DAY


@given(candidates(), st.integers(1, 50), st.floats(0, 500))
def test_it_never_gives_more_for_more_load(one: Candidate, more: int, middle: float) -> None:
    busier = replace(one, load=one.load + more)
    assert load_reason(busier, middle=middle).points <= load_reason(one, middle=middle).points
    assert load_reason(replace(one, load=0), middle=middle).points == LOAD_POINTS


@given(CROWDS, candidates(99), PLACES, MOMENTS)
def test_it_never_ranks_lower_for_one_more_in_the_city(
    crowd: tuple[Candidate, ...], one: Candidate, place: Place, at: datetime
) -> None:
    def rank(who: Candidate) -> int:
        return [found.candidate.pk for found in ranked([*crowd, who], place, at=at)].index(99)

    # One elsewhere in the state is exchanged for one in the city: the load stays.
    exchanged = replace(one, in_city=min(one.in_city + 1, one.in_state))
    assert rank(exchanged) <= rank(one)
