"""The restaurants of the demo, their people, and what is written down of their lives."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

from django.utils.text import slugify

from call_planning.demo.chance import WORDS, Chance
from call_planning.demo.lives import Life
from common.phones import e164
from contact.choices import RoleKind
from contact.models import Contact
from leads.choices import LeadStatus
from leads.models import Allocation, Restaurant, StatusChange

# The first person of a restaurant is one of these, the primary contact.
_IN_CHARGE = (RoleKind.OWNER, RoleKind.DECISION_MAKER, RoleKind.MANAGER)


def restaurant(life: Life, *, chance: Chance) -> Restaurant:
    """The row as the verbs would have left it: each change since it was entered counted in its version."""
    city = life.city
    changes = [
        *(stage.since for stage in life.stages[1:]),
        *(spell.since for spell in life.spells[1:]),
        *(spell.until for spell in life.spells[-1:] if spell.until),
        *([life.archived_at] if life.archived_at else []),
    ]
    phone = city.phone(chance)
    return Restaurant(
        pk=life.pk,
        name=life.name,
        address=f"{chance.randint(1, 240)} {life.site.street}, {life.site.area}",
        city=city.name,
        state=city.state,
        pincode=chance.filled(city.pincode),
        country=city.country,
        timezone=city.timezone,
        contact_person=chance.person(city.country),
        phone=phone,
        phone_e164=e164(phone, region=city.country),
        email=f"{slugify(life.site.area) if life.head else 'hello'}@{_domain(life)}",
        lead_status=life.status,
        potential_revenue=_revenue(life.status, chance),
        cuisine_type=life.cuisine,
        restaurant_type=life.kind,
        source=chance.choice(WORDS["restaurants"]["sources"]),
        notes=chance.choice(WORDS["restaurants"]["notes"]),
        parent_id=life.head.pk if life.head else None,
        assigned_to=life.kam,
        # KAMs enter what they find themselves, managers what others told them.
        created_by=life.spells[0].kam if life.spells and chance.happens(0.6) else life.manager,
        created_at=life.entered,
        updated_at=max(changes, default=life.entered),
        version=1 + len(changes),
        archived_at=life.archived_at,
    )


def _domain(life: Life) -> str:
    return f"{slugify((life.head or life).name)}.example"


def _revenue(status: str, chance: Chance) -> Decimal | None:
    """Whoever buys is worth more than whoever might."""
    if status == LeadStatus.NEW and chance.happens(0.1):
        return None
    middle, spread = (9.8, 0.7) if status == LeadStatus.CONVERTED else (9.1, 0.8)
    return Decimal(50 * round(chance.lognormvariate(middle, spread) / 50))


def status_changes(life: Life, *, chance: Chance) -> Iterator[StatusChange]:
    for before, after in pairwise(life.stages):
        yield StatusChange(
            restaurant_id=life.pk,
            old_status=before.status,
            new_status=after.status,
            changed_by=life.kam_at(after.since),
            changed_at=after.since,
            reason=chance.choice(WORDS["reasons"].get(after.status, [""])),
            lasted=after.since - before.since,
        )


def allocations(life: Life, row: Restaurant) -> Iterator[Allocation]:
    for number, spell in enumerate(life.spells):
        yield Allocation(
            restaurant=row,
            kam=spell.kam,
            started_at=spell.since,
            ended_at=spell.until,
            allocated_by=life.manager if number else row.created_by,
            reason=spell.reason,
        )


def contacts(
    life: Life, row: Restaurant, *, above: list[Contact], keys: Iterator[int], chance: Chance
) -> list[Contact]:
    """One to four people; the first is the primary contact. `above` are those of the chain's head office."""
    names = [row.contact_person, *(chance.person(row.country) for _ in range(chance.choice((0, 1, 1, 2, 2, 3))))]
    people: list[Contact] = []
    for name in names:
        kind = chance.choice(list(RoleKind) if people else _IN_CHARGE)
        superiors = people[:1] or above[:1]
        phone = life.city.phone(chance) if chance.happens(0.85) else ""
        person = Contact(
            pk=next(keys),
            restaurant=row,
            name=name,
            role=chance.choice(WORDS["roles"][kind]),
            role_kind=kind,
            email=f"{slugify(name).replace('-', '.')}@{_domain(life)}",
            phone=phone,
            phone_e164=e164(phone, region=row.country),
            is_primary=not people,
            reports_to=superiors[0] if superiors and chance.happens(0.5) else None,
            opted_out=chance.happens(0.04),
            created_at=life.entered,
            updated_at=life.entered,
        )
        people.append(person)
    return people
