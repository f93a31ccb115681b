"""The peer in django-ninja, on our models and their sets, with a connection that stays open."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import jwt
import orjson
from django.conf import settings
from django.db.models import F
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils import timezone
from ninja import ModelSchema, NinjaAPI, Schema
from ninja.renderers import BaseRenderer
from ninja.security import HttpBearer
from pydantic import AliasChoices, Field

from benchmarks.peers.shapes import COUNTS, PERFORMS_FROM
from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from kams.models import User
from kams.tokens import CALLER
from leads.models import Restaurant
from performance_tracking.models import Account

PAGE = 50


class Bearer(HttpBearer):
    def authenticate(self, request: Any, token: str) -> User | None:
        try:
            claims = jwt.decode(token, settings.SIMPLE_JWT["SIGNING_KEY"], algorithms=["HS256"])
            rows = User.objects.only(*CALLER).filter(pk=int(claims["user_id"]))
            person = rows.in_session(UUID(claims["session"])).first()
        except (jwt.InvalidTokenError, LookupError, ValueError):
            return None
        if person is None or claims.get("token_type") != "access" or not person.is_active:
            return None
        return person if person.token_generation == claims["generation"] else None


class Renderer(BaseRenderer):
    """Its own would cut moments to milliseconds."""

    media_type = "application/json"

    def render(self, request: Any, data: Any, *, response_status: int) -> bytes:
        return orjson.dumps(data, option=orjson.OPT_UTC_Z)


api = NinjaAPI(auth=Bearer(), renderer=Renderer(), docs_url=None, openapi_url=None)


def key(name: str) -> Any:
    """A foreign key, shown as its id under the name of the relation."""
    return Field(None, validation_alias=AliasChoices(f"{name}_id", name))


class RestaurantOut(ModelSchema):
    potential_revenue: float | None
    assigned_to: int | None = key("assigned_to")
    parent: int | None = key("parent")
    created_by: int | None = key("created_by")
    opening_hours: dict[str, Any]
    version: int

    class Meta:
        model = Restaurant
        fields = (
            *("id", "name", "address", "city", "state", "pincode", "country", "region", "timezone", "contact_person"),
            *("phone", "email", "lead_status", "notes", "cuisine_type", "restaurant_type", "source"),
            *("notify_contacts", "created_at", "updated_at"),
        )


class PlanOut(Schema):
    id: int
    lead: int = key("lead")
    frequency: str
    interval_days: int | None
    last_called: datetime | None
    next_call_date: datetime
    is_overdue: bool
    snoozed_until: datetime | None = Field(None, validation_alias="snooze_ends_at")
    snooze_reason: str = Field("", validation_alias="snoozed_because")
    attempts: int
    call_back_at: datetime | None
    notes: str
    created_at: datetime
    updated_at: datetime
    version: int


class PatternOut(Schema):
    restaurant_id: int = Field(validation_alias="id")
    name: str
    orders_last_month: int
    orders_this_month: int


class AccountOut(ModelSchema):
    potential_revenue: float

    class Meta:
        model = Account
        fields = ("id", "name", "lead_status", "cuisine_type", "restaurant_type")


class InteractionIn(Schema):
    lead: int
    contact: int
    interaction_type: str
    details: str
    order_placed: bool = False
    date: datetime


class InteractionPatch(Schema):
    details: str


class InteractionOut(Schema):
    id: int
    lead: int = key("lead")
    contact: int | None = key("contact")
    kam: int | None = key("kam")
    interaction_type: str
    status: str
    details: str
    outcome: str
    order_placed: bool
    date: datetime
    duration_seconds: int | None
    call_plan: int | None = key("call_plan")
    due_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    participants: list[int] = Field([], validation_alias="participant_keys")
    order: None = Field(None, validation_alias="no_order")


@api.get("/lead/restaurants/", response=list[RestaurantOut])
def list_restaurants(
    request: Any, status: str | None = None, search: str | None = None, after: int | None = None, page_size: int = PAGE
) -> Any:
    rows = Restaurant.objects.listed_for(request.auth)
    if status is not None:
        rows = rows.filter(lead_status=status)
    if search is not None:
        rows = rows.filter(search_text__contains=search.lower())
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.order_by("pk")[: page_size + 1][:page_size]


@api.get("/lead/restaurants/{int:pk}/", response=RestaurantOut)
def show_restaurant(request: Any, pk: int) -> Any:
    return get_object_or_404(Restaurant.objects.visible_to(request.auth), pk=pk)


@api.get("/call/today/", response=list[PlanOut])
def list_today(request: Any, page_size: int = PAGE) -> Any:
    person, now = request.auth, timezone.now()
    rows = CallPlan.objects.listed_for(person).due_today(at=now, zone=person.zone)
    shown = rows.with_overdue(at=now, zone=person.zone).with_snooze(at=now)
    return shown.order_by("next_call_date", "pk")[: page_size + 1][:page_size]


@api.get("/performance/order-patterns/", response=list[PatternOut])
def list_patterns(request: Any, ordering: str = "", page_size: int = PAGE) -> Any:
    zone = ZoneInfo(settings.TIME_ZONE)
    rows = Account.objects.listed_for(request.auth).with_order_counts(at=timezone.now(), zone=zone)
    rows = rows.annotate(**{name: Coalesce(name, 0) for name in COUNTS})  # ours shows no month as 0
    order = ("-orders_this_month", "-pk") if ordering == "-orders_this_month" else ("pk",)
    return rows.only("id", "name").order_by(*order)[: page_size + 1][:page_size]


@api.get("/performance/performing-accounts/", response=list[AccountOut])
def list_performing(request: Any, page_size: int = PAGE) -> Any:
    rows = Account.objects.listed_for(request.auth).performing(revenue=Decimal(PERFORMS_FROM))
    return rows.order_by("-potential_revenue", "-pk")[: page_size + 1][:page_size]


@api.post("/track/interactions/", response={201: InteractionOut})
def add_interaction(request: Any, given: InteractionIn) -> Any:
    now, person = timezone.now(), request.auth
    lead = get_object_or_404(Restaurant.objects.visible_to(person).only("pk"), pk=given.lead)
    contact = get_object_or_404(Contact.objects.only("pk"), pk=given.contact, restaurant=lead, archived_at=None)
    row = Interaction(**given.dict(exclude={"lead", "contact"}), lead=lead, contact=contact, kam=person)
    row.created_at = row.updated_at = now
    # The model's own `save` writes a history; the peer writes the row and no more.
    Interaction.objects.bulk_create([row])
    return 201, row


@api.patch("/track/interactions/{int:pk}/", response=InteractionOut)
def change_interaction(request: Any, pk: int, given: InteractionPatch) -> Any:
    rows = Interaction.objects.visible_to(request.auth).filter(pk=pk)
    # By a statement, as the model's own `save` writes a history.
    rows.update(**given.dict(), updated_at=timezone.now(), version=F("version") + 1)
    row = get_object_or_404(rows)
    row.participant_keys = list(row.participants.order_by("pk").values_list("pk", flat=True))
    return row


urlpatterns = [path("", api.urls)]
