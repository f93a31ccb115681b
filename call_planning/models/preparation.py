"""What somebody needs to know before they call: whom to ask for, what to talk about, and what time it is there.

The same few statements for however many restaurants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from call_planning.models.availability import availabilities
from call_planning.models.call_plan import CallPlan
from call_planning.models.callee import LONG_AGO, NextCall
from common.clock import wall_clock, zone
from contact.choices import RoleKind
from contact.models import Contact
from interaction_tracking.choices import UNANSWERED, CallOutcome, InteractionStatus
from interaction_tracking.models import Interaction
from leads.choices import LeadStatus
from leads.models import Restaurant, StatusChange

Record = dict[str, Any]

# Who decides what is bought, in the order in which to ask for them.
ASK_FOR = (
    RoleKind.DECISION_MAKER,
    RoleKind.PURCHASING,
    RoleKind.OWNER,
    RoleKind.MANAGER,
    RoleKind.CHEF,
    RoleKind.INFLUENCER,
    RoleKind.ACCOUNTS,
    RoleKind.OTHER,
)
SUCCESS_COUNTS_FOR = timedelta(days=365)
# What a talk may be about.
SUBJECTS = ("LAST_ORDER", "LAST_CONTACT", "STATUS", "PLAN_NOTES", "NOTES")
LONGEST_TEXT = 200


def prepared(calls: Sequence[NextCall], *, at: datetime) -> list[Record]:
    """The calls as they are shown, each with what to know before it is made."""
    keys = [call.ranked.standing.pk for call in calls]
    places = _places(keys)
    plans = CallPlan.objects.in_bulk([call.call_plan for call in calls if call.call_plan])
    talks = _talks(places.values())
    contacts = _contacts(places, at=at)
    hours = availabilities(keys, at=at)
    records = []
    for call in calls:
        place = places[call.ranked.standing.pk]
        when = hours[place.pk]
        window = when.next_window(after=at)
        plan = plans.get(call.call_plan) if call.call_plan else None
        records.append(
            {
                "restaurant": {name: getattr(place, name) for name in ("id", "name", "city", "phone", "lead_status")},
                "call_plan": call.call_plan,
                "score": call.ranked.score,
                "reasons": [reason.record() for reason in call.ranked.reasons],
                "callable_now": window is not None and window.starts_at <= at,
                "local_time": f"{when.local_time(at):%H:%M}",
                "next_window": None if window is None else window._asdict(),
                "suggested_contact": contacts.get(place.pk),
                "talk_about": [*_subjects(place, talks), *_notes(place, plan)],
                "next_call_date": call.due_at,
                "leave_for_tomorrow": call.leave_for_tomorrow,
            }
        )
    return records


def answering(calls: Sequence[NextCall], *, at: datetime, now: bool) -> list[NextCall]:
    """Those of the calls that somebody can take now, or those that nobody can."""
    hours = availabilities([call.ranked.standing.pk for call in calls], at=at)
    return [call for call in calls if hours[call.ranked.standing.pk].callable_at(at) == now]


def zone_of(place: Restaurant) -> ZoneInfo:
    """The restaurant's zone, else its KAM's, else the organisation's."""
    owner = place.assigned_to
    return zone(place.timezone or (owner.timezone if owner else settings.TIME_ZONE))


def _places(keys: Sequence[int]) -> Mapping[int, Any]:
    """The restaurants, with the keys of the last order, of the last talk and of the last step of their lives."""
    done = Interaction.objects.filter(lead=OuterRef("pk"), status=InteractionStatus.DONE, archived_at__isnull=True)
    steps = StatusChange.objects.filter(restaurant=OuterRef("pk")).order_by("-changed_at", "-pk")
    rows = Restaurant.objects.filter(pk__in=keys).annotate(
        last_order=Subquery(done.filter(order_placed=True).order_by("-date", "-pk").values("pk")[:1]),
        last_talk=Subquery(
            done.filter(order_placed=False).exclude(outcome__in=UNANSWERED).order_by("-date", "-pk").values("pk")[:1]
        ),
        became=Subquery(steps.values("new_status")[:1]),
        became_at=Subquery(steps.values("changed_at")[:1]),
    )
    return {row.pk: row for row in rows.select_related("assigned_to")}


def _talks(places: Any) -> Mapping[int, Interaction]:
    keys = {key for place in places for key in (place.last_order, place.last_talk) if key}
    found: Mapping[int, Interaction] = Interaction.objects.select_related("kam", "order").in_bulk(keys)
    return found


# --- Whom to ask for --------------------------------------------------------------------------------
def _contacts(places: Mapping[int, Any], *, at: datetime) -> dict[int, Record]:
    """The best person to ask for at each restaurant: who helped before, then who decides; nobody who opted out.

    Whose number was wrong comes last, until they have another one or a call reaches them.
    """
    helped = Interaction.objects.filter(
        Q(order_placed=True) | Q(outcome=CallOutcome.CONNECTED),
        contact=OuterRef("pk"),
        status=InteractionStatus.DONE,
        archived_at__isnull=True,
        date__gte=at - SUCCESS_COUNTS_FOR,
    )
    counted = helped.order_by().values("contact").annotate(times=Count("pk")).values("times")
    last = Interaction.objects.calls_that_tell().filter(
        contact=OuterRef("pk"), date__gt=Coalesce(OuterRef("phone_changed_at"), Value(LONG_AGO))
    )
    people = Contact.objects.filter(restaurant__in=list(places), archived_at__isnull=True, opted_out=False)
    found: dict[int, Any] = {}
    told = {"helped": Coalesce(Subquery(counted), 0), "last_outcome": Subquery(last.values("outcome")[:1])}
    for person in people.annotate(**told):
        best = found.setdefault(person.restaurant_id, person)
        found[person.restaurant_id] = min(best, person, key=_rank)
    return {key: _shown(person, places[key]) for key, person in found.items()}


def _rank(person: Any) -> tuple[bool, int, int, bool, int]:
    return _is_wrong(person), -person.helped, ASK_FOR.index(person.role_kind), not person.is_primary, person.pk


def _is_wrong(person: Any) -> bool:
    return bool(person.last_outcome == CallOutcome.WRONG_NUMBER)


def _shown(person: Any, place: Restaurant) -> Record:
    known = {"id": person.pk, "name": person.name, "role": person.role, "phone": person.phone or place.phone}
    words = [person.get_role_kind_display()] if person.role_kind != RoleKind.OTHER else []
    if person.is_primary:
        words.append("the primary contact")
    if person.helped:
        times = "once" if person.helped == 1 else f"{person.helped} times"
        words.append(f"answered or ordered {times} within a year")
    if _is_wrong(person):
        words.append("called last at a wrong number")
    why = ", ".join(words) or "The only one known"
    return {**known, "why": f"{why[0].upper()}{why[1:]}."}


# --- What to talk about -----------------------------------------------------------------------------
def _subjects(place: Any, talks: Mapping[int, Interaction]) -> Iterator[Record]:
    """The last order, the last talk, and the last step in the restaurant's life, as far as there are any."""
    if order := talks.get(place.last_order):
        yield _order(order, place)
    if talk := talks.get(place.last_talk):
        who = f" by {talk.kam}" if talk.kam else ""
        text = f"{talk.get_interaction_type_display()} on {_day(talk.date, place)}{who}: {talk.details}"
        yield _subject("LAST_CONTACT", text, interaction=talk.pk, date=talk.date)
    if place.became:
        text = f"{LeadStatus(place.became).label} since {_day(place.became_at, place)}."
        yield _subject("STATUS", text, lead_status=place.became, since=place.became_at)


def _order(talk: Interaction, place: Restaurant) -> Record:
    details = getattr(talk, "order", None)
    facts: Record = {"interaction": talk.pk, "date": talk.date}
    said = talk.details
    if details is not None:
        facts |= {name: getattr(details, name) for name in ("product_details", "quantity", "total_price")}
        said = f"{details.product_details}, {details.total_price:,.2f} in all"
    return _subject("LAST_ORDER", f"Ordered on {_day(talk.date, place)}: {said}", **facts)


def _notes(place: Restaurant, plan: CallPlan | None) -> Iterator[Record]:
    if plan is not None and plan.notes:
        yield _subject("PLAN_NOTES", plan.notes)
    if place.notes:
        yield _subject("NOTES", place.notes)


def _subject(code: str, text: str, **facts: Any) -> Record:
    return {"code": code, "text": text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…", "facts": facts}


def _day(moment: datetime, place: Restaurant) -> str:
    day = wall_clock(moment, zone_of(place))
    return f"{day.day} {day:%B %Y}"
