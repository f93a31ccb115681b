"""People with passwords, cheap to hash; and the mails that come of a request."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from kams.models import User
from notifications.tasks import deliver
from tests.cast import NOON, Cast
from tests.kams.pairs import give_password

# Makes a request and delivers what it wrote; answers what it answered, and what was mailed.
Mails = Callable[[Callable[[], Any]], tuple[Any, list[EmailMessage]]]


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at noon, until the test moves it."""
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def asha(cast: Cast) -> User:
    """Asha, with a password."""
    return give_password(cast.asha)


@pytest.fixture
def mails() -> Mails:
    def run(request: Callable[[], Any]) -> tuple[Any, list[EmailMessage]]:
        deliver(timezone.now())  # what was written before
        before = len(mail.outbox)
        answer = request()
        deliver(timezone.now())
        return answer, mail.outbox[before:]

    return run
