"""Our tables as SQLAlchemy sees them: the columns that the peer in FastAPI needs, and whose rows somebody sees."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Select,
    Table,
    Text,
    Uuid,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
MOMENT = DateTime(timezone=True)


def _table(name: str, /, **columns: Any) -> Table:
    return Table(name, metadata, *(Column(one, kind, primary_key=one == "id") for one, kind in columns.items()))


users = _table(
    "kams_user",
    id=BigInteger,
    role=Text,
    team_id=BigInteger,
    timezone=Text,
    is_superuser=Boolean,
    is_active=Boolean,
    token_generation=Integer,
)
sessions = _table("kams_session", id=Uuid, user_id=BigInteger, revoked_at=MOMENT)
teams = _table("kams_team", id=BigInteger, parent_id=BigInteger, manager_id=BigInteger)
covers = _table(
    "leads_cover", absent_id=BigInteger, covering_id=BigInteger, starts_at=MOMENT, ends_at=MOMENT, archived_at=MOMENT
)
shares = _table("leads_collaboration", restaurant_id=BigInteger, kam_id=BigInteger, archived_at=MOMENT)
restaurants = _table(
    "leads_restaurant",
    id=BigInteger,
    name=Text,
    address=Text,
    city=Text,
    state=Text,
    pincode=Text,
    country=Text,
    region=Text,
    timezone=Text,
    opening_hours=JSONB,
    contact_person=Text,
    phone=Text,
    email=Text,
    lead_status=Text,
    potential_revenue=Numeric(asdecimal=False),
    notes=Text,
    assigned_to_id=BigInteger,
    cuisine_type=Text,
    restaurant_type=Text,
    source=Text,
    notify_contacts=Boolean,
    parent_id=BigInteger,
    created_by_id=BigInteger,
    created_at=MOMENT,
    updated_at=MOMENT,
    version=Integer,
    search_text=Text,
    archived_at=MOMENT,
)
contacts = _table("contact_contact", id=BigInteger, restaurant_id=BigInteger, archived_at=MOMENT)
interactions = _table(
    "interaction_tracking_interaction",
    id=BigInteger,
    lead_id=BigInteger,
    contact_id=BigInteger,
    kam_id=BigInteger,
    interaction_type=Text,
    status=Text,
    details=Text,
    outcome=Text,
    order_placed=Boolean,
    date=MOMENT,
    duration_seconds=Integer,
    call_plan_id=BigInteger,
    due_at=MOMENT,
    created_at=MOMENT,
    updated_at=MOMENT,
    version=Integer,
    archived_at=MOMENT,
)
participants = _table(
    "interaction_tracking_interaction_participants", id=BigInteger, interaction_id=BigInteger, contact_id=BigInteger
)
plans = _table(
    "call_planning_callplan",
    id=BigInteger,
    lead_id=BigInteger,
    frequency=Text,
    interval_days=Integer,
    last_called=MOMENT,
    next_call_date=MOMENT,
    attempts=Integer,
    call_back_at=MOMENT,
    notes=Text,
    snoozed_until=MOMENT,
    snooze_reason=Text,
    created_at=MOMENT,
    updated_at=MOMENT,
    version=Integer,
    archived_at=MOMENT,
)


def shown(table: Table, names: tuple[str, ...], keys: frozenset[str]) -> list[Any]:
    return [table.c[f"{name}_id"].label(name) if name in keys else table.c[name] for name in names]


def caller(user: int, session: Any) -> Select[Any]:
    """Who asks, with what they cover and share."""
    now = func.now()
    running = (covers.c.covering_id == users.c.id, covers.c.archived_at.is_(None))
    covered = select(covers.c.absent_id).where(*running, covers.c.ends_at > now, covers.c.starts_at <= now)
    shared = select(shares.c.restaurant_id).where(shares.c.kam_id == users.c.id, shares.c.archived_at.is_(None))
    found = select(users, func.array(covered.scalar_subquery()), func.array(shared.scalar_subquery()))
    return found.join(sessions, sessions.c.user_id == users.c.id).where(
        users.c.id == user, sessions.c.id == session, sessions.c.revoked_at.is_(None)
    )


def _people_of(person: Any) -> Select[Any]:
    below = select(teams.c.id).where(or_(teams.c.manager_id == person.id, teams.c.id == person.team_id))
    found = below.cte("below", recursive=True)
    found = found.union(select(teams.c.id).join(found, teams.c.parent_id == found.c.id))
    return select(users.c.id).where(or_(users.c.id == person.id, users.c.team_id.in_(select(found.c.id))))


def visible(person: Any) -> list[Any]:
    """The conditions that a restaurant is one this person sees."""
    alive = restaurants.c.archived_at.is_(None)
    if person.role in {"ADMIN", "ANALYST"}:
        return [alive]
    owner = restaurants.c.assigned_to_id
    own = owner.in_(_people_of(person)) if person.role == "MANAGER" else owner == person.id
    lent = [restaurants.c.id.in_(person.shared), owner.in_(person.covered)]
    return [alive, or_(own, owner.is_(None), *lent)]


def listed(person: Any) -> list[Any]:
    """As `visible`, but a KAM's list leaves out the pool."""
    if person.role != "KAM":
        return visible(person)
    owner = restaurants.c.assigned_to_id
    own = owner.in_([person.id, *person.covered]) if person.covered else owner == person.id
    return [
        restaurants.c.archived_at.is_(None),
        or_(own, restaurants.c.id.in_(person.shared)) if person.shared else own,
    ]
