"""People at the restaurants."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, When

from common.errors import AlreadyExists, InvalidInput
from common.models import Archivable, Audited, HoursField, search, search_column
from common.phones import e164
from common.traces import ERASED, Subject
from contact.choices import RoleKind
from kams.choices import SubjectKind
from kams.models import Erasure, User, VisibleSet
from kams.models.erasure import words_of
from leads.models import Restaurant, of_restaurants_on_record, of_visible_restaurants


class ContactSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("restaurant", user), archived_at__isnull=True)

    def on_record_for(self, user: User) -> Self:
        """The archive is open to whom that of restaurants is."""
        return self.visible_to(user) if user.is_kam else self.filter(of_restaurants_on_record("restaurant", user))

    def listed_for(self, user: User) -> Self:
        return self.filter(restaurant__in=Restaurant.objects.listed_for(user).values("pk"), archived_at__isnull=True)

    def locked(self, *of: str) -> Self:
        """The contacts with their restaurants, restaurants first: which contact is primary is decided there."""
        return super(ContactSet, self.select_related("restaurant")).locked("restaurant", *of)

    def matching(self, text: str) -> Self:
        """Those in which each word is found, in their name, role, address or numbers."""
        return search(self, text)

    def of_chain(self, restaurant: Restaurant) -> Self:
        """The people of this restaurant, of its head office and of the branches beside and below it."""
        return self.filter(Q(restaurant=restaurant.head) | Q(restaurant__parent=restaurant.head))

    def opt_out(self, *, contact: int, at: datetime) -> None:
        """Write to them no more: they said so themselves, by the link of a mail. Once more is no change."""
        row = self.locked().filter(pk=contact).first()
        if row is not None and row.take({"opted_out": True}):
            row.keep("opted_out", at=at)

    def add(self, *, restaurant: Restaurant, by: User, at: datetime, **fields: Any) -> Contact:
        """Enter a contact. The restaurant is locked, so that it cannot be archived meanwhile."""
        restaurant = Restaurant.objects.hold(restaurant.pk, field="restaurant")
        contact: Contact = self.model(restaurant=restaurant, created_at=at, updated_at=at, **fields)
        contact._check_superior(contact.reports_to)
        contact._check_primary(is_primary=contact.is_primary)
        contact.phone_e164 = contact._normalised(contact.phone)
        contact.save(force_insert=True)
        return contact


class Contact(Audited, Archivable):
    restaurant = models.ForeignKey(Restaurant, models.PROTECT, related_name="contacts", db_index=False)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=100)
    role_kind = models.CharField(max_length=20, choices=RoleKind.choices, default=RoleKind.OTHER)
    email = models.EmailField()
    phone = models.CharField(max_length=20, blank=True, default="")
    phone_e164 = models.CharField(max_length=20, blank=True, default="", editable=False)
    # What was found of the number before does not hold for the one that they have since.
    phone_changed_at = models.DateTimeField(null=True, editable=False)
    address = models.TextField(blank=True, default="")
    reports_to = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reports")
    is_primary = models.BooleanField(default=False)
    opted_out = models.BooleanField(default=False, help_text="Wants no messages from us.")
    call_window = HoursField(help_text="When they like to be called, by the clocks of the restaurant; {} is any time.")
    # The restaurant for its primary contact, else null: unique, so that there is at most one.
    primary_for = models.GeneratedField(
        expression=Case(When(is_primary=True, archived_at__isnull=True, then=F("restaurant_id")), default=None),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )
    # What `?search=` looks through; the database keeps it.
    search_text = search_column("name", "role", "email", "phone", "phone_e164")

    untold = frozenset({"phone_e164", "phone_changed_at"})

    objects: ClassVar[Any] = ContactSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role_kind__in=RoleKind.values), name="contact_role_kind_is_known"),
        ]
        indexes: ClassVar = [
            # A restaurant's contacts in the default order.
            models.Index(fields=["restaurant", "id"], name="contact_by_restaurant"),
            # ?role= in the default order.
            models.Index(fields=["role", "id"], name="contact_by_role"),
            # ?ordering=name.
            models.Index(fields=["name", "id"], name="contact_by_name"),
            # Who has this number.
            models.Index(fields=["phone_e164"], name="contact_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs. The caller holds the row's lock."""
        restaurant = changes.pop("restaurant", None)
        if restaurant is not None and restaurant.pk != self.restaurant_id:
            raise InvalidInput(
                "A contact stays with its restaurant.",
                errors={"restaurant": "Enter the person at the other restaurant as a new contact."},
            )
        superior = changes.get("reports_to")
        if superior is not None and superior.pk != self.reports_to_id:  # who stands there may have left since
            self._check_superior(superior)
        if changes.get("is_primary", False) and not self.is_primary:
            self._check_primary(is_primary=True)
        if changes.get("phone", self.phone) != self.phone:
            changes["phone_changed_at"] = at
        if "phone" in changes:
            changes["phone_e164"] = self._normalised(changes["phone"])
        return super().revise(by=by, at=at, **changes)

    def archive(self, *, by: User, at: datetime) -> None:
        """Put the person away; the interactions keep their name."""
        self.revise(by=by, at=at, archived_at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        if self.is_primary:
            self._check_primary(is_primary=True)
        return self.revise(by=by, at=at, archived_at=None)

    @property
    def subject(self) -> Subject:
        head = self.restaurant.head
        places = Restaurant.objects.filter(Q(pk=head) | Q(parent=head)).order_by("pk").values_list("pk", flat=True)
        words = words_of((self.name, self.email, self.phone, self.phone_e164))
        return Subject(SubjectKind.CONTACT, self.pk, words, tuple(places))

    def erase(self, *, by: User, at: datetime, reason: str = "") -> Erasure:
        """Take away for good what names them; orders and figures stay. The caller holds the row's lock.

        Raises `NotAllowed` where `by` is no admin. What names them elsewhere goes with a job.
        """
        erasure: Erasure = Erasure.objects.add(self.subject, by=by, at=at, reason=reason)
        nothing: dict[str, Any] = {
            "email": "",
            "phone": "",
            "phone_e164": "",
            "address": "",
            "call_window": {},
            "reports_to": None,
        }
        left = {"name": ERASED, "is_primary": False, "opted_out": True, "archived_at": self.archived_at or at}
        self.keep(*self.take({**nothing, **left}), at=at)
        return erasure

    def _check_primary(self, *, is_primary: bool) -> None:
        others = Contact.objects.filter(primary_for=self.restaurant_id).exclude(pk=self.pk)
        if is_primary and (other := others.values_list("pk", flat=True).first()):
            raise AlreadyExists(
                f"Contact {other} is the primary one of this restaurant.",
                errors={"is_primary": f"Set is_primary of contact {other} to false first."},
            )

    def _check_superior(self, superior: Contact | None) -> None:
        """Superiors are of the same restaurant or chain, and nobody is above themselves."""
        if superior is None:
            return
        if not Contact.objects.of_chain(self.restaurant).filter(pk=superior.pk, archived_at__isnull=True).exists():
            raise InvalidInput(
                "People report to somebody of their own restaurant or chain.",
                errors={"reports_to": "Choose a contact of the same restaurant or its chain."},
            )
        seen: set[int] = set()
        above: Contact | None = superior
        while above is not None and above.pk not in seen:
            if above.pk == self.pk:
                raise InvalidInput(
                    "Nobody reports to themselves.",
                    errors={"reports_to": "This person reports, directly or not, to the contact itself."},
                )
            seen.add(above.pk)
            above = above.reports_to

    def _normalised(self, phone: str) -> str:
        return e164(phone, region=self.restaurant.country or settings.PHONE_REGION)
