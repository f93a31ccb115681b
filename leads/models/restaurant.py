"""The restaurant: one record for life, from lead to lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from common.errors import InvalidInput, NotAllowed, RuleBroken
from common.models import MAX_ID, Archivable, Audited, search, search_column, tell_history
from common.money import MoneyField
from common.phones import e164
from kams.models import User, VisibleSet
from leads.choices import LeadStatus, may_follow
from leads.events import standing_changed, status_changed
from leads.models.chain import Chained
from leads.models.handing_over import MOST_AT_ONCE, HandOver, TakenAlready, batches, check_all_are_there
from leads.models.opening import Opening
from leads.models.portfolio import portfolio_of, seen_by

# What of a restaurant decides on whose lists it stands, if on any.
STANDING = frozenset({"assigned_to", "lead_status", "archived_at"})


class TransitionRefused(RuleBroken):
    """One status may not follow the other."""

    code = "transition_refused"


class RestaurantSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """What the person looks after, shares or covers, and the pool; everything for who sees everything.

        Never the archive.
        """
        return self.filter(seen_by(user), archived_at__isnull=True)

    def listed_for(self, user: User) -> Self:
        """As `visible_to`, but a KAM's list leaves out the pool until it is asked for.

        What is shared or covered is looked up first and named by its keys, one statement: who has neither keeps a
        list that is one range of an index.
        """
        if user.is_kam:
            return self.filter(portfolio_of(user).condition(), archived_at__isnull=True)
        return self.visible_to(user)

    def archived_for(self, user: User) -> Self:
        """The archive, for who may restore from it."""
        if user.is_kam:
            return self.none()
        return self.filter(seen_by(user), archived_at__isnull=False)

    def on_record_for(self, user: User) -> Self:
        """The archive as well, for whom it is open."""
        return self.visible_to(user) if user.is_kam else self.filter(seen_by(user))

    def matching(self, text: str) -> Self:
        """Those in which each word is found, in their name, place, people or numbers."""
        return search(self, text)

    def inactive_since_before(self, moment: datetime) -> Self:
        """Those that became INACTIVE before this moment and have stayed so; archived ones as well."""
        inactive = self.filter(lead_status=LeadStatus.INACTIVE)
        since = Coalesce(Max("status_changes__changed_at"), F("created_at"))
        return inactive.annotate(inactive_since=since).filter(inactive_since__lt=moment)

    def hold(self, pk: int, *, field: str) -> Restaurant:
        """The live restaurant, locked: nothing is added to one that is being archived."""
        restaurant: Restaurant | None = self.locked().filter(pk=pk, archived_at__isnull=True).first()
        if restaurant is None:
            raise InvalidInput(
                "This restaurant has been archived.", errors={field: f"There is no row with the id {pk}."}
            )
        return restaurant

    def add(self, *, by: User, at: datetime, **fields: Any) -> Restaurant:
        """Enter a restaurant, and start its histories. What a KAM enters is theirs unless they say otherwise."""
        fields.setdefault("assigned_to", by if by.is_kam else None)
        restaurant: Restaurant = self.model(created_by=by, created_at=at, updated_at=at, **fields)
        restaurant.phone_e164 = restaurant._normalised({})
        restaurant._check_parent(restaurant.parent)
        restaurant.check_region(fields)
        hand_over = HandOver.entering(restaurant, by=by)
        restaurant.save(force_insert=True)
        hand_over.write(at=at, reason="")
        return restaurant

    # --- many at once -------------------------------------------------------------------------
    def looked_after_by(self, person: User) -> Self:
        """The live ones that this person has."""
        return self.filter(assigned_to=person.pk, archived_at__isnull=True)

    def allocatable_by(self, user: User) -> Self:
        """Those that this person may hand on: what they or their people have, and the pool."""
        if user.is_admin:
            return self.filter(archived_at__isnull=True)
        return self.filter(user.reach("assigned_to") | Q(assigned_to__isnull=True), archived_at__isnull=True)

    def allocate(self, *, to: User | None, by: User, at: datetime, reason: str = "", **how: Any) -> HandOver:
        """Give all of these to somebody, or to the pool (None): all, or none where a rule refuses one.

        They are locked in the order of their keys. Each batch of rows costs the same few statements, and whom it
        concerns is told once, whatever the number.
        """
        hand_over = self.locked().if_allocated(to=to, by=by, **how)
        # Whoever held a row before came first, although this was asked for earlier.
        at = max([at, *(row.updated_at for row in hand_over.moved)])
        hand_over.write(at=at, reason=reason)
        for batch in batches(hand_over.moved):
            keys = [row.pk for row in batch]
            moved = self.model._base_manager.filter(pk__in=keys)
            moved.update(assigned_to=to, version=F("version") + 1, updated_at=at)
            tell_history(batch, updated_at=at)
            standing_changed.happened(restaurants=keys)
        return hand_over

    def if_allocated(
        self, *, to: User | None, by: User, ids: Sequence[int] | None = None, field: str = "to"
    ) -> HandOver:
        """What `allocate` would move: all of these, or those with the `ids`, each of which has to be there.

        `field` is where a refusal of `to` is named. Nothing is changed.
        """
        rows = self if ids is None else self.filter(pk__in=[key for key in set(ids) if 0 < key <= MAX_ID])
        rows = rows.order_by("pk").only("pk", "name", "city", "assigned_to_id", "version", "updated_at")
        found = list(rows[: MOST_AT_ONCE + 1])
        check_all_are_there(found, ids)
        return HandOver.of(found, to=to, by=by, field=field)


class Restaurant(Opening, Chained, Audited, Archivable):
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True, default="")
    city = models.CharField(max_length=100)
    state = models.CharField(max_length=100)
    pincode = models.CharField(max_length=10)
    contact_person = models.CharField(max_length=200)
    phone = models.CharField(max_length=20)
    phone_e164 = models.CharField(max_length=20, blank=True, default="", editable=False)
    email = models.EmailField()
    lead_status = models.CharField(max_length=20, choices=LeadStatus.choices, default=LeadStatus.NEW)
    potential_revenue = MoneyField(max_digits=10, null=True, blank=True)
    cuisine_type = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 - null in the contract
    restaurant_type = models.CharField(max_length=100, null=True, blank=True)  # noqa: DJ001 - null in the contract
    source = models.CharField(max_length=100, blank=True, default="", help_text="Where the lead came from.")
    notes = models.TextField(blank=True, default="")
    notify_contacts = models.BooleanField(
        default=False, help_text="Tell its contacts when an interaction with them is recorded or changed."
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="restaurants", db_index=False
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    # What `?search=` looks through; the database keeps it.
    search_text = search_column("name", "city", "contact_person", "email", "phone", "phone_e164")

    untold = frozenset({"phone_e164"})

    objects: ClassVar[Any] = RestaurantSet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(potential_revenue__isnull=True) | Q(potential_revenue__gte=0),
                name="restaurant_revenue_not_negative",
            ),
            models.CheckConstraint(condition=Q(lead_status__in=LeadStatus.values), name="restaurant_status_is_known"),
        ]
        indexes: ClassVar = [
            # A KAM's list, and the pool (null), in the default order; also the keys alone of what a KAM has, for lists
            # of what hangs below.
            models.Index(fields=["assigned_to", "id", "archived_at"], name="restaurant_live_by_kam"),
            # The same by status, and by revenue, also for the ranking of a large portfolio's calls.
            models.Index(fields=["assigned_to", "lead_status", "id"], name="restaurant_by_kam_status"),
            models.Index(fields=["assigned_to", "potential_revenue", "id"], name="restaurant_by_kam_revenue"),
            # Everybody's by status, and performing and underperforming accounts by revenue.
            models.Index(fields=["lead_status", "potential_revenue", "id"], name="restaurant_by_status_revenue"),
            # ?city=, ?state=, ?cuisine_type=, ?restaurant_type= in the default order.
            models.Index(fields=["city", "id"], name="restaurant_by_city"),
            models.Index(fields=["state", "id"], name="restaurant_by_state"),
            models.Index(fields=["cuisine_type", "id"], name="restaurant_by_cuisine"),
            models.Index(fields=["restaurant_type", "id"], name="restaurant_by_type"),
            # ?ordering= by name, revenue and dates.
            models.Index(fields=["name", "id"], name="restaurant_by_name"),
            models.Index(fields=["potential_revenue", "id"], name="restaurant_by_revenue"),
            models.Index(fields=["created_at", "id"], name="restaurant_by_created"),
            models.Index(fields=["updated_at", "id"], name="restaurant_by_updated"),
            # Who else has this number.
            models.Index(fields=["phone_e164"], name="restaurant_by_phone"),
        ]

    def __str__(self) -> str:
        return self.name

    # --- status -------------------------------------------------------------------------------
    def change_status(self, status: str, *, by: User, at: datetime, reason: str = "") -> bool:
        """Take the next status and write the history; the same status again is no change.

        The caller holds the row's lock. Raises `TransitionRefused` naming what is allowed.
        """
        changed = self._step(status, by=by, at=at, reason=reason)
        if changed:
            self.keep(*changed, at=at)
        return bool(changed)

    def _step(self, status: str, *, by: User, at: datetime, reason: str = "") -> list[str]:
        if status == self.lead_status:
            return []
        allowed = may_follow(self.lead_status)
        if status not in allowed:
            raise TransitionRefused(
                f"{self.lead_status} cannot become {status}. Allowed: {', '.join(allowed)}.",
                errors={"lead_status": f"Use one of {', '.join(allowed)}."},
            )
        last = self.status_changes.order_by("-changed_at", "-id").values_list("changed_at", flat=True).first()
        self.status_changes.create(
            old_status=self.lead_status,
            new_status=status,
            changed_by=by,
            changed_at=at,
            reason=reason,
            lasted=max(at - (last or self.created_at), timedelta()),
        )
        old_status, self.lead_status = self.lead_status, status
        status_changed.happened(restaurant=self, old_status=old_status, by=by, at=at)
        return ["lead_status"]

    # --- allocation ---------------------------------------------------------------------------
    def allocate(self, *, to: User | None, by: User, at: datetime, reason: str = "", field: str = "to") -> bool:
        """Give the restaurant to somebody, or to the pool (None), write the history, and tell whom it concerns.

        The caller holds the row's lock. Raises `NotAllowed` where `by` may not, `InvalidInput` where `to` cannot.
        """
        changed = self._give(to, by=by, at=at, reason=reason, field=field)
        if changed:
            self.keep(*changed, at=at)
        return bool(changed)

    def claim(self, *, by: User, at: datetime) -> bool:
        """Take the restaurant from the pool. Raises `TakenAlready` where somebody else has it."""
        if self.assigned_to_id not in {None, by.pk}:
            raise TakenAlready("Somebody looks after this restaurant already. Claim another one of the pool.")
        return self.allocate(to=by, by=by, at=at)

    def _give(self, to: User | None, *, by: User, at: datetime, reason: str, field: str) -> list[str]:
        hand_over = HandOver.of([self], to=to, by=by, field=field)
        hand_over.write(at=at, reason=reason)
        return ["assigned_to"] if hand_over.moved else []

    # --- life ---------------------------------------------------------------------------------
    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs. Status and allocation go through their own rules, whatever door they came by."""
        changed = []
        if "lead_status" in changes:
            changed += self._step(changes.pop("lead_status"), by=by, at=at)
        if "assigned_to" in changes:
            changed += self._give(changes.pop("assigned_to"), by=by, at=at, reason="", field="assigned_to")
        if "parent" in changes:
            self._check_parent(changes["parent"])
        if {"country", "region"} & set(changes):
            self.check_region(changes)
        if {"country", "phone"} & set(changes):
            changes["phone_e164"] = self._normalised(changes)
        changed += self.take(changes)
        if changed:
            self.keep(*changed, at=at)
        return bool(changed)

    def keep(self, *names: str, at: datetime) -> None:
        """Write the named fields, and tell it where they say on whose lists it stands, if on any."""
        super().keep(*names, at=at)
        if STANDING.intersection(names):
            standing_changed.happened(restaurants=[self.pk])

    def archive(self, *, by: User, at: datetime) -> None:
        """Put the restaurant away with all it holds; what hangs below disappears with it, and comes back with it."""
        self.revise(by=by, at=at, archived_at=at)

    def restore(self, *, by: User, at: datetime) -> bool:
        """Bring it back; into the pool, where who had it left meanwhile."""
        if by.is_kam:
            raise NotAllowed("Managers and admins restore restaurants.")
        owner = self.assigned_to
        to = owner if owner is None or owner.can_be_allocated else None
        return self.revise(by=by, at=at, archived_at=None, assigned_to=to)

    def _normalised(self, changes: dict[str, Any]) -> str:
        country = changes.get("country", self.country)
        return e164(changes.get("phone", self.phone), region=country or settings.PHONE_REGION)
