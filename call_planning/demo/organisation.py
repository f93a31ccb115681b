"""The whole of the demo: every row, and how the rows get into the database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Model

from call_planning.demo.agreements import blocks, collaborations, covers, put_off, say_hours
from call_planning.demo.chance import Chance
from call_planning.demo.history import Event, History
from call_planning.demo.lives import Life, lives
from call_planning.demo.people import hire
from call_planning.demo.plans import Planned, dues, planned
from call_planning.demo.restaurants import allocations, contacts, restaurant, status_changes
from call_planning.models import Block, CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from kams.models import Team, User
from leads.models import Allocation, Collaboration, Cover, Restaurant, StatusChange

Tables = Mapping[type[Model], Sequence[Any]]  # each table's own rows
Row = TypeVar("Row", bound=Model)
Participant = Interaction.participants.through

_SEED = 7
_BATCH = 500


def organisation(*, now: datetime) -> Tables:
    """Every row by its table; the rows of a table are numbered from 1."""
    chance = Chance(_SEED)
    teams, users = hire(now=now)
    known = lives(users, now=now, chance=chance)
    rows = {life: restaurant(life, chance=chance) for life in known}
    people = _people(rows, chance=chance)
    wanted = dues(known, chance=chance)
    plans = {
        life: planned(life, rows[life], due, pk=pk, now=now, chance=chance)
        for pk, (life, due) in enumerate(wanted.items(), start=1)
    }
    events = list(_events(people, plans, now=now, chance=chance))
    events.sort(key=lambda event: event.date)
    say_hours(rows, people, chance=Chance(_SEED))
    waiting = put_off(plans, wanted, now=now)
    return {
        Team: teams,
        User: users,
        Restaurant: list(rows.values()),
        StatusChange: _numbered(step for life in known for step in status_changes(life, chance=chance)),
        Allocation: _numbered(spell for life, row in rows.items() for spell in allocations(life, row)),
        Contact: [person for persons in people.values() for person in persons],
        Collaboration: _numbered(collaborations(rows, users, now=now)),
        Cover: _numbered(covers(users, now=now)),
        Block: _numbered(blocks(rows, but=waiting, now=now)),
        CallPlan: [plan for plan, _ in plans.values()],
        Interaction: [_interaction(event, plans, pk=pk) for pk, event in enumerate(events, start=1)],
        Participant: _numbered(
            Participant(interaction_id=pk, contact_id=person.pk)
            for pk, event in enumerate(events, start=1)
            for person in event.participants
        ),
        Order: [
            Order(interaction_id=pk, order_date=event.date, **event.basket._asdict())
            for pk, event in enumerate(events, start=1)
            if event.basket
        ],
    }


def _numbered(rows: Iterable[Row]) -> list[Row]:
    numbered = list(rows)
    for pk, row in enumerate(numbered, start=1):
        row.pk = pk
    return numbered


def _people(rows: Mapping[Life, Restaurant], *, chance: Chance) -> dict[Life, list[Contact]]:
    """The contacts of each restaurant; head offices come first, because branches report to them."""
    keys, people = count(1), dict[Life, list[Contact]]()
    for life in sorted(rows, key=lambda life: life.head is not None):
        above = people[life.earlier_head] if life.earlier_head else []
        people[life] = contacts(life, rows[life], above=above, keys=keys, chance=chance)
    return people


def _events(
    people: Mapping[Life, list[Contact]], plans: Mapping[Life, Planned], *, now: datetime, chance: Chance
) -> Iterator[Event]:
    for life, own in people.items():
        head_office = people[life.earlier_head] if life.earlier_head else []
        history = History(life, own, head_office, now, chance)
        yield from history.events(plans[life].calls if life in plans else [])


def _interaction(event: Event, plans: Mapping[Life, Planned], *, pk: int) -> Interaction:
    return Interaction(
        pk=pk,
        lead_id=event.life.pk,
        contact=event.contact,
        kam=event.life.kam_at(event.date),
        interaction_type=event.kind,
        status=event.status,
        details=event.details,
        outcome=event.outcome,
        order_placed=event.brought_order,
        date=event.date,
        duration_seconds=event.seconds,
        call_plan=plans[event.life].plan if event.by_plan else None,
        due_at=event.date if event.by_plan else None,
        created_at=event.recorded_at,
        updated_at=event.recorded_at,
    )


def write(tables: Tables, *, advance: Callable[[type[Model], int], None]) -> None:
    """Insert the rows; `advance` hears of each batch. The caller holds the transaction.

    Teams and their managers point at each other, so the references are checked at the end, as `loaddata` does.
    """
    with connection.constraint_checks_disabled():
        for model, rows in tables.items():
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                model._base_manager.bulk_create(batch)
                advance(model, len(batch))
    connection.check_constraints([model._meta.db_table for model in tables])
    # Where a sequence gives the numbers, it has to go on after ours.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
