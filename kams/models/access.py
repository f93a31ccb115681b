"""Who sees what: the one place that decides.

Each set says which column leads to the person a row belongs to; what roles mean is written here once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from common.models import RowSet

if TYPE_CHECKING:
    from kams.models.user import User


class VisibleSet(RowSet):
    """A set of rows that not everybody sees."""

    def visible_to(self, user: User) -> Self:
        """The rows this person may see. What is not in here answers 404."""
        raise NotImplementedError

    def editable_by(self, user: User) -> Self:
        """The rows this person may change: what they see, unless their role only reads."""
        return self.visible_to(user) if user.may_edit else self.none()

    def on_record_for(self, user: User) -> Self:
        """The rows whose history this person may read: what they see, and what they may look at in the archive."""
        return self.visible_to(user)

    def listed_for(self, user: User) -> Self:
        """The rows a list shows when it is not asked for others."""
        return self.visible_to(user)
