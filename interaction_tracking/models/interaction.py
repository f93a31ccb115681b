"""What happened with a restaurant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, F, OuterRef, Q, When

from common.errors import AlreadyExists, InvalidInput, NotAllowed
from common.models import Archivable, Audited, JoinedIds, Told
from contact.models import Contact
from interaction_tracking.choices import InteractionStatus, InteractionType
from interaction_tracking.events import call_made
from interaction_tracking.messages import INTERACTION_NOTICE
from interaction_tracking.models.counting import Counts
from interaction_tracking.models.order import Order
from interaction_tracking.models.timeline import TimelineSet
from kams.models import User
from leads.models import Restaurant, of_restaurants_on_record, of_visible_restaurants
from notifications.models import Message

# What a contact who is told is told anew: whom, when, whether it is still to come, and what it was about.
TOLD = frozenset({"contact", "date", "status", "details"})


class InteractionSet(TimelineSet):
    def visible_to(self, user: User) -> Self:
        return self.filter(of_visible_restaurants("lead", user), archived_at__isnull=True)

    def listed_for(self, user: User) -> Self:
        return self.filter(lead__in=Restaurant.objects.listed_for(user).values("pk"), archived_at__isnull=True)

    def on_record_for(self, user: User) -> Self:
        """The archive is open to whom that of restaurants is."""
        return self.visible_to(user) if user.is_kam else self.filter(of_restaurants_on_record("lead", user))

    def locked(self, *of: str) -> Self:
        """The interactions with their restaurants, restaurants first: figures of those follow what changes here."""
        return super(InteractionSet, self.select_related("lead")).locked("lead", *of)

    def restorable_by(self, user: User) -> Self:
        """What the person sees, and what was deleted of it."""
        return self.filter(of_visible_restaurants("lead", user))

    def of_keys(self, keys: models.QuerySet[Any]) -> Self:
        """Those with these keys, which say already who sees them."""
        return self.filter(pk__in=keys)

    def with_participants(self) -> Self:
        """Adds `participant_ids`, the keys of the further contacts as one text."""
        through = Interaction.participants.through.objects
        return self.annotate(participant_ids=JoinedIds(through.filter(interaction=OuterRef("pk")), "contact_id"))

    def add(
        self,
        *,
        lead: Restaurant,
        at: datetime,
        by: User | None,
        held: bool = False,
        participants: Iterable[Contact] = (),
        order: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Interaction:
        """Record an interaction with all that belongs to it.

        The restaurant is locked, so that it cannot be archived meanwhile; `held` says that the caller did so.
        """
        if not held:
            lead = Restaurant.objects.hold(lead.pk, field="lead")
        fields.setdefault("date", at)
        fields.setdefault("kam", by)
        interaction: Interaction = self.model(lead=lead, created_at=at, updated_at=at, **fields)
        interaction._check_order(order=order, flag=fields.get("order_placed"))
        interaction._check_people([interaction.contact], "contact")
        interaction._check_moment(at=at)
        people = list(participants)
        if people:
            interaction.tells({"participants": ([], sorted({person.pk for person in people}))})
        if order is not None:
            order = {"order_date": interaction.date, **order}
            interaction.tells({f"order.{name}": (None, value) for name, value in order.items()})
        interaction.save(force_insert=True)
        if people:
            interaction._set_participants(people)
        if order is not None:
            interaction._set_order(order)
        interaction._tell(before=None, at=at)
        interaction._tell_contact(at=at)
        return interaction


class Interaction(Counts, Audited, Archivable):
    lead = models.ForeignKey(Restaurant, models.PROTECT, related_name="interactions", db_index=False)
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="interactions")
    participants = models.ManyToManyField(Contact, blank=True, related_name="attended")
    kam = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="interactions")
    interaction_type = models.CharField(max_length=10, choices=InteractionType.choices)
    status = models.CharField(max_length=10, choices=InteractionStatus.choices, default=InteractionStatus.DONE)
    details = models.TextField()
    outcome = models.CharField(max_length=50, blank=True, default="")
    order_placed = models.BooleanField(default=False)
    date = models.DateTimeField()
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    call_plan = models.ForeignKey(
        "call_planning.CallPlan", models.PROTECT, null=True, blank=True, editable=False, related_name="calls"
    )
    # What its plan had it planned for; null for what no plan asked for, or took back.
    due_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The plan while its call is still to be made, else null: unique, so that a plan has one such call at a time.
    planned_for = models.GeneratedField(
        expression=Case(
            When(
                status=InteractionStatus.PLANNED, archived_at__isnull=True, due_at__isnull=False, then=F("call_plan_id")
            ),
            default=None,
        ),
        output_field=models.BigIntegerField(null=True),
        db_persist=True,
        unique=True,
    )

    objects: ClassVar[Any] = InteractionSet.as_manager()

    class Meta:
        ordering = ("-date", "-id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(interaction_type__in=InteractionType.values), name="interaction_type_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=InteractionStatus.values), name="interaction_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(interaction_type=InteractionType.ORDER) | Q(order_placed=True),
                name="interaction_order_is_placed",
            ),
            # However often and by however many calls are planned.
            models.UniqueConstraint(fields=["call_plan", "due_at"], name="interaction_once_per_due_date"),
        ]
        indexes: ClassVar = [
            # A restaurant's timeline, newest first; for a KAM's list the keys are found in it alone.
            models.Index(fields=["lead", "-date", "-id", "archived_at"], name="interaction_of_lead"),
            # The same of orders, and the newest order days of a rhythm.
            models.Index(
                fields=["lead", "order_placed", "date", "id", "archived_at", "status"], name="interaction_order_of_lead"
            ),
            # Everybody's timeline, newest first, and by type, status, order.
            models.Index(fields=["-date", "-id"], name="interaction_by_date"),
            models.Index(fields=["interaction_type", "-date", "-id"], name="interaction_by_type"),
            models.Index(fields=["status", "-date", "-id"], name="interaction_by_status"),
            models.Index(fields=["order_placed", "-date", "-id"], name="interaction_by_order"),
            # What plans asked for within some days, everybody's.
            models.Index(fields=["due_at", "id"], name="interaction_by_due"),
        ]

    def __str__(self) -> str:
        return f"{self.get_interaction_type_display()} {self.date:%Y-%m-%d}"

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs, the order and the participants included. The caller holds the row's lock."""
        people, lead = changes.pop("participants", None), changes.pop("lead", None)
        if lead is not None and lead.pk != self.lead_id:
            raise InvalidInput(
                "An interaction stays with its restaurant.",
                errors={"lead": "Delete this interaction and record it with the other restaurant."},
            )
        if changes.get("order", ...) is None and self._has_order():
            raise InvalidInput(
                "What was ordered stays with its interaction.",
                errors={"order": "Leave it out, or send what the order should say."},
            )
        order, flag = changes.pop("order", None), changes.pop("order_placed", None)
        before = self.counted
        changed = self.take(changes)
        changed += self._check_order(order=order, flag=flag)
        self._check_people([self.contact] if "contact" in changed else [], "contact")
        self._check_moment(at=at)
        moved = {} if people is None else self._set_participants(people)
        ordered = {} if order is None else self._set_order(order)
        self.tells({**moved, **ordered})
        if changed or moved or ordered:
            self.keep(*changed, at=at)
        if TOLD.intersection(changed):
            self._tell_contact(at=at)
        if "status" in changed and self.status == InteractionStatus.DONE and self.due_at is not None:
            self._tell_plan(at=at)
        self._tell(before=before, at=at, ordered=bool(ordered))
        return bool(changed or moved or ordered)

    def write_order(self, *, by: User, at: datetime, **order: Any) -> None:
        """Set the details of the order that this interaction brought."""
        self.revise(by=by, at=at, order=order)

    def archive(self, *, by: User, at: datetime) -> None:
        """Take the interaction out of lists and counts; staff can see and restore it."""
        self._archive_since(at, by=by, at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        """Bring it back; what was not deleted is no change."""
        if not by.may_allocate:
            raise NotAllowed("Managers and admins restore interactions.")
        self._check_its_place_is_free()
        return self._archive_since(None, by=by, at=at)

    def _archive_since(self, since: datetime | None, *, by: User, at: datetime) -> bool:
        before = self.counted
        changed = super().revise(by=by, at=at, archived_at=since)
        self._tell(before=before, at=at)
        return changed

    def _tell_plan(self, *, at: datetime) -> None:
        call_made.happened(call=self, at=at)

    def _tell_contact(self, *, at: datetime) -> None:
        """Tell the contact, where their restaurant wants that: when, of which kind, and with whom; never the notes."""
        if self.contact_id is None or self.interaction_type == InteractionType.NOTE or not self.lead.notify_contacts:
            return
        facts = {
            "restaurant": self.lead.name,
            "type": self.get_interaction_type_display(),
            "status": self.get_status_display(),
            "date": self.date.isoformat(),
            "kam_id": self.kam_id,
            "is_new": self.version == 1,
        }
        key = f"interaction:{self.pk}:{self.version}"
        Message.objects.tell_contact(
            INTERACTION_NOTICE, self.contact, key=key, at=at, facts=facts, restaurant=self.lead_id
        )

    # --- rules --------------------------------------------------------------------------------
    def _check_order(self, *, order: dict[str, Any] | None, flag: bool | None) -> list[str]:
        """Whatever is an ORDER, or has an order's details, has placed one. Names what this changed."""
        must = self.interaction_type == InteractionType.ORDER or order is not None
        if flag is False and (must or self._has_order()):
            raise InvalidInput(
                "An order cannot say that no order was placed.",
                errors={"order_placed": "Leave it out or send true: this is an ORDER or has order details."},
            )
        return self.take({"order_placed": must or (self.order_placed if flag is None else flag)})

    def _check_people(self, people: Iterable[Contact | None], field: str) -> None:
        strangers = {person.pk for person in people if person is not None and person.restaurant_id != self.lead_id}
        if strangers and len(strangers) != Contact.objects.of_chain(self.lead).filter(pk__in=strangers).count():
            raise InvalidInput(
                "An interaction is with people of the restaurant or its chain.",
                errors={field: "Choose among the contacts of this restaurant or its chain."},
            )

    def _check_moment(self, *, at: datetime) -> None:
        if self.status == InteractionStatus.DONE and self.date > at + settings.CLOCK_SKEW:
            raise InvalidInput(
                "What is done is not in the future.",
                errors={"date": "This is in the future. Send the time it happened, or the status PLANNED."},
            )

    def _check_its_place_is_free(self) -> None:
        """A plan has one call to make at a time, and may have planned another meanwhile."""
        waits = self.archived_at and self.due_at and self.status == InteractionStatus.PLANNED
        if waits and (other := Interaction.objects.filter(planned_for=self.call_plan_id).first()):
            raise AlreadyExists(f"Its call plan has planned interaction {other.pk} instead. Use that one.")

    def _has_order(self) -> bool:
        return not self._state.adding and Order.objects.filter(interaction=self.pk).exists()

    # --- what belongs to it -------------------------------------------------------------------
    def _set_participants(self, people: Iterable[Contact]) -> Told:
        """Replace them; who takes part already stays welcome, wherever their restaurant belongs by now."""
        before = set(self.participants.values_list("pk", flat=True))
        self._check_people([person for person in people if person.pk not in before], "participants")
        self.participants.set(people)
        after = sorted({person.pk for person in people})
        return {} if before == set(after) else {"participants": (sorted(before), after)}

    def _set_order(self, given: dict[str, Any]) -> Told:
        order = Order.objects.filter(interaction=self.pk).first()
        if order is None:
            given = {"order_date": self.date, **given}
            Order.objects.create(interaction=self, **given)
            return {f"order.{name}": (None, value) for name, value in given.items()}
        changed = {name: getattr(order, name) for name, value in given.items() if getattr(order, name) != value}
        for name in changed:
            setattr(order, name, given[name])
        order.save(update_fields=changed)
        return {f"order.{name}": (old, given[name]) for name, old in changed.items()}
