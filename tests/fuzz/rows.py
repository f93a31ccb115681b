"""Rows for the paths and bodies that are made up: an id is of a row that is there."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from call_planning.demo.people import ADMIN
from call_planning.models import Block, CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from kams import tokens
from kams.models import ApiKey, Erasure, Invitation, Session, Team, User
from leads.messages import COLLABORATION_BEGUN
from leads.models import Collaboration, Cover, Restaurant
from notifications.models import Message

# Somebody who logs in, out and in again; the run itself goes on as the admin.
GUEST = "guest"
NEWEST = 100  # rows to choose among
SOON, YEAR = timedelta(hours=1), timedelta(days=365)


def admin() -> Any:
    return User.objects.get(username=ADMIN)


def guest() -> Any:
    return User.objects.get(username=GUEST)


def tokens_of(person: User) -> dict[str, str]:
    return tokens.log_in(person, at=timezone.now())


def keys_of(rows: Any) -> list[int]:
    return list(rows.order_by("-pk").values_list("pk", flat=True)[:NEWEST])


def one_of(known: list[int], drawn: Any) -> Any:
    """The drawn key if it is known, or another that is."""
    if not known or drawn in known:
        return drawn
    return known[drawn % len(known) if isinstance(drawn, int) else 0]


# --- What paths may name --------------------------------------------------------------------------
def interactions() -> Any:
    return Interaction.objects.visible_to(admin())


def archived() -> Any:
    """Only what is archived is there to be restored, and something always is."""
    rows = Restaurant.objects.archived_for(admin())
    if not rows.exists():
        with transaction.atomic():
            newest: Any = Restaurant.objects.visible_to(admin()).locked().latest("pk")
            newest.archive(by=admin(), at=timezone.now())
    return rows


def deleted() -> Any:
    """Only what was deleted is there to be restored, and something always is."""
    rows = Interaction.objects.restorable_by(admin()).filter(archived_at__isnull=False, due_at__isnull=True)
    if not rows.exists():
        with transaction.atomic():
            newest: Any = interactions().filter(due_at__isnull=True).locked().latest("pk")
            newest.archive(by=admin(), at=timezone.now())
    return rows


def collaborations() -> Any:
    """Something is shared anew once what is shared has ended."""
    rows = Collaboration.objects.visible_to(admin())
    if not rows.exists():
        with transaction.atomic():
            newest: Any = Restaurant.objects.visible_to(admin()).latest("pk")
            Collaboration.objects.add(restaurant=newest, kam=new_person(), by=admin(), at=timezone.now())
    return rows


def blocks() -> Any:
    """Something is blocked anew once what is blocked was taken back."""
    rows = Block.objects.visible_to(admin())
    if not rows.exists():
        with transaction.atomic():
            now, newest = timezone.now(), Restaurant.objects.visible_to(admin()).latest("pk")
            spell = {"starts_at": now + YEAR, "ends_at": now + 2 * YEAR}
            Block.objects.add(restaurant=newest, by=admin(), at=now, **spell)
    return rows


def messages() -> Any:
    """The admin is told nothing by the demo, so something is told here."""
    rows = Message.objects.visible_to(admin())
    if not rows.exists():
        facts = {"kam": GUEST, "restaurant": "a restaurant", "by": ADMIN}
        with transaction.atomic():
            Message.objects.tell(COLLABORATION_BEGUN, [admin()], key="fuzz", at=timezone.now(), facts=facts)
    return rows


def covers() -> Any:
    """Covers that are to come: of what has begun only the end can change."""
    now = timezone.now()
    rows = Cover.objects.visible_to(admin()).filter(starts_at__gt=now + SOON)
    if not rows.exists():
        with transaction.atomic():
            people = {"absent": new_person(), "covering": new_person()}
            Cover.objects.add(**people, by=admin(), at=now, starts_at=now + YEAR, ends_at=now + 2 * YEAR)
    return rows


def api_keys() -> Any:
    """The demo has no other system, so one is let in here, and again once its key is revoked."""
    rows = ApiKey.objects.visible_to(admin())
    if not rows.exists():
        with transaction.atomic():
            now = timezone.now()
            ApiKey.objects.add(by=admin(), at=now, name="Till", scopes="leads:read", expires_at=now + YEAR)
    return rows


def own_session() -> str:
    """A login of the admin's, for a run that goes on with another."""
    tokens_of(admin())
    return str(Session.objects.visible_to(admin()).latest("created_at").pk)


def gone() -> Any:
    """Who left: nobody else is erased."""
    rows = User.objects.filter(is_active=False)
    if not rows.exists():
        User.objects.filter(pk=new_person().pk).update(is_active=False)
    return rows


def erasures() -> Any:
    rows = Erasure.objects.visible_to(admin())
    if not rows.exists():
        Erasure.objects.add(new_person().subject, by=admin(), at=timezone.now(), reason="")
    return rows


ROWS: dict[str, Callable[[], Any]] = {
    "/lead/restaurants/{id}/restore/": archived,
    "/lead/restaurants/{id}/": lambda: Restaurant.objects.visible_to(admin()),
    "/lead/collaborators/{id}/": collaborations,
    "/lead/covers/{id}/": covers,
    "/notifications/messages/{id}/": messages,
    "/contact/contacts/{id}/": lambda: Contact.objects.visible_to(admin()),
    "/track/interactions/{id}/restore/": deleted,
    "/track/interactions/{id}/order_details/": lambda: interactions().filter(order__isnull=False),
    # Calls that a plan keeps are with nobody: `contact` is null there, and stays so.
    "/track/interactions/{id}/": lambda: interactions().filter(contact__isnull=False),
    "/performance/accounts/{id}/": lambda: Restaurant.objects.visible_to(admin()),
    "/call/blocks/{id}/": blocks,
    "/call/{id}/": lambda: CallPlan.objects.visible_to(admin()),
    "/kam/api-keys/{id}/": api_keys,
    "/kam/people/{id}/erase/": gone,
    "/kam/erasures/{id}/": erasures,
    "/kam/people/{id}/": lambda: User.objects.exclude(username__in=(ADMIN, GUEST)),
    "/kam/teams/{id}/": Team.objects.all,
    "/kam/invitations/{id}/": lambda: Invitation.objects.visible_to(admin()),
}


def rows_at(path: str) -> Any:
    """The rows that a path may name, or None where it names none."""
    return next((rows() for known, rows in ROWS.items() if path.startswith(known)), None)


def new_person() -> Any:
    return User.objects.create_user(uuid.uuid4().hex, f"{uuid.uuid4().hex}@example.com", None)
