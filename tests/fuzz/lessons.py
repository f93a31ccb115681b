"""What the OpenAPI document cannot say of a valid request: one lesson for a kind of body, with its reason.

A lesson gets the body, and the row of the path if there is one, and corrects in the body what asks for more than
JSON Schema can tell: mostly that a key is of a row that is there, and belongs to the other rows that are named.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from call_planning.demo.people import PASSWORD
from call_planning.models import Block, CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from kams.models import ApiKey, Invitation, Team, User
from leads.models import Cover, Restaurant
from tests.fuzz.rows import (
    GUEST,
    YEAR,
    admin,
    guest,
    keys_of,
    new_person,
    one_of,
    tokens_of,
)

Body = dict[str, Any]
Lesson = Callable[[Body, Any], None]

ZONES = ("Asia/Kolkata", "Asia/Dubai", "Europe/London", "America/New_York")


# --- Bodies ---------------------------------------------------------------------------------------
def restaurant(body: Body, row: Restaurant | None) -> None:
    names_a_zone(body)
    if body.get("region"):
        body["region"] = ""  # which there are, hangs on the country
    if body.get("assigned_to"):
        body["assigned_to"] = somebody(body["assigned_to"])
    if body.get("parent"):
        # A chain has one level: only who has no head office is one, and only who has no branches has one.
        heads = Restaurant.objects.visible_to(admin()).filter(parent__isnull=True)
        body["parent"] = one_of(keys_of(heads), body["parent"]) if row is None else row.parent_id


def collaboration(body: Body, _: None) -> None:
    """A restaurant is shared with somebody who has not got it yet."""
    body["restaurant"] = one_of(keys_of(Restaurant.objects.visible_to(admin())), body["restaurant"])
    body["kam"] = new_person().pk


def somebody(drawn: Any) -> Any:
    """Who can have a restaurant."""
    return one_of(keys_of(User.objects.who_can_be_allocated()), drawn)


def allocation(body: Body, _: None) -> None:
    if body.get("to"):
        body["to"] = somebody(body["to"])
    if isinstance(body.get("ids"), list):
        known = keys_of(Restaurant.objects.visible_to(admin()))
        body["ids"] = list(dict.fromkeys(one_of(known, drawn) for drawn in body["ids"]))


def leaving(body: Body, row: User | None) -> None:
    """Somebody else takes over."""
    if body.get("successor"):
        others = User.objects.who_can_be_allocated().exclude(pk=row.pk if row else None)
        body["successor"] = one_of(keys_of(others), body["successor"])


def cover(body: Body, row: Cover | None) -> None:
    """A cover stays with its two people, and lies ahead."""
    if row is None:
        body["absent"], body["covering"] = new_person().pk, new_person().pk
    else:
        body |= {name: getattr(row, f"{name}_id") for name in ("absent", "covering") if name in body}
    now = timezone.now()
    if "starts_at" in body or "ends_at" in body:
        body |= {"starts_at": (now + YEAR).isoformat(), "ends_at": (now + 2 * YEAR).isoformat()}


def block(body: Body, row: Block | None) -> None:
    """A block stays with its restaurant, and ends after it starts."""
    if "restaurant" in body:
        known = keys_of(Restaurant.objects.visible_to(admin()))
        body["restaurant"] = row.restaurant_id if row else one_of(known, body["restaurant"])
    now = timezone.now()
    if row is None or "starts_at" in body or "ends_at" in body:
        body |= {"starts_at": (now + YEAR).isoformat(), "ends_at": (now + 2 * YEAR).isoformat()}


def contact(body: Body, row: Contact | None) -> None:
    """A contact stays with its restaurant, and reports to somebody there."""
    if "restaurant" in body:
        known = keys_of(Restaurant.objects.visible_to(admin()))
        body["restaurant"] = row.restaurant_id if row else one_of(known, body["restaurant"])
    if body.get("reports_to"):
        body["reports_to"] = row.reports_to_id if row else next(iter(people_at(body["restaurant"])), None)


def interaction(body: Body, row: Interaction | None) -> None:
    """An interaction stays with its restaurant, is with people there, and what is done is not in the future."""
    if "lead" in body:
        staffed = keys_of(Restaurant.objects.filter(pk__in=Contact.objects.visible_to(admin()).values("restaurant")))
        body["lead"] = row.lead_id if row else one_of(staffed, body["lead"])
    people = people_at(row.lead_id if row else body.get("lead"))
    if "contact" in body:
        body["contact"] = one_of(people, body["contact"])
    if "participants" in body:
        body["participants"] = [one_of(people, drawn) for drawn in body["participants"]] if people else []
    if body.get("status", row.status if row else "DONE") == "DONE":
        body["date"] = past(body.get("date", "2024-12-24T15:30:00Z"))
    if row and (row.interaction_type == "ORDER" or hasattr(row, "order")):
        keeps_its_order(body, row)


def keeps_its_order(body: Body, row: Interaction) -> None:
    """An order that is there was placed, and is changed but not taken away."""
    if "order_placed" in body:
        body["order_placed"] = True
    if hasattr(row, "order") and body.get("order", ...) is None:
        del body["order"]


def call_plan(body: Body, row: CallPlan | None) -> None:
    """A plan stays with its restaurant, and has an interval if it is CUSTOM."""
    if "lead" in body:
        seen = Restaurant.objects.visible_to(admin())
        free = keys_of(seen.exclude(call_plans__archived_at__isnull=True)) or keys_of(seen)
        body["lead"] = row.lead_id if row else one_of(free, body["lead"])
    if row and body.get("frequency", row.frequency) == "CUSTOM":
        body["interval_days"] = body.get("interval_days") or 7
    elif row:
        body.pop("interval_days", None)


def record_call(body: Body, row: CallPlan | None) -> None:
    """A call is not recorded before it happens, is with people there, and what it promises is still to come."""
    if "last_called" in body:
        body["last_called"] = past(body["last_called"])
    if body.get("call_back_at") or body.get("next_call_date"):
        body.pop("last_called", None)  # only the newest call says when the next is
    if body.get("call_back_at"):
        body["call_back_at"] = (timezone.now() + YEAR).isoformat()
    if body.get("contact"):
        people = people_at(row.lead_id if row else None)
        body["contact"] = one_of(people, body["contact"]) if people else None


def snooze(body: Body, _: CallPlan | None) -> None:
    """A plan is snoozed into the future, and for a year at most."""
    body["until"] = (timezone.now() + YEAR).isoformat()


def person(body: Body, _: User | None) -> None:
    names_a_zone(body)
    if body.get("team"):
        body["team"] = one_of(keys_of(Team.objects), body["team"])
    unique(body, "username", longest=150)
    unique(body, "email", longest=254)


def unique(body: Body, name: str, *, longest: int) -> None:
    """Usernames, addresses and names of teams are nobody else's."""
    if name not in body:
        return
    own = uuid.uuid4().hex[:8]
    text = f"{own}.{body[name]}"
    if len(text) > longest:
        text = f"{own}@example.com" if name == "email" else own + body[name][len(own) :]
    body[name] = text


def team(body: Body, row: Team | None) -> None:
    """A team is managed by a manager or admin, and does not stand below itself."""
    unique(body, "name", longest=100)
    if body.get("parent"):
        body["parent"] = row.parent_id if row else one_of(keys_of(Team.objects), body["parent"])
    if body.get("manager"):
        body["manager"] = admin().pk


def api_key(body: Body, _: None) -> None:
    """A key ends within a year, and there are not too many of them."""
    body["expires_at"] = (timezone.now() + YEAR).isoformat()
    ApiKey.objects.visible_to(admin()).filter(name__startswith="fuzz").delete()
    body["name"] = f"fuzz {body['name']}"[:100]


def invitation(body: Body, _: None) -> None:
    if body.get("team"):
        body["team"] = one_of(keys_of(Team.objects), body["team"])


def sign_up(body: Body, _: None) -> None:
    """An invitation is one that was written, and a password is hard to guess."""
    person(body, None)
    body["invitation"] = Invitation.objects.ask(f"{uuid.uuid4().hex}@example.com", at=timezone.now()).secret
    body["password"] = PASSWORD


def reset_password(body: Body, _: None) -> None:
    """A secret is one that was mailed, and a password is hard to guess."""
    forgetful = User.objects.create_user(uuid.uuid4().hex, f"{uuid.uuid4().hex}@example.com", None)
    body["token"], body["new_password"] = forgetful.reset_secret, PASSWORD


def change_password(body: Body, _: None) -> None:
    """Who changes a password knows it."""
    body["current_password"] = body["new_password"] = PASSWORD


def log_in(body: Body, _: None) -> None:
    """Only who is here comes in."""
    body["username"], body["password"] = GUEST, PASSWORD


def refresh(body: Body, _: None) -> None:
    """A token is one that was given out, and not used before."""
    body["refresh"] = tokens_of(guest())["refresh"]


def verify(body: Body, _: None) -> None:
    body["token"] = tokens_of(guest())["access"]


def names_a_zone(body: Body) -> None:
    """The names of the IANA database are too many to list."""
    if body.get("timezone"):
        body["timezone"] = ZONES[len(body["timezone"]) % len(ZONES)]


def people_at(restaurant: int | None) -> list[int]:
    return keys_of(Contact.objects.visible_to(admin()).filter(restaurant=restaurant))


def past(moment: str) -> str:
    return moment if moment[:4] <= "2024" else f"2024{moment[4:]}"


def as_written(value: Any) -> Any:
    """JSON Schema takes 1.0 for a whole number; the API takes one as it is written."""
    if isinstance(value, dict):
        return {name: as_written(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_written(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


BODIES: dict[str, Lesson] = {
    "/lead/restaurants/": restaurant,
    "/lead/restaurants/{id}/": restaurant,
    "/lead/restaurants/allocate/": allocation,
    "/lead/restaurants/{id}/allocate/": allocation,
    "/lead/collaborators/": collaboration,
    "/lead/covers/": cover,
    "/lead/covers/{id}/": cover,
    "/call/blocks/": block,
    "/call/blocks/{id}/": block,
    "/contact/contacts/": contact,
    "/contact/contacts/{id}/": contact,
    "/track/interactions/": interaction,
    "/track/interactions/{id}/": interaction,
    "/call/": call_plan,
    "/call/{id}/": call_plan,
    "/call/{id}/record_call/": record_call,
    "/call/{id}/snooze/": snooze,
    "/kam/people/": person,
    "/kam/people/{id}/": person,
    "/kam/people/{id}/deactivate/": leaving,
    "/kam/teams/": team,
    "/kam/teams/{id}/": team,
    "/kam/invitations/": invitation,
    "/kam/api-keys/": api_key,
    "/kam/me/": person,
    "/kam/me/password/": change_password,
    "/kam/sign-up/": sign_up,
    "/kam/password-reset/confirm/": reset_password,
    "/api/token/": log_in,
    "/api/token/refresh/": refresh,
    "/api/token/blacklist/": refresh,
    "/api/token/verify/": verify,
}
