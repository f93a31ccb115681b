"""The mails about accounts: plain text, one address each, and no word of anybody's in a header."""

from functools import partial
from pathlib import Path
from typing import Any

import environ
import pytest
from django.conf import settings as ours
from django.core import mail
from django.core.mail import BadHeaderError, send_mail

from kams import tasks
from kams.models import Invitation, User
from tests.cast import NOON, Cast, api
from tests.kams.conftest import Mails


def texts(cast: Cast) -> dict[str, Any]:
    """One mail of each kind."""
    invitation = Invitation.objects.add(by=cast.maya, at=NOON, email="new@kams.example", team=cast.south)
    tasks.send_invitation(invitation.pk)
    for job in (tasks.send_welcome, tasks.send_password_link, tasks.send_reminder):
        job(cast.asha.pk)
    return {str(message.subject): message for message in mail.outbox}


def test_it_writes_plain_text_to_one_address(cast: Cast) -> None:
    found = texts(cast)
    assert list(found) == ["Your invitation", "Your account", "Choose another password", "You have an account"]
    for message in found.values():
        assert len(message.to) == 1
        assert (message.cc, message.bcc, message.attachments, message.alternatives) == ([], [], [], [])
        assert message.content_subtype == "plain"
        assert message.from_email == ours.DEFAULT_FROM_EMAIL
        assert not str(message.body).startswith("\n")


def test_it_links_to_the_front_end(cast: Cast, settings: Any) -> None:
    settings.FRONT_END_URL = "https://front.example/app/"
    found = texts(cast)
    assert "\nhttps://front.example/app/sign-up?invitation=" in found["Your invitation"].body
    assert f"\nhttps://front.example/app/password-reset?token={cast.asha.pk}." in found["Your account"].body
    assert "\nhttps://front.example/app/password-reset\n" in found["You have an account"].body
    assert all("app//" not in message.body for message in found.values())


def test_it_says_who_invites_and_until_when(cast: Cast) -> None:
    body = texts(cast)["Your invitation"].body
    assert "maya invites you to http://127.0.0.1:8000." in body
    assert "until 11 January 2025, 12:00 UTC, once" in body


def test_it_writes_no_html_into_a_text(cast: Cast, settings: Any) -> None:
    settings.FRONT_END_URL = "https://front.example/?a=1&b='2'"
    assert "https://front.example/?a=1&b='2'" in texts(cast)["Your account"].body


@pytest.mark.parametrize("address", ["a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nBuy!", "a@b.example\rX: y"])
def test_it_lets_no_line_into_a_header(cast: Cast, mails: Mails, address: str) -> None:
    for path in ("/kam/invitations/", "/kam/people/"):
        answer, sent = mails(partial(api(cast.root).post, path, {"email": address, "username": "new"}))
        assert answer.status_code == 400
        assert sent == []
    with pytest.raises(BadHeaderError):  # and if it came by another door
        send_mail("Your account", "", None, [address])


def test_it_sends_nothing_before_the_change_is_kept(cast: Cast) -> None:
    """The test's own transaction never commits."""
    assert api(cast.root).post("/kam/people/", {"username": "new", "email": "new@kams.example"}).status_code == 201
    assert mail.outbox == []


def test_it_sends_nothing_when_the_change_is_refused(cast: Cast, mails: Mails) -> None:
    answer, sent = mails(lambda: api(cast.asha).post("/kam/invitations/", {"email": "new@kams.example"}))
    assert answer.status_code == 403
    assert sent == []


def test_it_becomes_a_file_where_no_server_is_named(cast: Cast, settings: Any, tmp_path: Path) -> None:
    said = environ.FileAwareEnv.email_url_config(f"filemail:///{tmp_path / 'mail'}")
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = said["EMAIL_BACKEND"], said["EMAIL_FILE_PATH"]
    tasks.send_welcome(cast.asha.pk)
    (file,) = (tmp_path / "mail").iterdir()
    assert "To: asha@kams.example" in file.read_text()


def test_it_keeps_the_person_though_the_mail_server_is_down(
    cast: Cast, mails: Mails, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # where nobody listens
    answer, _ = mails(lambda: api(cast.root).post("/kam/people/", {"username": "new", "email": "new@kams.example"}))
    assert answer.status_code == 201
    assert User.objects.filter(username="new").exists()
    assert "Error calling send_welcome in on_commit()" in caplog.text
    assert "token=" not in caplog.text
