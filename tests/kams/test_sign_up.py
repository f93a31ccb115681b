"""`/kam/sign-up/` and `…/request/`: become a user by the link of a mail."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine

from kams.choices import Role
from kams.models import Invitation, User
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.conftest import Mails
from tests.kams.pairs import log_in

NEW = "new@kams.example"

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(cast: Cast) -> Any:
    return Invitation.objects.add(by=cast.maya, at=NOON, email=NEW, team=cast.south)


def sign_up(secret: Any, **given: Any) -> Any:
    return api().post("/kam/sign-up/", {"invitation": secret, "username": "new", "password": PASSWORD, **given})


def ask(email: Any) -> Any:
    return api().post("/kam/sign-up/request/", {"email": email})


def is_worthless(answer: Any) -> bool:
    return bool(answer.status_code == 400 and list(answer.json()["errors"]) == ["invitation"])


def test_it_makes_a_user_with_the_role_and_team_of_the_invitation(cast: Cast, invitation: Invitation) -> None:
    answer = sign_up(invitation.secret, first_name="Neha", timezone="Asia/Kolkata")
    assert answer.status_code == 201
    assert answer["Location"] == "http://testserver/kam/me/"
    person = User.objects.get(username="new")
    assert (person.role, person.team, person.email) == (Role.KAM, cast.south, NEW)
    assert (person.first_name, person.timezone, person.is_superuser, person.is_staff) == (
        "Neha",
        "Asia/Kolkata",
        False,
        False,
    )
    assert answer.json()["id"] == person.pk
    assert "password" not in answer.json()
    invitation.refresh_from_db()
    assert invitation.accepted_at == NOON
    assert log_in("new").status_code == log_in(NEW).status_code == 200


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN, Role.ANALYST])
def test_it_gives_the_role_that_an_admin_gave(cast: Cast, role: str) -> None:
    secret = Invitation.objects.add(by=cast.root, at=NOON, email=NEW, role=role).secret
    assert sign_up(secret).json()["role"] == role


@pytest.mark.parametrize("key", ["role", "team", "email", "is_active", "is_superuser", "is_staff", "id"])
def test_it_takes_no_role_of_ones_own_choosing(invitation: Invitation, key: str) -> None:
    answer = sign_up(invitation.secret, **{key: "ADMIN"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [key]
    assert not User.objects.filter(username="new").exists()


def test_it_takes_an_invitation_once(invitation: Invitation) -> None:
    assert sign_up(invitation.secret).status_code == 201
    assert is_worthless(sign_up(invitation.secret, username="newer"))


def test_it_takes_an_invitation_until_it_expires(invitation: Invitation, clock: time_machine.Traveller) -> None:
    clock.move_to(NOON + timedelta(days=14))
    assert is_worthless(sign_up(invitation.secret))
    clock.move_to(NOON + timedelta(days=14) - timedelta(seconds=1))
    assert sign_up(invitation.secret).status_code == 201


def test_it_takes_no_invitation_that_was_withdrawn(cast: Cast, invitation: Invitation) -> None:
    invitation.archive(by=cast.maya, at=NOON)
    assert is_worthless(sign_up(invitation.secret))


@pytest.mark.parametrize("secret", ["x", ":", "a:b", "e30:b", "ü:ü", "1", "eyJpZCI6MX0:" + "A" * 43])
def test_it_takes_no_made_up_invitation(invitation: Invitation, secret: str) -> None:
    assert is_worthless(sign_up(secret))
    assert is_worthless(sign_up(invitation.secret + "x"))
    assert is_worthless(sign_up(invitation.secret[:-1]))


def test_it_tells_a_stranger_no_username(cast: Cast, invitation: Invitation) -> None:
    assert cast.asha
    taken, free = sign_up("x", username="asha"), sign_up("x", username="nobody")
    assert taken.content == free.content
    answer = sign_up(invitation.secret, username="asha")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["username"]


@pytest.mark.parametrize(
    "change", ["deactivated", "demoted", "moved"], ids=["inviter deactivated", "inviter demoted", "inviter moved"]
)
def test_it_is_worth_what_the_inviter_could_give_today(cast: Cast, invitation: Invitation, change: str) -> None:
    if change == "deactivated":
        cast.maya.deactivate(by=cast.root, at=NOON)
    elif change == "demoted":
        cast.maya.revise(by=cast.root, at=NOON, role=Role.KAM)
    else:
        cast.south.revise(by=cast.root, at=NOON, manager=None)
    answer = sign_up(invitation.secret)
    assert answer.status_code == 403
    assert not User.objects.filter(username="new").exists()


def test_it_makes_no_second_user_of_an_address(cast: Cast, invitation: Invitation) -> None:
    User.objects.add(by=cast.root, at=NOON, username="first", email=NEW)
    assert sign_up(invitation.secret).status_code == 409


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "a b"),
        ("username", "new@kams.example"),
        ("username", "a" * 151),
        ("username", ""),
        ("username", None),
        ("username", 7),
        ("password", "short"),
        ("password", "password"),
        ("password", NEW),
        ("password", None),
        ("timezone", "Mars/Olympus"),
        ("first_name", 7),
        ("last_name", "a" * 151),
        ("invitation", 7),
        ("invitation", None),
        ("invitation", ["x"]),
    ],
)
def test_it_names_the_field_that_is_wrong(invitation: Invitation, field: str, value: Any) -> None:
    answer = sign_up(**{"secret": invitation.secret, field: value} if field != "invitation" else {"secret": value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


@pytest.mark.parametrize("body", [{}, [], "x", None])
def test_it_is_closed_whatever_is_sent(invitation: Invitation, settings: Any, body: Any) -> None:
    settings.SIGN_UP = "closed"
    for answer in (sign_up(invitation.secret), api().post("/kam/sign-up/", body), ask(NEW)):
        assert answer.status_code == 403
        assert answer["Content-Type"] == "application/problem+json"


# --- where everybody may --------------------------------------------------------------------------


def test_it_mails_an_invitation_to_who_asks_where_everybody_may(settings: Any, mails: Mails) -> None:
    settings.SIGN_UP = "open"
    answer, sent = mails(lambda: ask("New@Kams.Example"))
    assert answer.status_code == 200
    (message,) = sent
    assert message.to == [NEW]
    found = re.search(r"/sign-up\?invitation=(\S+)", str(message.body))
    assert found
    assert sign_up(unquote(found[1])).status_code == 201
    person = User.objects.get(username="new")
    assert (person.role, person.team) == (Role.KAM, None)


def test_it_answers_alike_whether_the_address_is_known(cast: Cast, settings: Any, mails: Mails) -> None:
    settings.SIGN_UP = "open"
    new, _ = mails(lambda: ask(NEW))
    known, sent = mails(lambda: ask(cast.asha.email))
    assert (known.status_code, known.content) == (new.status_code, new.content)
    assert [message.subject for message in sent] == ["Signing up"]
    assert "has an account already" in str(sent[0].body)
    assert "invitation" not in str(sent[0].body)
    assert Invitation.objects.count() == 1


def test_it_keeps_one_invitation_however_often_somebody_asks(
    settings: Any, mails: Mails, clock: time_machine.Traveller
) -> None:
    settings.SIGN_UP = "open"
    bodies = set()
    for minutes in range(3):
        clock.move_to(NOON + timedelta(minutes=minutes))
        bodies.add(str(mails(lambda: ask(NEW))[1][0].body))
    assert len(bodies) == 1
    assert Invitation.objects.count() == 1


def test_it_lets_nobody_ask_where_one_is_invited(mails: Mails) -> None:
    answer, sent = mails(lambda: ask(NEW))
    assert answer.status_code == 403
    assert sent == []


def test_it_ends_what_was_asked_for_when_sign_up_is_by_invitation_again(settings: Any) -> None:
    settings.SIGN_UP = "open"
    secret = Invitation.objects.ask(NEW, at=NOON).secret
    settings.SIGN_UP = "invitation"
    assert sign_up(secret).status_code == 403


def test_it_asks_the_database_little(invitation: Invitation, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(10):  # two of them the savepoint of the test's transaction
        assert sign_up(invitation.secret).status_code == 201
