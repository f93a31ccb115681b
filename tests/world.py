"""A small organisation with one of everything, for the tests that go over every endpoint.

Seven people look at four accounts: Asha's, one in the pool, one of Asha's that is archived, and Carl's. An account
is a restaurant with a contact, an interaction that brought an order, a call plan with a call that was missed, and a
collaborator, who is none of the seven; each row says in its text whose account it is of. A live account's owner has a
cover to come.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from call_planning.models import Block, CalendarFeed
from contact.models import Contact
from kams import tokens
from kams.choices import Role
from kams.models import ApiKey, Erasure, Invitation, Session, Team, User
from leads.messages import COLLABORATION_BEGUN
from notifications.models import Message
from notifications.unsubscribe import secret_of
from tests.cast import (
    NOON,
    PASSWORD,
    RESTAURANT,
    Cast,
    call_plan,
    collaboration,
    contact,
    cover,
    interaction,
    person,
    planned,
    restaurant,
)
from tests.routes import Operation

ORDER = {"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00}
NEW_PASSWORD = "quite another horse"


@dataclass
class World:
    cast: Cast
    # The person of each role, by how they stand to Asha's account.
    people: dict[str, User | None] = field(default_factory=dict)
    # The keys of the rows: collection → name → key.
    keys: dict[str, dict[str, int]] = field(default_factory=dict)
    # What stands in a path beside keys.
    secrets: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        cast = self.cast
        omar = person("omar", role=Role.MANAGER)
        cast.north.revise(by=cast.root, at=NOON, manager=omar)
        self.people = {
            "nobody": None,
            "owner": cast.asha,
            "colleague": cast.bela,
            "stranger": cast.carl,
            "manager": cast.maya,
            "elsewhere": omar,
            "analyst": cast.nora,
            "admin": cast.root,
        }
        below, below_north = (
            Team.objects.add(by=cast.root, at=NOON, name=f"{above} below", parent=above)
            for above in (cast.south, cast.north)
        )
        invited = Invitation.objects.add(by=cast.maya, at=NOON, email="eve@kams.example", team=cast.south)
        # Who works on all accounts beside the seven, and a colleague of the stranger.
        self.helper = person("gus")
        dora = person("dora", team=cast.north)
        self.keys["people"] = {role: user.pk for role, user in self.people.items() if user}
        gone = person("gone", is_active=False)
        self.keys["people"] |= {"helper": self.helper.pk, "dora": dora.pk, "gone": gone.pk}
        erased = Erasure.objects.add(person("erased").subject, by=cast.root, at=NOON, reason="")
        self.keys["erasures"] = {"erased": erased.pk}
        self.keys["teams"] = {"south": cast.south.pk, "below": below.pk}
        self.keys["teams"] |= {"north": cast.north.pk, "below_north": below_north.pk}
        self.keys["invitations"] = {"invited": invited.pk}
        until = NOON + timedelta(days=30)
        till = ApiKey.objects.add(by=cast.maya, at=NOON, name="Till", scopes="leads:read", expires_at=until)
        self.keys["keys"] = {"hers": till.pk}
        for name, owner in {"owned": cast.asha, "pool": None, "archived": cast.asha, "theirs": cast.carl}.items():
            self.open_account(name, owner)
        everybody = list(filter(None, self.people.values()))
        facts = {"kam": "gus", "restaurant": "a restaurant", "by": "root"}
        Message.objects.tell(COLLABORATION_BEGUN, everybody, key="world", at=NOON, facts=facts)
        told = Message.objects.filter(key__startswith="collaboration_begun:world:IN_APP")
        self.keys["messages"] = {role: told.get(user=user).pk for role, user in self.people.items() if user}
        self.keys["messages"]["owned"] = self.keys["messages"]["owner"]
        session = Session.objects.open(user=cast.asha, at=NOON, until=NOON + timedelta(hours=12), jti="asha's")
        self.secrets = {"secret": secret_of(self.keys["contacts"]["owned"]), "session": str(session.pk)}
        self.open_calendars()
        self.keys["restaurants"]["bare"] = restaurant(cast.asha, by=cast.root, name="bare").pk
        owned = Contact.objects.get(pk=self.keys["contacts"]["owned"])
        deleted = interaction(owned, interaction_type="NOTE", details="Deleted of owned")
        deleted.archive(by=cast.root, at=NOON)
        self.keys["interactions"]["deleted"] = deleted.pk
        archived = cast.asha.restaurants.get(pk=self.keys["restaurants"]["archived"])
        archived.archive(by=cast.root, at=NOON)

    def open_calendars(self) -> None:
        """A feed for everybody; a password that is set later ends it."""
        feeds = {user: CalendarFeed.objects.add(by=user, at=NOON) for user in self.people.values() if user}
        self.secrets["token"] = feeds[self.cast.asha].token

    def open_account(self, name: str, owner: User | None) -> None:
        """A restaurant of this owner with one of everything below it."""
        place = restaurant(owner, by=self.cast.root, lead_status="CONVERTED", potential_revenue=20_000, name=name)
        who = contact(place, name=f"Contact of {name}")
        talk = interaction(
            who, interaction_type="ORDER", details=f"Order of {name}", participants=[who], order=dict(ORDER)
        )
        plan = call_plan(place, next_call_date=NOON, notes=f"Plan of {name}")
        planned(place, NOON - timedelta(days=1), "MISSED", details=f"Call of {name}")
        shared = collaboration(place, self.helper, by=self.cast.root, reason=f"Sharing of {name}")
        # One to come: what is blocked now is not called, and so in no ranking.
        days = {"starts_at": NOON + timedelta(days=1), "ends_at": NOON + timedelta(days=2)}
        block = Block.objects.add(restaurant=place, by=self.cast.root, at=NOON, reason=f"Block of {name}", **days)
        rows = {
            "restaurants": place,
            "accounts": place,
            "contacts": who,
            "interactions": talk,
            "call": plan,
            "blocks": block,
            "collaborators": shared,
        }
        if owner is not None and name != "archived":
            day = NOON + timedelta(days=1 + 2 * len(self.keys.get("covers", {})))
            spell = {"starts_at": day, "ends_at": day + timedelta(days=1)}
            rows["covers"] = cover(owner, self.helper, by=self.cast.root, reason=f"Cover of {name}", **spell)
        for collection, row in rows.items():
            self.keys.setdefault(collection, {})[name] = row.pk

    def path(self, template: str) -> str:
        """`/lead/restaurants/{owned}/` with the key of that row; the collection says which of its rows is meant."""
        template = re.sub(r"\{(secret|session|token)\}", lambda found: self.secrets[found[1]], template)
        return re.sub(r"(\w+)/\{(\w+)\}", lambda found: f"{found[1]}/{self.keys[found[1]][found[2]]}", template)

    def body(self, operation: str, account: str) -> Any:
        """What is sent to make the operation succeed for somebody who may, where it takes a body at all."""
        body = BODIES.get(operation)
        return body(self, account) if callable(body) else body

    def with_password(self, name: str) -> User:
        """One of the cast who can log in."""
        user: User = getattr(self.cast, name)
        user.set_password(PASSWORD)
        user.save()
        return user


# Who has no restaurants, and who works here no more.
PEOPLE = {"DELETE /kam/people/{pk}/": "colleague", "POST /kam/people/{pk}/erase/": "gone"}


def account_for(operation: Operation) -> str:
    """The account, or the other row, on which an admin has success with this operation."""
    if str(operation) == "POST /call/":
        return "bare"
    if operation.action == "restore":
        return "deleted" if operation.path.startswith("/track/") else "archived"
    if operation.action == "claim":
        return "pool"
    if str(operation) in PEOPLE:
        return PEOPLE[str(operation)]
    collection = operation.path.split("/")[2]
    if operation.action == "create":
        return {"people": "south", "invitations": "south"}.get(collection, "owned")
    own = {"messages": "admin", "people": "owner", "teams": "below", "invitations": "invited", "api-keys": "hers"}
    return {**own, "erasures": "erased"}.get(collection, "owned")


def _contact(world: World, account: str) -> dict[str, Any]:
    restaurant = world.keys["restaurants"][account]
    return {"restaurant": restaurant, "name": "Jane Doe", "role": "Chef", "email": "jane@example.com"}


def _interaction(world: World, account: str) -> dict[str, Any]:
    said = {"interaction_type": "CALL", "details": "Followed up on last week's discussion."}
    return {"lead": world.keys["restaurants"][account], "contact": world.keys["contacts"][account], **said}


def _plan(world: World, account: str) -> dict[str, Any]:
    return {"lead": world.keys["restaurants"][account], "frequency": "WEEKLY"}


def _block(world: World, account: str) -> dict[str, Any]:
    return {"restaurant": world.keys["restaurants"][account], "ends_at": "2026-01-12T00:00:00Z"}


def _collaboration(world: World, account: str) -> dict[str, Any]:
    colleague = "dora" if account == "theirs" else "colleague"
    return {"restaurant": world.keys["restaurants"][account], "kam": world.keys["people"][colleague]}


def _cover(world: World, account: str) -> dict[str, Any]:
    absent, colleague = ("stranger", "dora") if account == "theirs" else ("owner", "colleague")
    spell = {"starts_at": "2026-01-05T00:00:00Z", "ends_at": "2026-01-12T00:00:00Z"}
    people = world.keys["people"]
    return {"absent": people[absent], "covering": people[colleague], **spell}


def _same_cover(world: World, account: str) -> dict[str, Any]:
    return {**_cover(world, account), "covering": world.keys["people"]["helper"]}


def _new_person(world: World, account: str) -> dict[str, Any]:
    return {"username": "fred", "email": "fred@kams.example", "team": world.keys["teams"].get(account)}


def _person(world: World, account: str) -> dict[str, Any]:
    user = world.people[account]
    assert user
    return {"username": user.username, "email": user.email, "first_name": "Renamed"}


def _team(world: World, account: str) -> dict[str, Any]:
    return {
        "name": "Another",
        "parent": world.keys["teams"]["north" if "north" in account or account == "theirs" else "south"],
    }


def _invitation(world: World, account: str) -> dict[str, Any]:
    return {"email": "gina@kams.example", "team": world.keys["teams"].get(account)}


def _allocation(world: World, _account: str) -> dict[str, Any]:
    return {"to": world.keys["people"]["colleague"], "reason": "New area."}


def _allocations(world: World, account: str) -> dict[str, Any]:
    return {**_allocation(world, account), "ids": [world.keys["restaurants"][account]]}


def _successor(world: World, account: str) -> dict[str, Any]:
    others = {"owner": "colleague", "colleague": "owner"}
    return {"successor": world.keys["people"][others.get(account, "analyst")]}


def _log_in(world: World, _account: str) -> dict[str, Any]:
    return {"username": world.with_password("bela").username, "password": PASSWORD}


def _refresh(world: World, _account: str) -> dict[str, Any]:
    return {"refresh": tokens.log_in(world.with_password("bela"), at=NOON)["refresh"]}


def _verify(world: World, _account: str) -> dict[str, Any]:
    return {"token": tokens.log_in(world.with_password("bela"), at=NOON)["access"]}


def _sign_up(world: World, _account: str) -> dict[str, Any]:
    invitation = Invitation.objects.get(pk=world.keys["invitations"]["invited"])
    return {"invitation": invitation.secret, "username": "eve", "password": PASSWORD}


def _reset(world: World, _account: str) -> dict[str, Any]:
    return {"token": world.with_password("bela").reset_secret, "new_password": NEW_PASSWORD}


# What makes an operation succeed: a body, or how it is made for an account.
BODIES: dict[str, Any | Callable[[World, str], Any]] = {
    "POST /lead/restaurants/": RESTAURANT,
    "PUT /lead/restaurants/{pk}/": {**RESTAURANT, "lead_status": "LOST"},
    "PATCH /lead/restaurants/{pk}/": {"notes": "Call after six."},
    "POST /lead/restaurants/allocate/": _allocations,
    "POST /lead/restaurants/{pk}/allocate/": _allocation,
    "POST /lead/restaurants/{pk}/change_status/": {"status": "LOST"},
    "POST /lead/collaborators/": _collaboration,
    "POST /lead/covers/": _cover,
    "PUT /lead/covers/{pk}/": _same_cover,
    "PATCH /lead/covers/{pk}/": {"reason": "On leave."},
    "POST /contact/contacts/": _contact,
    "PUT /contact/contacts/{pk}/": _contact,
    "PATCH /contact/contacts/{pk}/": {"role": "Owner"},
    "POST /track/interactions/": _interaction,
    "PUT /track/interactions/{pk}/": _interaction,
    "PATCH /track/interactions/{pk}/": {"details": "They will think about it."},
    "PUT /track/interactions/{pk}/order_details/": {**ORDER, "quantity": 51},
    "POST /call/": _plan,
    "PUT /call/{pk}/": _plan,
    "PATCH /call/{pk}/": {"notes": "Ask for the chef."},
    "POST /call/{pk}/record_call/": {"last_called": "2024-12-28T10:00:00Z"},
    "POST /call/{pk}/snooze/": {"until": "2024-12-28T12:30:00Z", "reason": "They are at lunch."},
    "PATCH /call/{pk}/set_frequency/": {"frequency": "MONTHLY"},
    "POST /call/blocks/": _block,
    "PUT /call/blocks/{pk}/": _block,
    "PATCH /call/blocks/{pk}/": {"reason": "Closed for renovation."},
    "POST /kam/people/": _new_person,
    "PUT /kam/people/{pk}/": _person,
    "PATCH /kam/people/{pk}/": {"first_name": "Renamed"},
    "POST /kam/people/{pk}/deactivate/": _successor,
    "POST /kam/people/{pk}/erase/": {"reason": "Asked for it."},
    "POST /contact/contacts/{pk}/erase/": {"reason": "Asked for it."},
    "POST /kam/teams/": _team,
    "PUT /kam/teams/{pk}/": _team,
    "PATCH /kam/teams/{pk}/": {"name": "Renamed"},
    "POST /kam/invitations/": _invitation,
    "POST /kam/api-keys/": {"name": "Till", "scopes": ["leads:read"], "expires_at": "2025-12-28T00:00:00Z"},
    "PUT /kam/me/": {"email": "new@kams.example", "first_name": "Renamed"},
    "PATCH /kam/me/": {"first_name": "Renamed"},
    "POST /kam/me/password/": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
    "PATCH /notifications/preferences/": {"cover_begun": {"EMAIL": False}},
    "POST /kam/sign-up/": _sign_up,
    "POST /kam/sign-up/request/": {"email": "hugo@kams.example"},
    "POST /kam/password-reset/": {"email": "bela@kams.example"},
    "POST /kam/password-reset/confirm/": _reset,
    "POST /api/token/": _log_in,
    "POST /api/token/refresh/": _refresh,
    "POST /api/token/verify/": _verify,
    "POST /api/token/blacklist/": _refresh,
}
