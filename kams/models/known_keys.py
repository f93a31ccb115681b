"""Keys that decide what somebody sees, such as a manager's teams.

The statement that says who asks says them as well; of anybody else they are looked up when they are first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Expression

from common.models import Keys

if TYPE_CHECKING:
    from kams.models.user import User

# What says them of somebody at a moment, each joined as one text, and their names in that order.
_say: list[Callable[[User, datetime], Mapping[str, Expression]]] = []
_names: list[str] = []


def said_with_caller(*names: str) -> Callable[[Any], Any]:
    """Registers the function that makes expressions of the keys of these names, for who asks at a moment."""

    def register(say: Callable[[User, datetime], Mapping[str, Expression]]) -> Any:
        _say.append(say)
        _names.extend(names)
        return say

    return register


def said_of(person: User, *, at: datetime) -> dict[str, Expression]:
    """What a statement says of this person beside their own columns, by name."""
    return {name: keys for say in _say for name, keys in say(person, at).items()}


def _keys(joined: str | None) -> Keys:
    return Keys(sorted({int(key) for key in joined.split(",")})) if joined else Keys()


class KnownKeys(dict[str, Keys]):
    """What is known of one person, for as long as a request."""

    def __init__(self, person: User) -> None:
        super().__init__()
        self.person = person

    def take(self, said: Sequence[str | None]) -> None:
        """Know what `said_of` said, in its order."""
        self.update(zip(_names, map(_keys, said), strict=True))

    def __missing__(self, name: str) -> Keys:
        if name not in _names:
            raise KeyError(name)
        person = self.person
        rows = type(person)._default_manager.filter(pk=person.pk).order_by()
        self.take(rows.annotate(**said_of(person, at=person.asks_at)).values_list(*_names).get())
        return self[name]
