"""Cover: who works on somebody's restaurants while they are away."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.errors import AlreadyExists, InvalidInput, NotAllowed, RuleBroken
from common.models import Archivable, Stamped
from kams.models import User, VisibleSet
from leads.messages import COVER_BEGUN, COVER_CHANGED, COVER_ENDED, COVER_MADE
from notifications.kinds import Kind
from notifications.models import Message


class CoverOver(RuleBroken):
    """What is over stays as it was."""

    code = "cover_over"


class CoverSet(VisibleSet):
    def visible_to(self, user: User) -> Self:
        """One's own, those one covers, and a manager's people's; never those that were ended early."""
        rows = self.filter(archived_at__isnull=True)
        return rows if user.sees_everything else rows.filter(user.reach("absent") | user.reach("covering"))

    def running(self, *, at: datetime) -> Self:
        """Those that hold at this moment: the first is within, the last is not."""
        return self.filter(archived_at__isnull=True, starts_at__lte=at, ends_at__gt=at)

    def to_tell_of(self, *, at: datetime) -> Self:
        """Those that have begun or ended and nobody was told so."""
        begun, ended = Q(begin_told_at__isnull=True, starts_at__lte=at), Q(end_told_at__isnull=True, ends_at__lte=at)
        return self.filter(begun | ended, archived_at__isnull=True)

    def add(
        self,
        *,
        absent: User,
        covering: User,
        ends_at: datetime,
        by: User,
        at: datetime,
        starts_at: datetime | None = None,
        reason: str = "",
    ) -> Cover:
        """Let somebody work on all that another has, from one moment until another, and tell both.

        The absent person is locked, so that two covers of them cannot overlap.
        """
        absent = User.objects.locked().get(pk=absent.pk)
        spell = {"starts_at": starts_at or at, "ends_at": ends_at}
        people = {"absent": absent, "covering": covering, "made_by": by}
        cover: Cover = self.model(**people, **spell, reason=reason, created_at=at, updated_at=at)
        cover._check_maker(by)
        cover._check_people()
        cover._check_start(at=at)
        cover._check_spell(at=at)
        if cover.starts_at <= at:  # who is told now that it is made needs not be told that it begins
            cover.begin_told_at = at
        cover.save(force_insert=True)
        cover._tell(COVER_MADE, by=by, at=at)
        return cover

    def end_of(self, person: User, *, by: User, at: datetime) -> None:
        """End every cover by or of somebody who leaves."""
        theirs = self.filter(Q(absent=person) | Q(covering=person), archived_at__isnull=True, ends_at__gt=at)
        for cover in theirs.locked().order_by("pk"):
            cover._end(by=by, at=at)


class Cover(Stamped, Archivable):
    """From one moment until another, the covering person sees the absent one's restaurants and works on them.

    It ends by itself: what somebody sees is decided by the moment they ask. It does not chain: who covers the
    covering person sees that person's own restaurants only.
    """

    absent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", db_index=False)
    covering = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="covers", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True, default="")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    # When both were told that it began, and that it ended.
    begin_told_at = models.DateTimeField(null=True, editable=False)
    end_told_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[Any] = CoverSet.as_manager()

    class Meta:
        ordering = ("starts_at", "id")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="cover_ends_after_it_starts"),
            models.CheckConstraint(condition=~Q(absent=F("covering")), name="cover_is_by_somebody_else"),
        ]
        indexes: ClassVar = [
            # Whose restaurants a person covers: asked by every request of theirs.
            models.Index(fields=["covering", "archived_at", "starts_at"], name="cover_by_covering"),
            # A person's covers, and whether another overlaps.
            models.Index(fields=["absent", "archived_at", "starts_at"], name="cover_by_absent"),
            # Everybody's, by their bounds.
            models.Index(fields=["starts_at", "id"], name="cover_by_start"),
            models.Index(fields=["ends_at", "id"], name="cover_by_end"),
            # The job that tells of beginnings and ends.
            models.Index(fields=["begin_told_at", "starts_at"], name="cover_by_begin_told"),
            models.Index(fields=["end_told_at", "ends_at"], name="cover_by_end_told"),
        ]

    def __str__(self) -> str:
        return f"{self.covering} for {self.absent}"

    # --- verbs; the caller holds the row's lock -------------------------------------------------
    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        """Change what differs, and tell both. Who is covered by whom stays; what has begun keeps its start."""
        self._check_may_change(by, at=at)
        for name in ("absent", "covering"):
            person = changes.pop(name, None)
            if person is not None and person.pk != getattr(self, f"{name}_id"):
                raise InvalidInput(
                    "A cover stays with its two people.", errors={name: "End this cover, and make another."}
                )
        began = self.starts_at
        changed = self.take(changes)
        if "starts_at" in changed:
            self._check_start(at=at, began=began)
        if {"starts_at", "ends_at"} & set(changed):
            User.objects.locked().get(pk=self.absent_id)
            self._check_spell(at=at)
        if changed:
            self.keep(*changed, at=at)
            self._tell(COVER_CHANGED, by=by, at=at)
        return bool(changed)

    def archive(self, *, by: User, at: datetime) -> None:
        """End it early, or call it off, and tell both."""
        self._check_may_change(by, at=at)
        self._end(by=by, at=at)

    def tell_of(self, *, at: datetime) -> None:
        """Tell both, once, that it has begun or ended; of what is over by now, only that."""
        over = self.ends_at <= at
        changed = ["begin_told_at"] if self.begin_told_at is None else []
        changed += ["end_told_at"] if over else []
        for name in changed:
            setattr(self, name, at)
        self.save(update_fields=changed)
        self._tell(COVER_ENDED if over else COVER_BEGUN, by=None, at=at)

    def _end(self, *, by: User, at: datetime) -> None:
        self.archived_at = self.end_told_at = at
        self.keep("archived_at", "end_told_at", at=at)
        self._tell(COVER_ENDED, by=by, at=at)

    # --- rules ----------------------------------------------------------------------------------
    def _check_maker(self, by: User) -> None:
        if not by.looks_after(self.absent):
            raise NotAllowed(
                "People arrange cover for themselves, managers for their people, and admins for everybody.",
                errors={"absent": "Use your own id, or ask their manager."},
            )

    def _check_may_change(self, by: User, *, at: datetime) -> None:
        self._check_maker(by)
        if self.ends_at <= at:
            raise CoverOver("This cover is over. Make another one.")

    def _check_people(self) -> None:
        if self.absent_id == self.covering_id:
            raise InvalidInput("Nobody covers for themselves.", errors={"covering": "Choose somebody else."})
        for name in ("absent", "covering"):
            if not getattr(self, name).can_be_allocated:
                raise InvalidInput(
                    "Cover is between active people who may work on restaurants.",
                    errors={name: "This person is inactive or an analyst. Choose somebody else."},
                )

    def _check_start(self, *, at: datetime, began: datetime | None = None) -> None:
        if began is not None and began <= at:
            raise InvalidInput("This cover has begun.", errors={"starts_at": "Leave it out: only the end can change."})
        if self.starts_at < at - settings.CLOCK_SKEW:
            raise InvalidInput(
                "A cover does not begin in the past.", errors={"starts_at": "Send a time to come, or leave it out."}
            )

    def _check_spell(self, *, at: datetime) -> None:
        if self.ends_at <= max(self.starts_at, at):
            raise InvalidInput(
                "A cover ends after it begins, and not in the past.",
                errors={"ends_at": "Send a time to come that is later than starts_at."},
            )
        others = Cover.objects.filter(absent=self.absent_id, archived_at__isnull=True).exclude(pk=self.pk)
        overlapping = others.filter(starts_at__lt=self.ends_at, ends_at__gt=self.starts_at)
        if other := overlapping.values_list("pk", flat=True).first():
            raise AlreadyExists(
                f"This person has cover {other} in that time.",
                errors={"starts_at": f"Choose a time beside that of cover {other}, or end it."},
            )

    def _tell(self, kind: Kind, *, by: User | None, at: datetime) -> None:
        """Both hear of each change once: the version tells one change from the next."""
        facts = {
            "absent": self.absent.username,
            "covering": self.covering.username,
            "starts_at": self.starts_at.isoformat(),
            "ends_at": self.ends_at.isoformat(),
            "ended_early": self.archived_at is not None,
            "by": by.username if by else None,
            "reason": self.reason,
        }
        step = f":{self.version}" if kind is COVER_CHANGED else ""
        both = [self.absent, self.covering]
        Message.objects.tell(kind, both, key=f"cover:{self.pk}{step}", at=at, facts=facts)
