"""`/kam/me/sessions/` and `/kam/me/log-out-everywhere/`: where one is logged in, and how to end that."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import time_machine

from kams import tokens
from kams.models import Session, User
from tests.cast import NOON, PASSWORD, Api, Cast, api, person
from tests.kams.pairs import claims, give_password, is_refused, log_in, pair_of, refresh, verify, with_access
from tests.races import at_once, shared_database

MINE = "/kam/me/sessions/"
EVERYWHERE = "/kam/me/log-out-everywhere/"

pytestmark = pytest.mark.usefixtures("asha")


def log_in_from(address: str, user_agent: str = "") -> Api:
    caller = api()
    caller.client.defaults["REMOTE_ADDR"] = address
    body = {"username": "asha", "password": PASSWORD}
    answer = caller.post("/api/token/", body, **({"User_Agent": user_agent} if user_agent else {}))
    assert answer.status_code == 200, answer.content
    return with_access(answer.json()["access"])


def test_it_shows_where_one_is_logged_in(clock: time_machine.Traveller) -> None:
    phone = log_in_from("203.0.113.7", "Phone/1.0")
    clock.shift(timedelta(minutes=1))
    pair = pair_of()
    clock.shift(timedelta(minutes=1))
    here = with_access(refresh(pair["refresh"]).json()["access"])
    answer = here.get(MINE)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    newest, oldest = answer.json()
    assert newest == {
        "id": str(Session.objects.get(rotated_at__isnull=False).pk),
        "is_current": True,
        "address": "127.0.0.1",
        "user_agent": "",
        "created_at": "2024-12-28T12:01:00Z",
        "rotated_at": "2024-12-28T12:02:00Z",
        "expires_at": "2024-12-29T00:01:00Z",
    }
    assert (oldest["is_current"], oldest["address"], oldest["user_agent"]) == (False, "203.0.113.7", "Phone/1.0")
    assert oldest["rotated_at"] is None
    assert [row["is_current"] for row in phone.get(MINE).json()] == [False, True]


def test_it_shows_no_more_than_the_newest_hundred(asha: User) -> None:
    for number in range(101):
        at = NOON - timedelta(seconds=number)
        Session.objects.open(user=asha, at=at, until=NOON + timedelta(hours=1), jti=str(number))
    shown = api(asha).get(MINE).json()
    assert [row["created_at"] for row in (shown[0], shown[-1])] == ["2024-12-28T12:00:00Z", "2024-12-28T11:58:21Z"]
    assert len(shown) == 100


@pytest.mark.parametrize("end", ["log out", "reuse", "expiry", "password", "everywhere", "deactivation"])
def test_it_shows_none_that_is_over(asha: User, cast: Cast, clock: time_machine.Traveller, end: str) -> None:
    pair = pair_of()
    if end == "log out":
        api().post("/api/token/blacklist/", {"refresh": pair["refresh"]})
    elif end == "reuse":
        refresh(pair["refresh"])
        refresh(pair["refresh"])
    elif end == "expiry":
        clock.move_to(NOON + timedelta(hours=12))
    elif end == "password":
        asha.change_password(PASSWORD, at=NOON)
    elif end == "everywhere":
        with_access(pair["access"]).post(EVERYWHERE)
    else:
        asha.deactivate(by=cast.root, at=NOON)
        asha.revise(by=cast.root, at=NOON, is_active=True)
    asha.refresh_from_db()
    assert api(asha).get(MINE).json() == []
    assert is_refused(with_access(pair["access"]).get(MINE))


def test_it_keeps_what_a_browser_says_short_and_printable() -> None:
    log_in_from("203.0.113.7", f"A\x01\x7f\x85{'b' * 300}")
    log_in_from("2001:DB8::7", "\xff")
    kept = Session.objects.order_by("user_agent").values_list("address", "user_agent")
    assert list(kept) == [("203.0.113.7", "A" + "b" * 199), ("2001:db8::7", "\xff")]


def test_a_forged_forwarding_header_is_no_address() -> None:
    body = {"username": "asha", "password": PASSWORD}
    assert api().post("/api/token/", body, X_Forwarded_For="203.0.113.7").status_code == 200
    assert Session.objects.get().address == "127.0.0.1"


def test_it_notes_where_a_password_was_changed() -> None:
    body = {"current_password": PASSWORD, "new_password": "staple battery horse"}
    answer = with_access(pair_of()["access"]).post("/kam/me/password/", body, User_Agent="Phone/1.0")
    (session,) = with_access(answer.json()["access"]).get(MINE).json()
    assert (session["is_current"], session["user_agent"]) == (True, "Phone/1.0")


# --- one ------------------------------------------------------------------------------------------
def test_it_ends_one_and_its_tokens_at_once() -> None:
    here, there = pair_of(), pair_of()
    session = str(Session.objects.get(pk=claims(there["access"])["session"]).pk)
    answer = with_access(here["access"]).delete(f"{MINE}{session}/")
    assert (answer.status_code, answer.content) == (204, b"")
    assert is_refused(with_access(there["access"]).get("/kam/me/"))
    assert is_refused(refresh(there["refresh"]))
    assert [is_refused(verify(token)) for token in there.values()] == [True, True]
    assert Session.objects.get(pk=session).revoked_at == NOON
    assert refresh(here["refresh"]).status_code == 200
    assert with_access(here["access"]).delete(f"{MINE}{session}/").status_code == 404


def test_it_ends_the_one_that_asks() -> None:
    caller = with_access(pair_of()["access"])
    session = caller.get(MINE).json()[0]["id"]
    assert caller.delete(f"{MINE}{session}/").status_code == 204
    assert is_refused(caller.get(MINE))


def test_it_knows_nobody_elses(cast: Cast) -> None:
    pair = pair_of()
    session = Session.objects.get().pk
    for other in (cast.bela, cast.maya, cast.nora, cast.root):
        assert api(other).get(MINE).json() == []
        answer = api(other).delete(f"{MINE}{session}/")
        assert answer.status_code == 404
        assert answer.json() == {**api(other).delete(f"{MINE}{uuid4()}/").json(), "instance": f"{MINE}{session}/"}
    assert with_access(pair["access"]).get("/kam/me/").status_code == 200
    assert Session.objects.get().revoked_at is None


@pytest.mark.parametrize("key", ["1", "mine", "0" * 32, "0b0f2a52-6f1c-4c6f-9a5e-0c4f1f0e7a1", "%00"])
def test_it_knows_no_other_kind_of_id(cast: Cast, key: str) -> None:
    assert api(cast.asha).delete(f"{MINE}{key}/").status_code == 404


def test_a_log_out_and_a_spent_refresh_token_end_access_tokens_too() -> None:
    out, stolen = pair_of(), pair_of()
    api().post("/api/token/blacklist/", {"refresh": out["refresh"]})
    fresh = refresh(stolen["refresh"]).json()
    refresh(stolen["refresh"])
    for token in (out["access"], stolen["access"], fresh["access"]):
        assert is_refused(with_access(token).get("/kam/me/"))


# --- all ------------------------------------------------------------------------------------------
def test_it_ends_all_of_ones_own_and_nobody_elses(asha: User, cast: Cast) -> None:
    give_password(cast.bela)
    pairs, other, before = [pair_of() for _ in range(3)], pair_of("bela"), asha.token_generation
    answer = with_access(pairs[0]["access"]).post(EVERYWHERE)
    assert answer.status_code == 200
    assert answer.json() == {"detail": "You are logged out everywhere. Log in again."}
    for pair in pairs:
        assert is_refused(with_access(pair["access"]).get("/kam/me/"))
        assert is_refused(refresh(pair["refresh"]))
    assert with_access(other["access"]).get("/kam/me/").status_code == 200
    assert log_in().status_code == 200
    asha.refresh_from_db()
    assert (asha.token_generation, asha.version) == (before + 1, 2)


def test_it_takes_no_body(cast: Cast) -> None:
    answer = api(cast.asha).post(EVERYWHERE, {"session": "all"})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["session"])
    assert User.objects.get(pk=cast.asha.pk).token_generation == cast.asha.token_generation


def test_it_keeps_no_answer_that_nobody_could_ask_for(cast: Cast) -> None:
    caller = api(cast.asha)
    assert caller.post(EVERYWHERE, Idempotency_Key="once").status_code == 200
    assert is_refused(caller.post(EVERYWHERE, Idempotency_Key="once"))


def test_a_session_lives_on_with_its_person_alone(asha: User, django_assert_num_queries: Any) -> None:
    """To look whether it was ended costs no statement of its own."""
    caller = with_access(pair_of()["access"])
    with django_assert_num_queries(2):
        assert caller.get("/kam/me/").status_code == 200
    asha.delete()
    assert is_refused(caller.get("/kam/me/"))
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_it_ends_a_session_that_is_refreshed_at_the_same_moment() -> None:
    """Whoever comes first: the tokens that the other got are worth nothing."""
    with shared_database():
        for number in range(5):
            who = person(f"racer{number}")
            pair, keeper = tokens.log_in(who, at=NOON), api(who)
            session = Session.objects.get(current_jti=claims(pair["refresh"])["jti"]).pk
            ended, renewed = at_once(partial(keeper.delete, f"{MINE}{session}/"), partial(refresh, pair["refresh"]))
            assert ended.status_code == 204
            assert renewed.status_code in {200, 401}
            if renewed.status_code == 200:
                assert is_refused(with_access(renewed.json()["access"]).get("/kam/me/"))
                assert is_refused(refresh(renewed.json()["refresh"]))
