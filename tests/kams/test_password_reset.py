"""`/kam/password-reset/` and `…/confirm/`: another password, by mail."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail

from kams.models import User
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.conftest import Mails
from tests.kams.pairs import is_refused, log_in, pair_of, refresh

NEW = "staple battery horse"


def ask(email: Any) -> Any:
    return api().post("/kam/password-reset/", {"email": email})


def confirm(token: Any, password: Any = NEW) -> Any:
    return api().post("/kam/password-reset/confirm/", {"token": token, "new_password": password})


def token_in(message: mail.EmailMessage) -> str:
    found = re.search(r"password-reset\?token=(\S+)", str(message.body))
    assert found
    return found[1]


@pytest.mark.parametrize("email", ["asha@kams.example", "Asha@KAMS.example"])
def test_it_mails_the_way_to_another_password(asha: User, mails: Mails, email: str) -> None:
    answer, sent = mails(lambda: ask(email))
    assert answer.status_code == 200
    (message,) = sent
    assert message.to == [asha.email]
    assert message.subject == "Choose another password"
    assert confirm(token_in(message)).status_code == 200
    assert log_in(password=NEW).status_code == 200
    assert log_in(password=PASSWORD).status_code == 401


def test_it_answers_alike_whoever_has_the_address(asha: User, cast: Cast, mails: Mails) -> None:
    cast.bela.deactivate(by=cast.root, at=NOON)
    known, _ = mails(lambda: ask(asha.email))
    for email in ("nobody@kams.example", cast.bela.email):
        unknown, sent = mails(partial(ask, email))
        assert sent == []
        assert (unknown.status_code, unknown.content) == (known.status_code, known.content)
        assert {**unknown.headers, "X-Request-ID": ""} == {**known.headers, "X-Request-ID": ""}


@pytest.mark.django_db
@pytest.mark.parametrize("email", [None, 7, [], {}, "", "asha", "a@b\nBcc: c@d.example", "a" * 255 + "@b.example"])
def test_it_names_an_address_that_is_none(mails: Mails, email: Any) -> None:
    answer, sent = mails(lambda: ask(email))
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["email"]
    assert sent == []


def test_it_takes_the_link_once_and_ends_every_login(asha: User) -> None:
    pair, token = pair_of(), asha.reset_secret
    assert confirm(token).status_code == 200
    assert is_refused(refresh(pair["refresh"]))
    again = confirm(token, "yet another horse")
    assert again.status_code == 400
    assert list(again.json()["errors"]) == ["token"]
    assert log_in(password=NEW).status_code == 200


def test_it_takes_the_link_for_an_hour(asha: User, clock: time_machine.Traveller) -> None:
    token = asha.reset_secret
    clock.move_to(NOON + timedelta(hours=1))
    assert confirm(token, "short").json()["errors"].keys() == {"new_password"}
    clock.move_to(NOON + timedelta(hours=1, seconds=1))
    assert confirm(token).json()["errors"].keys() == {"token"}


@pytest.mark.parametrize("change", ["address", "password", "deactivation"])
def test_it_takes_no_link_of_before_a_change(asha: User, cast: Cast, change: str) -> None:
    token = asha.reset_secret
    if change == "address":
        asha.revise(by=asha, at=NOON, email="moved@kams.example")
    elif change == "password":
        asha.change_password("yet another horse", at=NOON)
    else:
        asha.deactivate(by=cast.root, at=NOON)
    assert confirm(token).json()["errors"].keys() == {"token"}


@pytest.mark.parametrize(
    "token",
    [
        "x",
        ".",
        "1",
        "1.",
        ".x-y",
        "1.x-y",
        "0.x-y",
        "9" * 30 + ".x-y",
        "²2.x-y",
        "-1.x-y",
        "1.ü-ü",
        "1.zzzzzzzzzzzzzz-a",
    ],
)
@pytest.mark.usefixtures("asha")
def test_it_takes_no_made_up_link(token: str) -> None:
    answer = confirm(token)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["token"]


def test_it_takes_no_link_of_somebody_else(asha: User, cast: Cast) -> None:
    secret = cast.bela.reset_secret.partition(".")[2]
    assert confirm(f"{asha.pk}.{secret}").status_code == 400
    assert log_in().status_code == 200


@pytest.mark.parametrize("password", ["short", "password", "7351902468", "asha@kams.example", "", None, 12345678])
def test_it_takes_no_weak_password(asha: User, password: Any) -> None:
    token = asha.reset_secret
    answer = confirm(token, password)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["new_password"]
    assert confirm(token).status_code == 200


def test_it_lets_in_who_never_had_a_password(cast: Cast) -> None:
    assert confirm(cast.carl.reset_secret).status_code == 200
    assert log_in("carl", NEW).status_code == 200


def test_it_asks_the_database_little(asha: User, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):  # with the savepoint of the test's transaction
        ask(asha.email)
    with django_assert_max_num_queries(5):
        confirm(asha.reset_secret)
