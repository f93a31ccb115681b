"""The peer in FastAPI, SQLAlchemy 2 core with asyncpg, and pydantic, for uvicorn."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import and_, case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from benchmarks.peers.shapes import ACCOUNT, CLOSED, INTERACTION, KEYS, PAGE, PERFORMS_FROM, PLAN, RESTAURANT
from benchmarks.peers.tables import (
    caller,
    contacts,
    interactions,
    listed,
    participants,
    plans,
    restaurants,
    shown,
    visible,
)

KEY = os.environ["JWT_SIGNING_KEY"]
# The driver takes options of the server one by one.
SERVER_SETTINGS = dict(one.split("=", 1) for one in os.environ["BENCH_DATABASE_OPTIONS"].split() if "=" in one)
engine = create_async_engine(
    os.environ["DATABASE_URL"].replace("postgres://", "postgresql+asyncpg://"),
    pool_size=8,
    isolation_level="AUTOCOMMIT",
    connect_args={"server_settings": {**SERVER_SETTINGS, "application_name": os.environ["BENCH_APPLICATION"]}},
)
app = FastAPI()


class Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Restaurant(Shown):
    id: int
    name: str
    address: str
    city: str
    state: str
    pincode: str
    country: str
    region: str
    timezone: str
    opening_hours: dict[str, Any]
    contact_person: str
    phone: str
    email: str
    lead_status: str
    potential_revenue: float | None
    notes: str
    assigned_to: int | None
    cuisine_type: str | None
    restaurant_type: str | None
    source: str
    notify_contacts: bool
    parent: int | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    version: int


class Plan(Shown):
    id: int
    lead: int
    frequency: str
    interval_days: int | None
    last_called: datetime | None
    next_call_date: datetime
    is_overdue: bool
    snoozed_until: datetime | None
    snooze_reason: str
    attempts: int
    call_back_at: datetime | None
    notes: str
    created_at: datetime
    updated_at: datetime
    version: int


class Pattern(Shown):
    restaurant_id: int
    name: str
    orders_last_month: int
    orders_this_month: int


class Account(Shown):
    id: int
    name: str
    lead_status: str
    potential_revenue: float
    cuisine_type: str | None
    restaurant_type: str | None


class NewInteraction(BaseModel):
    lead: int
    contact: int
    interaction_type: str
    details: str
    order_placed: bool = False
    date: datetime


class ChangedInteraction(BaseModel):
    details: str


class Interaction(Shown):
    id: int
    lead: int
    contact: int | None
    kam: int | None
    interaction_type: str
    status: str
    details: str
    outcome: str
    order_placed: bool
    date: datetime
    duration_seconds: int | None
    call_plan: int | None
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    participants: list[int] = []
    order: None = None


@dataclass
class Person:
    id: int
    role: str
    team_id: int | None
    zone: ZoneInfo
    covered: list[int]
    shared: list[int]


async def connected() -> AsyncIterator[AsyncConnection]:
    async with engine.connect() as connection:
        yield connection


Connected = Annotated[AsyncConnection, Depends(connected)]


async def who_asks(connection: Connected, authorization: Annotated[str, Header()]) -> Person:
    refused = HTTPException(401)
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), KEY, algorithms=["HS256"])
        key, session = int(claims["user_id"]), UUID(claims["session"])
    except (jwt.InvalidTokenError, LookupError, ValueError):
        raise refused from None
    row = (await connection.execute(caller(key, session))).first()
    if row is None or claims.get("token_type") != "access":
        raise refused
    *_, covered, shared = row
    if not row.is_active or row.token_generation != claims["generation"]:
        raise refused
    role = "ADMIN" if row.is_superuser else row.role
    return Person(row.id, role, row.team_id, ZoneInfo(row.timezone), covered, shared)


Asking = Annotated[Person, Depends(who_asks)]


@app.get("/lead/restaurants/", response_model=list[Restaurant])
async def list_restaurants(
    person: Asking,
    connection: Connected,
    status: str | None = None,
    search: str | None = None,
    after: int | None = None,
    page_size: int = PAGE,
) -> Any:
    found = select(*shown(restaurants, RESTAURANT, KEYS)).where(*listed(person))
    if status is not None:
        found = found.where(restaurants.c.lead_status == status)
    if search is not None:
        found = found.where(restaurants.c.search_text.contains(search.lower(), autoescape=True))
    if after is not None:
        found = found.where(restaurants.c.id > after)
    return (await connection.execute(found.order_by(restaurants.c.id).limit(page_size + 1))).all()[:page_size]


@app.get("/lead/restaurants/{key}/", response_model=Restaurant)
async def show_restaurant(key: int, person: Asking, connection: Connected) -> Any:
    found = select(*shown(restaurants, RESTAURANT, KEYS)).where(*visible(person), restaurants.c.id == key)
    row = (await connection.execute(found)).first()
    if row is None:
        raise HTTPException(404)
    return row


@app.get("/call/today/", response_model=list[Plan])
async def list_today(person: Asking, connection: Connected, page_size: int = PAGE) -> Any:
    morning = datetime.now(person.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = morning + timedelta(days=1)
    until = plans.c.snoozed_until
    found = (
        select(
            *shown(plans, PLAN, KEYS),
            (plans.c.next_call_date < morning).label("is_overdue"),
            case((until > func.now(), until)).label("snoozed_until"),
            case((until > func.now(), plans.c.snooze_reason), else_="").label("snooze_reason"),
        )
        .join(restaurants, restaurants.c.id == plans.c.lead_id)
        .where(*listed(person), plans.c.archived_at.is_(None), plans.c.next_call_date < tonight)
        .where(restaurants.c.lead_status.not_in(CLOSED), until.is_(None) | (until < tonight))
    )
    ordered = found.order_by(plans.c.next_call_date, plans.c.id).limit(page_size + 1)
    return (await connection.execute(ordered)).all()[:page_size]


def _orders(since: datetime, until: datetime) -> Any:
    made = interactions.c
    counted = select(func.count()).where(
        made.lead_id == restaurants.c.id, made.order_placed, made.archived_at.is_(None), made.status == "DONE"
    )
    return counted.where(made.date >= since, made.date < until).scalar_subquery()


@app.get("/performance/order-patterns/", response_model=list[Pattern])
async def list_patterns(
    person: Asking, connection: Connected, ordering: str | None = None, page_size: int = PAGE
) -> Any:
    this = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before, after = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=32)).replace(day=1)
    found = select(
        restaurants.c.id.label("restaurant_id"),
        restaurants.c.name,
        _orders(before, this).label("orders_last_month"),
        _orders(this, after).label("orders_this_month"),
    ).where(*listed(person))
    if ordering == "-orders_this_month":
        found = found.order_by(found.selected_columns.orders_this_month.desc(), restaurants.c.id.desc())
    else:
        found = found.order_by(restaurants.c.id)
    return (await connection.execute(found.limit(page_size + 1))).all()[:page_size]


@app.get("/performance/performing-accounts/", response_model=list[Account])
async def list_performing(person: Asking, connection: Connected, page_size: int = PAGE) -> Any:
    worth = restaurants.c.potential_revenue
    found = select(*shown(restaurants, ACCOUNT, KEYS)).where(
        *listed(person), restaurants.c.lead_status == "CONVERTED", worth >= PERFORMS_FROM
    )
    ordered = found.order_by(worth.desc(), restaurants.c.id.desc()).limit(page_size + 1)
    return (await connection.execute(ordered)).all()[:page_size]


@app.post("/track/interactions/", response_model=Interaction, status_code=201)
async def add_interaction(given: NewInteraction, person: Asking, connection: Connected) -> Any:
    known = select(restaurants.c.id).join(
        contacts, and_(contacts.c.restaurant_id == restaurants.c.id, contacts.c.archived_at.is_(None))
    )
    known = known.where(*visible(person), restaurants.c.id == given.lead, contacts.c.id == given.contact)
    if (await connection.execute(known)).first() is None:
        raise HTTPException(400)
    now = datetime.now(UTC)
    values = given.model_dump() | {"created_at": now, "updated_at": now, "version": 1, "status": "DONE", "outcome": ""}
    keys = {"lead_id": values.pop("lead"), "contact_id": values.pop("contact"), "kam_id": person.id}
    added = insert(interactions).values(**values, **keys).returning(*shown(interactions, INTERACTION, KEYS))
    return (await connection.execute(added)).one()


@app.patch("/track/interactions/{key}/", response_model=Interaction)
async def change_interaction(key: int, given: ChangedInteraction, person: Asking, connection: Connected) -> Any:
    made = interactions.c
    seen = made.lead_id.in_(select(restaurants.c.id).where(*visible(person)))
    values = given.model_dump() | {"updated_at": datetime.now(UTC), "version": made.version + 1}
    changed = update(interactions).where(made.id == key, made.archived_at.is_(None), seen).values(**values)
    row = (await connection.execute(changed.returning(*shown(interactions, INTERACTION, KEYS)))).first()
    if row is None:
        raise HTTPException(404)
    there = select(participants.c.contact_id).where(participants.c.interaction_id == key)
    found = await connection.execute(there.order_by(participants.c.contact_id))
    return {**row._mapping, "participants": found.scalars().all()}
