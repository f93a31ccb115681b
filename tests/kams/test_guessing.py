"""Guessed passwords: failed log-ins are counted for the account and for the address, and then refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from kams.models import Session, User
from tests.admin.browser import Browser, messages
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.pairs import log_in

LIMIT = 8
WRONG = "wrong"

pytestmark = pytest.mark.usefixtures("asha")


def attempts(count: int, *, name: str = "asha", password: str = WRONG, address: str = "", **headers: str) -> list[int]:
    """The status of so many log-ins, one after another."""
    caller = api()
    if address:
        caller.client.defaults["REMOTE_ADDR"] = address
    body = {"username": name, "password": password}
    return [caller.post("/api/token/", body, **headers).status_code for _ in range(count)]


def test_it_refuses_after_so_many_and_says_when_to_come_back() -> None:
    assert attempts(LIMIT) == [401] * (LIMIT - 1) + [429]
    answer = log_in()
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["title"]) == ("throttled", "Too many requests")
    assert not Session.objects.exists()


def test_it_lets_in_again_after_the_wait() -> None:
    attempts(LIMIT + 5)
    with time_machine.travel(NOON + timedelta(minutes=14, seconds=59), tick=False):
        assert log_in().status_code == 429
    with time_machine.travel(NOON + timedelta(minutes=15, seconds=1), tick=False):
        assert log_in().status_code == 200
        assert attempts(1) == [401]


def test_it_counts_for_the_account_wherever_the_attempts_come_from() -> None:
    for number in range(LIMIT - 1):
        assert attempts(1, address=f"10.0.0.{number}", User_Agent=f"Browser {number}") == [401]
    assert attempts(2, address="10.0.1.1") == [429, 429]
    assert attempts(1, name="bela", address="10.0.1.2") == [401]


@pytest.mark.parametrize("others", ["ASHA@kams.example", "Asha", "asha@KAMS.example"])
def test_it_counts_by_whichever_name_the_account_is_called(others: str) -> None:
    assert attempts(LIMIT - 1) == [401] * (LIMIT - 1)
    assert attempts(1, name=others, address="10.0.0.9") == [429]


def test_it_counts_for_the_address_whoever_is_named() -> None:
    for number in range(LIMIT - 1):
        assert attempts(1, name=f"somebody{number}") == [401]
    assert attempts(1, name="nobody") == [429]
    assert log_in().status_code == 429
    assert attempts(1, password=PASSWORD, address="10.0.0.9") == [200]


def test_a_forged_forwarding_header_does_not_help() -> None:
    forged = [attempts(1, X_Forwarded_For=f"10.0.0.{number}, 10.1.1.1")[0] for number in range(LIMIT)]
    assert forged == [401] * (LIMIT - 1) + [429]
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"127.0.0.1"}


@pytest.mark.parametrize(
    ("said", "address"),
    [("10.0.0.1, 10.0.0.2", "10.0.0.2"), ("2001:db8::1", "2001:db8::1"), ("<script>", "127.0.0.1"), (" ", "127.0.0.1")],
)
def test_it_believes_the_proxy_that_is_ours(settings: Any, said: str, address: str) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    assert attempts(1, X_Forwarded_For=said) == [401]
    assert AccessAttempt.objects.get().ip_address == address


def test_a_success_of_ones_own_does_not_clear_the_count(cast: Cast) -> None:
    cast.bela.set_password(PASSWORD)
    cast.bela.save()
    for _ in range(LIMIT - 1):
        assert attempts(1) == [401]
        assert attempts(1, name="bela", password=PASSWORD) == [200]
    assert attempts(1) == [429]


def test_it_treats_a_name_that_nobody_has_alike() -> None:
    known = attempts(LIMIT + 2, address="10.0.0.1")
    assert attempts(LIMIT + 2, name="nobody", address="10.0.0.2") == known
    assert attempts(LIMIT + 2, name="nobody@kams.example", address="10.0.0.3") == known


def test_it_guards_the_staffs_door_as_well(asha: User) -> None:
    asha.is_staff = True
    asha.save()
    browser = Client()
    form = {"username": "asha", "password": "wrong"}
    pages = [browser.post("/admin/login/", form) for _ in range(LIMIT)]
    assert [page.status_code for page in pages] == [200] * (LIMIT - 1) + [429]
    page = browser.post("/admin/login/", {**form, "password": PASSWORD})
    assert (page.status_code, page["Retry-After"]) == (429, "900")
    assert "Too many failed attempts to log in." in page.content.decode()
    assert log_in().status_code == 429


def test_it_guards_the_change_of_a_password_as_well(asha: User) -> None:
    """Who has found a token does not learn the password by it."""
    caller = api(asha)
    body = {"current_password": WRONG, "new_password": "quite another horse"}
    found = [caller.post("/kam/me/password/", body).status_code for _ in range(LIMIT)]
    assert found == [400] * (LIMIT - 1) + [429]
    answer = caller.post("/kam/me/password/", {**body, "current_password": PASSWORD})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert log_in().status_code == 429
    asha.refresh_from_db()
    assert asha.check_password(PASSWORD)
    assert caller.get("/kam/me/").status_code == 200, "the log-in goes on"


def test_it_guards_the_staffs_change_of_their_own_password_as_well(asha: User) -> None:
    """Who has found a browser that is logged in does not learn the password by it."""
    asha.is_staff = True
    asha.save()
    browser, path = Browser(asha), reverse("admin:password_change")
    sent = {"old_password": WRONG, "new_password1": "quite another horse", "new_password2": "quite another horse"}
    assert attempts(1) == [401]
    pages = [browser.post(path, sent) for _ in range(LIMIT - 1)]
    assert [page.status_code for page in pages] == [200] * (LIMIT - 2) + [429]
    assert pages[0].context["form"].errors.keys() == {"old_password"}
    assert "Your old password was entered incorrectly." in pages[0].content.decode()
    page = browser.post(path, {**sent, "old_password": PASSWORD})
    assert (page.status_code, page["Retry-After"]) == (429, "900")
    assert "Too many failed attempts to log in." in page.content.decode()
    assert log_in().status_code == 429
    asha.refresh_from_db()
    assert asha.check_password(PASSWORD)
    assert browser.get("/admin/").status_code == 200, "the log-in goes on"


def test_staff_can_forget_the_attempts(cast: Cast) -> None:
    attempts(LIMIT)
    page = Browser(cast.root).act("forget", *AccessAttempt.objects.all())
    assert messages(page) == ["1 access attempts forgotten."]
    assert log_in().status_code == 200
