"""Moments for the laws about time: more of them near clock changes than chance would give."""

from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

PLACES = tuple(
    ZoneInfo(name)
    for name in (
        "Asia/Kolkata",
        "Asia/Dubai",
        "Europe/London",
        "America/New_York",
        "Australia/Sydney",
        "America/Sao_Paulo",
    )
)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2036, 12, 31, tzinfo=UTC)


def moments_in(*zones: ZoneInfo) -> st.SearchStrategy[tuple[datetime, ZoneInfo]]:
    return st.sampled_from(zones).flatmap(lambda zone: st.tuples(_moments(zone), st.just(zone)))


def _moments(zone: ZoneInfo) -> st.SearchStrategy[datetime]:
    anywhere = st.datetimes(_FIRST.replace(tzinfo=None), _LAST.replace(tzinfo=None), timezones=st.just(UTC))
    if not (changes := _changes(zone)):
        return anywhere
    nearby = st.timedeltas(timedelta(days=-2), timedelta(days=2))
    return anywhere | st.builds(datetime.__add__, st.sampled_from(changes), nearby)


@cache
def _changes(zone: ZoneInfo) -> list[datetime]:
    days = [_FIRST + timedelta(days=number) for number in range((_LAST - _FIRST).days)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, (before, after) in zip(days, pairwise(offsets), strict=False) if before != after]


def shows(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone ever show this, that is, no clock change skips it."""
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall
