"""The people of the tests, and builders for what they look after.

The cast: `asha` a KAM, `bela` her colleague, `carl` a KAM of another team, `maya` who manages Asha's and Bela's
team, `nora` the analyst, `root` the admin. Builders go through the verbs, as the product does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from itertools import count
from typing import Any

from django.db.transaction import atomic
from django.test import Client
from django.test.client import ClientHandler
from rest_framework_simplejwt.tokens import AccessToken

from call_planning.models import CallPlan, PlannedCall
from contact.models import Contact
from interaction_tracking.models import Interaction
from kams.choices import Role
from kams.models import Team, User
from leads.models import Collaboration, Cover, Restaurant

NOON = datetime(2024, 12, 28, 12, tzinfo=UTC)  # a Saturday
PASSWORD = "correct horse battery"  # of nobody
_numbers = count(1)

# The published example of a restaurant, without who it is assigned to.
RESTAURANT = {
    "name": "The Great Restaurant",
    "address": "123 Food Street",
    "city": "New York",
    "state": "New York",
    "pincode": "10001",
    "contact_person": "John Doe",
    "phone": "+1234567890",
    "email": "johndoe@example.com",
    "lead_status": "NEW",
    "potential_revenue": 5000.00,
    "notes": "Interested in premium features.",
}


class Api:
    """A caller of the API: JSON in, JSON out, through the whole stack with a real token."""

    def __init__(self, token: str | None = None) -> None:
        self.client = Client(raise_request_exception=False)
        self.client.handler = _handler()
        self.token = token

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send a request; header names are written with underscores, such as `If_Match`."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        raw = body if isinstance(body, str | bytes) else "" if body is None else json.dumps(body, default=float)
        return self.client.generic(method, path, raw, content_type="application/json", headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self("DELETE", path, **headers)


@cache
def _handler() -> ClientHandler:
    """One for all: to load the middleware takes whitenoise fifty milliseconds."""
    return ClientHandler(enforce_csrf_checks=False)


def api(user: User | None = None) -> Api:
    """The API as this person calls it; as nobody, without a token."""
    return Api(token_for(user) if user else None)


def token_for(user: User) -> str:
    token = AccessToken.for_user(user)
    token["generation"] = user.token_generation
    return str(token)


def person(name: str = "", *, role: str = Role.KAM, team: Team | None = None, **fields: Any) -> User:
    name = name or f"person{next(_numbers)}"
    return User.objects.create_user(name, f"{name}@kams.example", None, role=role, team=team, **fields)  # type: ignore[no-any-return]


@dataclass
class Cast:
    """Six people in two teams; made on first use, one by one."""

    @cached_property
    def root(self) -> User:
        return User.objects.create_superuser("root", "root@kams.example", None)

    @cached_property
    def south(self) -> Team:
        south: Team = Team.objects.create(name="South")
        return south

    @cached_property
    def north(self) -> Team:
        north: Team = Team.objects.create(name="North")
        return north

    @cached_property
    def asha(self) -> User:
        return person("asha", team=self.south)

    @cached_property
    def bela(self) -> User:
        return person("bela", team=self.south)

    @cached_property
    def carl(self) -> User:
        return person("carl", team=self.north)

    @cached_property
    def maya(self) -> User:
        maya = person("maya", role=Role.MANAGER)
        self.south.revise(by=self.root, at=NOON, manager=maya)
        return maya

    @cached_property
    def nora(self) -> User:
        return person("nora", role=Role.ANALYST)

    def everybody(self) -> dict[str, User]:
        names = ("root", "asha", "bela", "carl", "maya", "nora")
        return {name: getattr(self, name) for name in names}


def restaurant(owner: User | None = None, *, by: User | None = None, at: datetime = NOON, **fields: Any) -> Restaurant:
    """A restaurant of this person, or, without an owner, of the pool."""
    maker = by or owner or person(role=Role.ADMIN)
    given = {**RESTAURANT, "potential_revenue": Decimal("5000.00"), "name": f"Restaurant {next(_numbers)}", **fields}
    with atomic():  # who gets it is locked, and not every test runs in a transaction
        return Restaurant.objects.add(by=maker, at=at, assigned_to=owner, **given)


def contact(of: Restaurant, *, at: datetime = NOON, **fields: Any) -> Contact:
    given = {"name": f"Contact {next(_numbers)}", "role": "Manager", "email": "john.doe@example.com", **fields}
    maker: Any = of.created_by
    return Contact.objects.add(restaurant=of, by=maker, at=at, **given)


def interaction(with_: Contact, *, at: datetime = NOON, **fields: Any) -> Interaction:
    given = {"interaction_type": "CALL", "details": "Followed up.", "date": at, **fields}
    lead = with_.restaurant
    return Interaction.objects.add(lead=lead, contact=with_, by=lead.created_by, at=at, **given)


def call_plan(of: Restaurant, *, at: datetime = NOON, **fields: Any) -> CallPlan:
    given = {"frequency": "DAILY", **fields}
    maker: Any = of.created_by
    return CallPlan.objects.add(lead=of, by=maker, at=at, **given)


def planned(
    at: Restaurant, due_at: datetime, status: str = "PLANNED", date: datetime | None = None, **fields: Any
) -> Any:
    """A call that the plan of this restaurant asked for, and what became of it."""
    return PlannedCall.objects.create(
        lead=at,
        call_plan=at.call_plans.first() or call_plan(at),
        interaction_type="CALL",
        status=status,
        due_at=due_at,
        date=date or due_at,
        **{"details": "Call as planned.", **fields},
    )


def collaboration(of: Restaurant, kam: User, *, by: User, at: datetime = NOON, **fields: Any) -> Collaboration:
    return Collaboration.objects.add(restaurant=of, kam=kam, by=by, at=at, **fields)


def cover(absent: User, covering: User, *, by: User | None = None, at: datetime = NOON, **fields: Any) -> Cover:
    """From now on, for a week, unless said otherwise."""
    given = {"ends_at": at + timedelta(days=7), **fields}
    return Cover.objects.add(absent=absent, covering=covering, by=by or absent, at=at, **given)
