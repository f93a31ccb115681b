"""Which restaurants belong together."""

from __future__ import annotations

from typing import Any

from django.db import models

from common.errors import InvalidInput


class Chained(models.Model):
    """A head office and its branches. A chain has one level, so there are no cycles."""

    branches: Any
    pk: Any
    parent_id: Any

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", help_text="The chain's head office."
    )

    class Meta:
        abstract = True

    @property
    def head(self) -> int:
        """The key of the chain's head office: its own, if it has none above."""
        return int(self.parent_id or self.pk)

    def _check_parent(self, parent: Any) -> None:
        if parent is None or (parent.pk == self.parent_id and self.pk):
            return
        if parent.pk == self.pk or parent.parent_id is not None or (self.pk and self.branches.exists()):
            raise InvalidInput(
                "A chain is a head office and its branches.",
                errors={"parent": "Choose a restaurant that has no head office itself, and is not below this one."},
            )
