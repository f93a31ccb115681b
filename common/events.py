"""Domain events: the last resort by which a lower app tells a higher one, inside the same transaction.

The lower app declares the event in its `events.py`; a higher one receives it in a function that its `apps.py`
connects. Each event is listed in `docs/architecture.md`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Receiver = Callable[..., None]


class Event:
    """Something that has happened to a row. Who receives it runs at once, in the transaction of the change."""

    def __init__(self, *facts: str) -> None:
        self.facts = frozenset(facts)
        self._receivers: list[Receiver] = []

    def received_by(self, receiver: Receiver) -> Receiver:
        """Let this function hear of it; said twice it still hears once."""
        if receiver not in self._receivers:
            self._receivers.append(receiver)
        return receiver

    def happened(self, **facts: Any) -> None:
        """Tell everybody who receives it. What a receiver raises undoes the change."""
        if facts.keys() != self.facts:
            raise TypeError(f"This event has the facts {', '.join(sorted(self.facts))}.")
        for receiver in self._receivers:
            receiver(**facts)
