"""The words of a message: templates of the app that declared its kind, in the language and zone of who reads it.

A template is looked for in the language first, `mail/hi/<code>.txt`, then without, `mail/<code>.txt`. Its first line
is the title; a blank line and the text follow. `mail/<code>.html` says the same as HTML.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.template import Context
from django.template.base import Template
from django.template.loader import select_template
from django.utils import timezone, translation

from kams.models import User
from notifications.kinds import Facts, NothingToSay, kind_of

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Recipient:
    """Who reads it: a `person` or a `contact`, as the templates name them, or whoever has an address."""

    language: str
    zone: ZoneInfo
    words: Facts

    @classmethod
    def person(cls, person: User) -> Self:
        return cls(person.language, person.zone, {"person": person})


@dataclass(frozen=True)
class Words:
    title: str
    text: str
    html: str


class Told(Protocol):
    """What a message has to know of itself to be put into words."""

    @property
    def kind(self) -> str: ...
    @property
    def facts(self) -> Facts: ...
    @property
    def recipient(self) -> Recipient: ...


def words_of(message: Told) -> Words:
    """Title, text and HTML as they are now. Raises `NothingToSay` where the kind's context does."""
    words = kind_of(message.kind).context(message.facts)
    # Who has an address alone turns out to be a person, perhaps.
    known = "person" in words and not message.recipient.words
    recipient = _spoken_to(message.kind, Recipient.person(words["person"]) if known else message.recipient)
    words = {**words, **recipient.words}
    with _as_read_by(recipient):
        template = _template(message.kind, "txt", recipient)
        head = _render(_head_of(template), words, html=False).strip()
        text = _render(template, words, html=False).strip().removeprefix(head)
        title = _one_line(head)
        html = _render(_template(message.kind, "html", recipient), {**words, "title": title}, html=True)
        if "unsubscribe" in words:
            text += f"\n\n{_render(_template('unsubscribe', 'txt', recipient), words, html=False)}"
    return Words(title, f"{text.strip()}\n", html)


@dataclass(frozen=True)
class _Spoken:
    kind: str
    facts: Facts
    recipient: Recipient


def text_for(person: User, code: str, facts: Facts) -> str:
    """The text of a message to this person; empty where there is nothing left to say."""
    try:
        return words_of(_Spoken(code, facts, Recipient.person(person))).text
    except (NothingToSay, LookupError, ObjectDoesNotExist):
        return ""


def title_of(code: str, facts: Facts, recipient: Recipient) -> str:
    """The title alone, of the bare facts."""
    recipient = _spoken_to(code, recipient)
    head = _head_of(_template(code, "txt", recipient))
    with _as_read_by(recipient):
        return _one_line(_render(head, {**facts, **recipient.words}, html=False))


def _spoken_to(code: str, recipient: Recipient) -> Recipient:
    """Months and moments are in the language that the words are in, where there are none in the recipient's own."""
    own = _template(code, "txt", recipient).name == f"mail/{recipient.language}/{code}.txt"
    return recipient if own else replace(recipient, language=settings.LANGUAGE_CODE)


def _template(code: str, extension: str, recipient: Recipient) -> Template:
    names = [f"mail/{recipient.language}/{code}.{extension}", f"mail/{code}.{extension}"]
    found: Any = select_template(names)
    template: Template = found.template
    return template


def _head_of(template: Template) -> Template:
    """What stands above the first blank line."""
    return Template(str(template.source).strip().partition("\n\n")[0], engine=template.engine)


def _render(template: Template, words: Facts, *, html: bool) -> str:
    return str(template.render(Context(words, autoescape=html)))


def _one_line(text: str) -> str:
    """A title goes into a header: it holds no line break, and is not endless."""
    return " ".join(text.split())[:LONGEST_TITLE]


@contextmanager
def _as_read_by(recipient: Recipient) -> Iterator[None]:
    with timezone.override(recipient.zone), translation.override(recipient.language):
        yield
