from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import ProtectedError, Q
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import TreeNode
from tree_queries.query import TreeQuerySet

from common.errors import InvalidInput, NotAllowed, RuleBroken
from common.models import Stamped
from kams.models.access import VisibleSet

if TYPE_CHECKING:
    from datetime import datetime

    from kams.models.user import User


class TeamInUse(RuleBroken):
    """A team goes when nobody and nothing is in it."""

    code = "team_in_use"


class TeamSet(VisibleSet, TreeQuerySet):  # type: ignore[misc] # comes without types
    def visible_to(self, user: User) -> Self:
        """Everybody's own team; a manager's sub-teams as well; all of them for who sees everything."""
        if user.sees_everything:
            return self.all()
        return self.filter(Q(pk__in=user.team_ids) | Q(pk=user.team_id))

    def editable_by(self, user: User) -> Self:
        """What `may_be_changed_by` this person, in SQL."""
        return self.all() if user.is_admin else self.filter(parent__in=user.team_ids)

    def keys_below(self, team: int) -> list[int]:
        """The keys of this team and of all below it, in one statement."""
        return [one.pk for one in self.with_tree_fields().only("pk") if team in one.tree_path]

    def manager_above(self, person: User) -> User | None:
        """Who manages the person: the active manager of their team, or of the nearest team above it that has one."""
        if person.team is None:
            return None
        upwards = self.ancestors(person.team, include_self=True).select_related("manager").reverse()
        managers = (team.manager for team in upwards if team.manager_id not in {None, person.pk})
        return next((manager for manager in managers if manager.is_active), None)

    def add(self, *, by: User, at: datetime, **fields: Any) -> Team:
        team: Team = self.model(created_at=at, updated_at=at, **fields)
        team._check_place(by=by)
        team._check_manager()
        team.save(force_insert=True)
        by.look_at_teams_anew()
        return team


class TeamsOf(models.Func):
    """The keys of the teams that a manager manages or belongs to, and of all below them: `3,5,9`; of others none.

    Trees of the library are made of all teams there are; this walks down from the manager's own.
    """

    output_field = models.TextField()
    function = "GROUP_CONCAT(below.id)"
    template = """(
        WITH RECURSIVE below(id) AS (
            SELECT own.id FROM kams_user person JOIN kams_team own
                ON own.manager_id = person.id OR own.id = person.team_id
                WHERE person.id = %(expressions)s AND person.role = 'MANAGER'
            UNION SELECT child.id FROM kams_team child JOIN below ON child.parent_id = below.id
        ) SELECT %(function)s FROM below)"""

    def __init__(self, person: Any) -> None:
        super().__init__(models.Value(person))

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function="STRING_AGG(below.id::text, ',')", **extra)


class Team(TreeNode, Stamped):  # type: ignore[misc, django-manager-missing] # comes without types
    """People who work together. Its manager sees what it and its sub-teams look after."""

    name = models.CharField(
        max_length=100, unique=True, error_messages={"unique": "There is a team of this name already."}
    )
    parent = TreeNodeForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="managed_teams",
    )

    objects: ClassVar[Any] = TeamSet.as_manager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def may_be_changed_by(self, person: User) -> bool:
        """Admins shape every team, managers those below their own."""
        return person.is_admin or self.parent_id in person.team_ids

    def revise(self, *, by: User, at: datetime, **changes: Any) -> bool:
        changed = self.take(changes)
        if "parent" in changed:
            self._check_place(by=by)
            self._check_no_cycle()
        if "manager" in changed:
            self._check_manager()
        if changed:
            self.keep(*changed, at=at)
            by.look_at_teams_anew()
        return bool(changed)

    def remove(self) -> None:
        """Delete the team. Raises `TeamInUse` while people or sub-teams are in it."""
        try:
            self.delete()
        except ProtectedError:
            raise TeamInUse(
                "This team has people or sub-teams. Give them another team (`team`, `parent`), then delete it."
            ) from None

    def _check_place(self, *, by: User) -> None:
        if not by.is_admin and self.parent_id not in by.team_ids:
            raise NotAllowed(
                "A manager's teams stand below their own.", errors={"parent": "Name one of the teams you manage."}
            )

    def _check_no_cycle(self) -> None:
        if self.parent_id is not None and self.pk in self._above():
            raise InvalidInput(
                "A team cannot stand below itself.",
                errors={"parent": "This team is the team itself or stands below it. Choose one from above."},
            )

    def _above(self) -> set[int]:
        """The new parent and all above it."""
        # Every team is locked, so that two that are moved below each other at once cannot both be.
        teams = Team.objects.locked().order_by("pk").only("pk", "parent_id")
        parents = {team.pk: team.parent_id for team in teams}
        above: set[int] = set()
        step = self.parent_id
        while step is not None and step not in above:
            above.add(step)
            step = parents.get(step) if step != self.pk else None
        return above

    def _check_manager(self) -> None:
        if self.manager is not None and not (self.manager.is_active and self.manager.may_allocate):
            raise InvalidInput(
                "A team is managed by an active manager or admin.",
                errors={"manager": "Choose a person whose role is MANAGER or ADMIN."},
            )
