from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from tree_queries.models import TreeNode
from tree_queries.query import TreeQuerySet

from common.errors import InvalidInput
from common.models import Stamped
from kams.models.access import VisibleSet

if TYPE_CHECKING:
    from datetime import datetime

    from kams.models.user import User


class TeamSet(VisibleSet, TreeQuerySet):
    def visible_to(self, user: User) -> Self:
        """Everybody's own team; a manager's sub-teams as well; all of them for who sees everything."""
        if user.sees_everything:
            return self.all()
        return self.filter(Q(pk__in=user.team_ids) | Q(pk=user.team_id))

    def editable_by(self, user: User) -> Self:
        """Teams are changed by who manages them, directly or from above."""
        if user.is_admin:
            return self.all()
        return self.filter(pk__in=user.team_ids) if user.is_manager else self.none()

    def add(self, *, by: User, at: datetime, **fields: Any) -> Team:
        team = self.model(created_at=at, updated_at=at, **fields)
        team.save()
        return team


class Team(TreeNode, Stamped):
    """People who work together. Its manager sees what it and its sub-teams look after."""

    name = models.CharField(max_length=100, unique=True)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_teams",
    )

    objects = TeamSet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        parent = changes.get("parent")
        if parent is not None and parent.pk in set(
            Team.objects.descendants(self, include_self=True).values_list("pk", flat=True)
        ):
            raise InvalidInput(
                "A team cannot stand below itself.",
                errors={"parent": "This team is the team itself or stands below it. Choose one from above."},
            )
        return super().revise(by=by, at=at, **changes)
