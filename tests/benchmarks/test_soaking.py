"""What a soak calls steady."""

import pytest

from benchmarks.soaking import Minute, Steadiness
from benchmarks.users import Asked


def minute(number: int, megabytes: float) -> Minute:
    sizes = [90.0, megabytes]
    return Minute(number, 60, {"200": 60}, 0, 30.0, 60.0, 20.0, sizes, connections=8, load=1.0)


def steadiness(*, later: float = 0.1, megabytes: float = 100.0) -> Steadiness:
    """Of seven minutes: in the first, which does not count, everything takes a minute."""
    minutes = [minute(number, 100.0 if number < 5 else megabytes) for number in range(7)]
    rows = [
        Asked("list", 200, 60.0 * number + second, 60.0 if number == 0 else 0.1 if number < 5 else later)
        for number in range(7)
        for second in range(60)
    ]
    return Steadiness.of(minutes, rows, after=1)


def test_it_is_steady_where_nothing_changes() -> None:
    found = steadiness()
    assert found.steady
    assert found.kinds["list"]["first"] == found.kinds["list"]["last"] == [100.0, 100.0]
    assert found.kinds["list"]["requests"] == [120, 120]


@pytest.mark.parametrize("change", [{"later": 0.2}, {"megabytes": 115.0}])
def test_it_is_not_where_answers_or_processes_have_grown(change: dict[str, float]) -> None:
    found = steadiness(**change)
    assert not found.steady
    assert "Not steady." in found.text()
