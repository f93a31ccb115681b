"""Keys that decide what somebody sees, such as a manager's teams.

They are looked up when they are first asked for, unless the statement that says who asks has said them as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from common.models import JoinedIds, Keys

if TYPE_CHECKING:
    from kams.models.user import User

# How keys are looked up, by their name; and what says so of somebody at a moment, beside their own columns.
_look_ups: dict[str, Callable[[User], Mapping[str, Keys]]] = {}
_beside: list[Callable[[User, datetime], Mapping[str, JoinedIds]]] = []
_names: list[str] = []


def looks_up(name: str) -> Callable[[Callable[[User], Keys]], Callable[[User], Keys]]:
    """Registers the function that finds the keys of this name."""

    def register(look_up: Callable[[User], Keys]) -> Callable[[User], Keys]:
        _look_ups[name] = lambda person: {name: look_up(person)}
        return look_up

    return register


def said_with_caller(*names: str) -> Callable[[Any], Any]:
    """Registers the function that makes expressions of the keys of these names, for who asks at a moment."""

    def register(say: Callable[[User, datetime], Mapping[str, JoinedIds]]) -> Any:
        _beside.append(say)
        _names.extend(names)
        _look_ups.update(dict.fromkeys(names, _said_alone))
        return say

    return register


def said_of(person: User, *, at: datetime) -> dict[str, JoinedIds]:
    """What a statement says of this person beside their own columns, by name."""
    return {name: keys for say in _beside for name, keys in say(person, at).items()}


def _said_alone(person: User) -> dict[str, Keys]:
    said = said_of(person, at=person.asks_at)
    rows = type(person)._default_manager.filter(pk=person.pk).order_by()
    return {name: _keys(joined) for name, joined in rows.annotate(**said).values(*_names).get().items()}


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
        self.update(_look_ups[name](self.person))
        return self[name]
