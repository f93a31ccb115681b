"""`POST /api/token/refresh/`: stay in, one refresh token after the other."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from kams.choices import Role
from kams.models import Session, User
from tests.cast import NOON, Cast, api
from tests.kams.pairs import claims, is_refused, log_in, pair_of, refresh, verify, with_access

pytestmark = pytest.mark.usefixtures("asha")


def test_it_exchanges_the_token_for_the_next_pair() -> None:
    first = pair_of()
    answer = refresh(first["refresh"])
    assert answer.status_code == 200
    assert list(answer.json()) == ["access", "refresh"]
    assert answer["Cache-Control"] == "no-store"
    assert answer.json()["refresh"] != first["refresh"]
    assert with_access(answer.json()["access"]).get("/kam/me/").status_code == 200
    session = Session.objects.get()
    assert session.current_jti == claims(answer.json()["refresh"])["jti"]
    assert session.rotated_at == NOON


def test_it_goes_on_from_pair_to_pair() -> None:
    token = pair_of()["refresh"]
    for _ in range(5):
        answer = refresh(token)
        assert answer.status_code == 200
        token = answer.json()["refresh"]
    assert Session.objects.count() == 1


def test_it_refuses_a_spent_token_and_ends_the_family() -> None:
    first = pair_of()["refresh"]
    second = refresh(first).json()["refresh"]
    assert is_refused(refresh(first))
    assert Session.objects.get().revoked_at == NOON
    assert is_refused(refresh(second))
    assert is_refused(verify(second))


def test_it_ends_no_other_login_of_the_person() -> None:
    stolen, other = pair_of()["refresh"], pair_of()["refresh"]
    refresh(stolen)
    assert is_refused(refresh(stolen))
    assert refresh(other).status_code == 200


def test_it_ends_with_the_login_however_often_refreshed(clock: time_machine.Traveller) -> None:
    token, over = pair_of()["refresh"], NOON + timedelta(hours=12)
    for hours in range(1, 12):
        clock.move_to(NOON + timedelta(hours=hours))
        token = refresh(token).json()["refresh"]
        assert claims(token)["exp"] == over.timestamp()
    clock.move_to(over - timedelta(minutes=10))
    last = refresh(token).json()
    assert claims(last["access"])["exp"] == over.timestamp()
    clock.move_to(over)
    assert is_refused(refresh(last["refresh"]))
    assert is_refused(with_access(last["access"]).get("/kam/me/"))


def test_it_lasts_as_long_as_the_setting_says(clock: time_machine.Traveller, settings: Any) -> None:
    settings.SESSION_HOURS = 2
    token = pair_of()["refresh"]
    assert Session.objects.get().expires_at == NOON + timedelta(hours=2)
    clock.move_to(NOON + timedelta(hours=2))
    assert is_refused(refresh(token))


@pytest.mark.parametrize("change", ["password", "deactivation", "deletion"])
def test_it_refuses_whoever_may_not_come_in_any_more(asha: User, cast: Cast, change: str) -> None:
    pair = pair_of()
    if change == "password":
        asha.change_password("another horse battery", at=NOON)
    elif change == "deactivation":
        asha.deactivate(by=cast.root, at=NOON)
    else:
        asha.delete()
    assert is_refused(refresh(pair["refresh"]))
    assert is_refused(with_access(pair["access"]).get("/kam/me/"))
    for token in pair.values():
        assert is_refused(verify(token))


def test_it_refuses_old_tokens_of_who_was_let_in_again(asha: User, cast: Cast) -> None:
    pair = pair_of()
    asha.deactivate(by=cast.root, at=NOON)
    asha.revise(by=cast.root, at=NOON, is_active=True)
    assert is_refused(refresh(pair["refresh"]))
    assert is_refused(with_access(pair["access"]).get("/kam/me/"))
    assert log_in().status_code == 200


def test_it_takes_a_new_role_into_account_at_the_next_request(asha: User, cast: Cast) -> None:
    pair = pair_of()
    asha.revise(by=cast.root, at=NOON, role=Role.ANALYST)
    caller = with_access(pair["access"])
    assert caller.get("/kam/me/").json()["role"] == "ANALYST"
    assert caller.post("/lead/restaurants/", {}).status_code == 403
    fresh = with_access(refresh(pair["refresh"]).json()["access"])
    assert fresh.get("/kam/me/").json()["role"] == "ANALYST"


def test_it_refuses_an_access_token() -> None:
    assert is_refused(refresh(pair_of()["access"]))
    assert Session.objects.get().revoked_at is None


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], ["x"], {}, "", "\0", "x" * 4097])
def test_it_names_the_field_that_holds_no_token(value: Any) -> None:
    answer = refresh(value)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["refresh"]


def test_it_names_a_key_that_nobody_knows() -> None:
    answer = api().post("/api/token/refresh/", {"refresh": pair_of()["refresh"], "access": "x"})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["access"]
    assert Session.objects.get().rotated_at is None


def test_it_asks_the_database_twice(django_assert_num_queries: Any) -> None:
    token = pair_of()["refresh"]
    with django_assert_num_queries(2):
        assert refresh(token).status_code == 200
