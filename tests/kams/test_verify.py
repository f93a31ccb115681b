"""`POST /api/token/verify/` and `/api/token/blacklist/`: whether a token is good, and making it worthless."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kams.models import Session
from tests.cast import NOON, api
from tests.kams.pairs import is_refused, log_out, pair_of, refresh, verify, with_access

pytestmark = pytest.mark.usefixtures("asha")


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_it_answers_nothing_for_a_token_that_is_good(kind: str) -> None:
    answer = verify(pair_of()[kind])
    assert (answer.status_code, answer.json()) == (200, {})
    assert Session.objects.get().rotated_at is None


def test_it_refuses_a_spent_refresh_token_without_ending_the_family() -> None:
    spent = pair_of()["refresh"]
    fresh = refresh(spent).json()["refresh"]
    assert is_refused(verify(spent))
    assert verify(fresh).status_code == 200


@pytest.mark.parametrize(("kind", "life"), [("access", timedelta(minutes=30)), ("refresh", timedelta(hours=12))])
def test_it_refuses_a_token_from_the_moment_it_expires(
    clock: time_machine.Traveller, kind: str, life: timedelta
) -> None:
    token = pair_of()[kind]
    clock.move_to(NOON + life - timedelta(seconds=1))
    assert verify(token).status_code == 200
    clock.move_to(NOON + life)
    assert is_refused(verify(token))


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "x" * 4097])
@pytest.mark.parametrize(("path", "field"), [("verify", "token"), ("blacklist", "refresh")])
def test_it_names_the_field_that_holds_no_token(path: str, field: str, value: Any) -> None:
    answer = api().post(f"/api/token/{path}/", {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_it_ends_the_login() -> None:
    token = pair_of()["refresh"]
    answer = log_out(token)
    assert (answer.status_code, answer.json()) == (200, {})
    assert Session.objects.get().revoked_at == NOON
    assert is_refused(refresh(token))
    assert is_refused(verify(token))
    assert is_refused(log_out(token))


def test_it_ends_no_other_login() -> None:
    one, other = pair_of()["refresh"], pair_of()["refresh"]
    log_out(one)
    assert verify(other).status_code == 200


def test_it_ends_the_login_though_the_token_is_spent_and_refused() -> None:
    spent = pair_of()["refresh"]
    fresh = refresh(spent).json()["refresh"]
    assert is_refused(log_out(spent))
    assert is_refused(refresh(fresh))


def test_it_does_not_log_out_with_an_access_token() -> None:
    pair = pair_of()
    assert is_refused(log_out(pair["access"]))
    assert refresh(pair["refresh"]).status_code == 200


def test_it_asks_the_database_no_more_than_twice(django_assert_num_queries: Any) -> None:
    pair = pair_of()
    for token in pair.values():
        with django_assert_num_queries(1):
            verify(token)
    with django_assert_num_queries(2):
        log_out(pair["refresh"])


def test_it_asks_once_for_the_caller(django_assert_num_queries: Any) -> None:
    caller = with_access(pair_of()["access"])
    with django_assert_num_queries(1):
        assert caller.get("/kam/").status_code == 200
