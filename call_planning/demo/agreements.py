"""What the people of the demo have agreed on: when somebody can be called, what waits, and who stands in for whom.

It has dice of its own, so that the rest of the demo is the same with it and without.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from call_planning.demo.chance import Chance
from call_planning.demo.lives import Life
from call_planning.demo.people import KAM, MANAGER
from call_planning.demo.plans import Due, Planned
from call_planning.models import Block
from common.clock import local_date, resolve
from common.hours import DAYS
from contact.models import Contact
from kams.models import User
from leads.choices import CLOSED
from leads.models import Collaboration, Cover, Restaurant

_ONE_DAY = timedelta(days=1)
_TO_DO = 2  # overdue calls that stay to be seen


def _on(days: Sequence[str], *spans: str) -> dict[str, list[list[str]]]:
    return {day: [span.split("-") for span in spans] for day in days}


# When restaurants of these types are open, where somebody has asked them.
_OPEN = {
    "Café": _on(DAYS[1:], "08:00-18:00"),
    "Bar and grill": _on(DAYS[1:], "16:00-01:00"),
    "Fine dining": _on(DAYS[1:], "12:00-15:00", "18:30-23:00"),
    "Cloud kitchen": _on(DAYS, "10:00-00:00"),
    "Caterer": _on(DAYS[:5], "07:00-16:00"),
}
# When people like to be called, if they have said so.
_WINDOWS = (_on(DAYS[:5], "15:00-17:30"), _on(DAYS[:5], "09:00-11:00"), _on(("tue", "thu"), "10:00-17:00"))


def say_hours(rows: Mapping[Life, Restaurant], people: Mapping[Life, Sequence[Contact]], *, chance: Chance) -> None:
    """Some restaurants have said when they are open, and some people when they like to be called."""
    for life, row in rows.items():
        if life.kind in _OPEN and chance.happens(0.6):
            row.opening_hours = _OPEN[life.kind]
        if chance.happens(0.15):
            people[life][0].call_window = chance.choice(_WINDOWS)


def put_off(plans: Mapping[Life, Planned], wanted: Mapping[Life, Due], *, now: datetime) -> Life:
    """One plan of the KAM whom people log in as: an overdue one, unless that leaves too little to do."""
    own = [life for life in plans if life.kam is not None and life.kam.username == KAM and _is_called(life)]
    overdue = [life for life in own if wanted[life] == Due.OVERDUE]
    chosen = (overdue[_TO_DO:] or [life for life in own if life not in overdue])[-1]
    plan = plans[chosen].plan
    plan.snoozed_until, plan.snooze_reason = _morning(chosen.kam, now, days=3), "The owner is at a wedding until then."
    plan.updated_at, plan.version = now, plan.version + 1
    return chosen


def blocks(rows: Mapping[Life, Restaurant], *, but: Life, now: datetime) -> Iterator[Block]:
    """One that runs, and one to come."""
    own = [life for life in rows if life.kam is not None and life.kam.username == KAM and _is_called(life)]
    spells = ((-1, 12, "Closed for renovation."), (5, 7, "A wedding takes the whole house."))
    for life, (first, last, reason) in zip((life for life in reversed(own) if life is not but), spells, strict=False):
        made = now - _ONE_DAY
        yield Block(
            restaurant=rows[life],
            starts_at=_morning(life.kam, now, days=first),
            ends_at=_morning(life.kam, now, days=last),
            reason=reason,
            made_by=life.kam,
            created_at=made,
            updated_at=made,
        )


def collaborations(rows: Mapping[Life, Restaurant], users: Sequence[User], *, now: datetime) -> Iterator[Collaboration]:
    """The KAM whom people log in as works on a colleague's restaurant."""
    people = {user.username: user for user in users}
    theirs = next(life for life in rows if life.kam == people["rohan.kapoor"] and _is_called(life))
    since = now - 9 * _ONE_DAY
    yield Collaboration(
        restaurant=rows[theirs],
        kam=people[KAM],
        added_by=theirs.kam,
        reason="She knows the owner.",
        created_at=since,
        updated_at=since,
    )


def covers(users: Sequence[User], *, now: datetime) -> Iterator[Cover]:
    """Somebody is away, and a colleague does their work."""
    people = {user.username: user for user in users}
    absent, since = people["kavya.reddy"], now - 2 * _ONE_DAY
    yield Cover(
        absent=absent,
        covering=people["arjun.iyer"],
        starts_at=since,
        ends_at=_morning(absent, now, days=6),
        reason="On leave.",
        made_by=people[MANAGER],
        begin_told_at=since,
        created_at=since,
        updated_at=since,
    )


def _is_called(life: Life) -> bool:
    return life.status not in CLOSED and life.archived_at is None


def _morning(kam: Any, now: datetime, *, days: int) -> datetime:
    """Nine by the KAM's clock, so many days from today."""
    return resolve(datetime.combine(local_date(now, kam.zone) + days * _ONE_DAY, time(9)), kam.zone)
