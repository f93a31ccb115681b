"""People with passwords, cheap to hash; and the mails that a request sends once its change is kept."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage

from kams.models import User
from tests.cast import NOON, Cast
from tests.kams.pairs import give_password

# Makes a request as if it committed; answers what it answered, and what it mailed.
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
def mails(django_capture_on_commit_callbacks: Any) -> Mails:
    def run(request: Callable[[], Any]) -> tuple[Any, list[EmailMessage]]:
        before = len(mail.outbox)
        with django_capture_on_commit_callbacks(execute=True):
            answer = request()
        return answer, mail.outbox[before:]

    return run
