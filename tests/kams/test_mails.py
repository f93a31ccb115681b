"""The mails about accounts: through the outbox, to one address each, and no secret is kept on the way."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import environ
import pytest
from django.conf import settings as ours
from django.core import mail
from django.core.mail import BadHeaderError, EmailMultiAlternatives, send_mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kams.models import Invitation, User
from notifications.models import Message, Preference
from notifications.tasks import deliver
from tests.cast import NOON, Cast, api, person
from tests.kams.conftest import Mails

TITLES = {
    "en": {"Your invitation", "Your account", "Choose another password", "Signing up"},
    "es": {"Su cuenta", "Elija otra contraseña", "Su registro"},
    "hi": {"आपका खाता", "नया पासवर्ड चुनें", "आपका पंजीकरण"},
}


@pytest.fixture(autouse=True)
def _open(settings: Any) -> None:
    settings.SIGN_UP = "open"


def letters(cast: Cast, **of_the_person: Any) -> dict[str, EmailMultiAlternatives]:
    """One mail of each kind, by its title."""
    Invitation.objects.add(by=cast.maya, at=NOON, email="new@kams.example", team=cast.south)
    known = {"username": "neha", "email": "neha@kams.example", **of_the_person}
    User.objects.add(by=cast.root, at=NOON, **known)
    for path in ("/kam/password-reset/", "/kam/sign-up/request/"):
        assert api().post(path, {"email": "neha@kams.example"}).status_code == 200
    assert deliver(NOON) == 4
    return {str(message.subject): message for message in mail.outbox}  # type: ignore[misc] # each has two parts


@pytest.mark.parametrize("language", TITLES)
def test_it_writes_text_and_html_to_one_address(cast: Cast, language: str) -> None:
    found = letters(cast, language=language)
    assert found.keys() == TITLES[language] | {"Your invitation"}
    for title, message in found.items():
        assert len(message.to) == 1
        assert (message.cc, message.bcc, message.attachments) == ([], [], [])
        assert message.from_email == ours.DEFAULT_FROM_EMAIL
        ((html, kind),) = message.alternatives
        assert kind == "text/html"
        (link,) = re.findall(r"^http://\S+/(?:sign-up|password-reset)\b\S*$", str(message.body), re.MULTILINE)
        assert f'href="{link}"' in str(html), title
        assert "{" not in str(message.body) + str(html)
        assert not str(message.body).startswith("\n")


def test_it_links_to_the_front_end(cast: Cast, settings: Any) -> None:
    settings.FRONT_END_URL = "https://front.example/app/"
    found = letters(cast)
    key = User.objects.get(username="neha").pk
    assert "\nhttps://front.example/app/sign-up?invitation=" in found["Your invitation"].body
    assert f"\nhttps://front.example/app/password-reset?token={key}." in found["Your account"].body
    assert f"\nhttps://front.example/app/password-reset?token={key}." in found["Choose another password"].body
    assert "\nhttps://front.example/app/password-reset\n" in found["Signing up"].body
    assert all("app//" not in str(message.body) for message in found.values())


def test_it_says_who_invites_and_until_when(cast: Cast) -> None:
    body = letters(cast)["Your invitation"].body
    assert "maya invites you to http://127.0.0.1:8000." in body
    assert "until 11 January 2025, 12:00 UTC, once" in body


def test_it_escapes_in_the_html_alone(cast: Cast, settings: Any) -> None:
    settings.FRONT_END_URL = "https://front.example/?a=1&b='2'"
    message = letters(cast)["Your account"]
    assert "https://front.example/?a=1&b='2'" in message.body
    assert "https://front.example/?a=1&amp;b=&#x27;2&#x27;" in str(message.alternatives[0][0])


def test_it_keeps_no_secret(cast: Cast) -> None:
    bodies = {title: str(message.body) for title, message in letters(cast).items()}
    invitation = re.search(r"invitation=(\S+)", bodies["Your invitation"])
    reset = re.search(r"token=(\S+)", bodies["Choose another password"])
    assert invitation
    assert reset
    kept = str(list(Message.objects.values()))
    assert unquote(invitation[1]) not in kept
    assert reset[1].partition("-")[2] not in kept


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nBuy!", "a@b.example\rX: y"])
def test_it_lets_no_line_into_a_header(cast: Cast, mails: Mails, address: str) -> None:
    for path in ("/kam/invitations/", "/kam/people/"):
        answer, sent = mails(partial(api(cast.root).post, path, {"email": address, "username": "new"}))
        assert answer.status_code == 400
        assert sent == []
    with pytest.raises(BadHeaderError):  # and if it came by another door
        send_mail("Your account", "", None, [address])


def test_it_writes_nothing_when_the_change_is_refused(cast: Cast) -> None:
    answer = api(cast.asha).post("/kam/invitations/", {"email": "new@kams.example"})
    assert answer.status_code == 403
    assert not Message.objects.exists()


@pytest.mark.parametrize("path", ["/kam/password-reset/", "/kam/sign-up/request/"])
def test_it_does_the_same_work_for_whoever_asks(cast: Cast, path: str) -> None:
    person("gone", is_active=False)
    cast.asha  # noqa: B018 - to name her is to have her
    asked = []
    for email in ("asha@kams.example", "gone@kams.example", "nobody@kams.example"):
        with CaptureQueriesContext(connection) as captured:
            assert api().post(path, {"email": email}).status_code == 200
        asked.append([query["sql"].split()[:4] for query in captured if "SAVEPOINT" not in query["sql"]])
    assert asked[0] == asked[1] == asked[2]
    assert Message.objects.count() == 3


@pytest.mark.parametrize("path", ["/kam/password-reset/", "/kam/sign-up/request/"])
def test_it_mails_once_a_minute_however_often_somebody_asks(cast: Cast, clock: Any, path: str) -> None:
    for seconds in (0, 30, 59, 60, 61):
        clock.move_to(NOON.timestamp() + seconds)
        api().post(path, {"email": cast.asha.email})
    assert Message.objects.count() == 2


@pytest.mark.parametrize("path", ["/kam/password-reset/", "/kam/sign-up/request/"])
def test_it_mails_nothing_to_who_was_deactivated(cast: Cast, mails: Mails, path: str) -> None:
    cast.bela.deactivate(by=cast.root, at=NOON)
    assert mails(lambda: api().post(path, {"email": cast.bela.email}))[1] == []
    assert Message.objects.get().state == "DROPPED"


def test_it_mails_nothing_when_the_invitation_was_withdrawn_meanwhile(cast: Cast) -> None:
    Invitation.objects.add(by=cast.root, at=NOON, email="new@kams.example").archive(by=cast.root, at=NOON)
    assert deliver(NOON) == 0
    message = Message.objects.get()
    assert (message.state, message.error) == ("DROPPED", "The invitation was withdrawn or accepted.")


def test_it_cannot_be_switched_off(cast: Cast, mails: Mails) -> None:
    Preference.objects.say(cast.asha, {"password_reset": {"EMAIL": False}})
    _, sent = mails(lambda: api().post("/kam/password-reset/", {"email": cast.asha.email}))
    assert len(sent) == 1


def test_it_becomes_a_file_where_no_server_is_named(cast: Cast, settings: Any, tmp_path: Path) -> None:
    said = environ.FileAwareEnv.email_url_config(f"filemail:///{tmp_path / 'mail'}")
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = said["EMAIL_BACKEND"], said["EMAIL_FILE_PATH"]
    User.objects.add(by=cast.root, at=NOON, username="neha", email="neha@kams.example")
    assert deliver(NOON) == 1
    (file,) = (tmp_path / "mail").iterdir()
    assert "To: neha@kams.example" in file.read_text()
