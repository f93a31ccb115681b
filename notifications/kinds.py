"""What messages there are. Each app declares its own in `messages.py`, beside its templates in `templates/mail/`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from notifications.choices import Channel

Facts = dict[str, Any]
KINDS: dict[str, Kind] = {}


class NothingToSay(Exception):
    """What a message tells about is over: raised by a kind's `context`, it drops the message."""


def as_they_are(facts: Facts) -> Facts:
    return facts


@dataclass(frozen=True)
class Kind:
    """One kind of message.

    `code` is its name for good, such as `restaurant_allocated`; its templates are `mail/<code>.txt` (the first line
    is the title) and `mail/<code>.html`. `label` names it among one's preferences. `channels` is where it goes unless
    a preference says otherwise. `context` makes the template's words from the facts, at the moment of rendering: facts
    are JSON, and hold keys, names and moments rather than what can be read then. The title alone is made of the bare
    facts, because it is written with the message. `optional` is false for what nobody can switch off: mails about
    one's account, and what goes to contacts.
    """

    code: str
    label: str
    channels: tuple[Channel, ...] = (Channel.IN_APP, Channel.EMAIL)
    context: Callable[[Facts], Facts] = as_they_are
    optional: bool = True

    def __post_init__(self) -> None:
        if self.code in KINDS:
            raise ValueError(f"There is a kind {self.code} already.")
        KINDS[self.code] = self


def kind_of(code: str) -> Kind:
    """The kind of this code; a LookupError where no app declares it any more."""
    try:
        return KINDS[code]
    except KeyError:
        raise LookupError(f"No app declares the kind {code}.") from None
