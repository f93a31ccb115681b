"""Several who deliver, or tell, at the same moment."""

from collections.abc import Iterator

import pytest

from kams.models import User
from notifications.kinds import Kind
from notifications.models import Message
from notifications.tasks import deliver
from tests.cast import NOON, person
from tests.notifications.conftest import FACTS
from tests.races import at_once, shared_database
from tests.smtp import Mailroom

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def test_it_sends_each_once_however_many_deliver(
    note: Kind, mailroom: Mailroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.tasks.BATCH", 3)
    people = [person() for _ in range(24)]
    Message.objects.tell(note, people, key="note:1", at=NOON, facts=FACTS)
    sent = at_once(*(lambda: deliver(NOON) for _ in range(4)))
    assert sum(sent) == len(mailroom.mails) == 24
    assert {mail["To"] for mail in mailroom.mails} == {person.email for person in people}
    rows = Message.objects.filter(channel="EMAIL").values_list("state", "attempts", "lease")
    assert set(rows) == {("SENT", 1, None)}


def test_it_tells_once_however_many_tell(note: Kind) -> None:
    people = [person(f"p{number}") for number in range(3)]

    def tell() -> None:
        readers = User.objects.order_by("pk")
        Message.objects.tell(note, readers, key="note:1", at=NOON, facts=FACTS)

    at_once(*(tell for _ in range(4)))
    assert Message.objects.count() == 2 * len(people)
