"""`POST /api/token/`: log in."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.management import call_command

from kams.models import Session, User
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.pairs import claims, log_in

WRONG = "No active account has this name and this password."

pytestmark = pytest.mark.usefixtures("asha")


def test_it_answers_a_pair_and_opens_a_session(asha: User) -> None:
    answer = log_in()
    assert answer.status_code == 200
    assert list(answer.json()) == ["access", "refresh"]
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    session = Session.objects.get()
    assert (session.user, session.created_at, session.revoked_at) == (asha, NOON, None)
    assert session.expires_at == NOON + timedelta(hours=12)
    assert session.current_jti == claims(answer.json()["refresh"])["jti"]


def test_it_says_in_the_tokens_who_came_in_when_and_for_how_long(asha: User) -> None:
    pair = log_in().json()
    access, refresh = claims(pair["access"]), claims(pair["refresh"])
    assert access["exp"] - NOON.timestamp() == timedelta(minutes=30).total_seconds()
    assert refresh["exp"] - NOON.timestamp() == timedelta(hours=12).total_seconds()
    for token in (access, refresh):
        assert token["user_id"] == str(asha.pk)
        assert token["generation"] == asha.token_generation
        assert token["session"] == Session.objects.get().pk.hex


def test_it_lets_the_caller_in_with_the_access_token() -> None:
    caller = api()
    caller.token = log_in().json()["access"]
    answer = caller.get("/kam/me/")
    assert answer.status_code == 200
    assert answer.json()["username"] == "asha"


@pytest.mark.parametrize("name", ["asha@kams.example", "ASHA@KAMS.EXAMPLE", "Asha@Kams.Example"])
def test_it_takes_the_address_in_any_case(name: str) -> None:
    assert log_in(name).status_code == 200


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("asha", "wrong"),
        ("asha", f"{PASSWORD} "),
        ("nobody", PASSWORD),
        ("nobody@kams.example", PASSWORD),
        ("bela", PASSWORD),  # inactive
        ("carl", PASSWORD),  # never had a password
        ("āśā", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
    ],
)
def test_it_answers_wrong_unknown_and_inactive_alike(cast: Cast, name: str, password: str) -> None:
    cast.bela.set_password(PASSWORD)
    cast.bela.is_active = False
    cast.bela.save()
    assert cast.carl
    answer = log_in(name, password)
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json() == {
        "type": "urn:kam:problem:authentication_failed",
        "title": "Log in first",
        "status": 401,
        "detail": WRONG,
        "instance": "/api/token/",
        "code": "authentication_failed",
        "errors": {},
    }
    assert not Session.objects.exists()


@pytest.mark.parametrize("name", ["asha", "nobody", "nobody@kams.example", "bela", "carl"])
def test_it_hashes_one_password_whoever_is_named(cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.bela.set_password(PASSWORD)
    cast.bela.is_active = False
    cast.bela.save()
    assert cast.carl
    hashed = []
    encode = MD5PasswordHasher.encode

    def counted(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    assert log_in(name, "wrong").status_code == 401
    assert len(hashed) == 1


@pytest.mark.parametrize("value", [None, 7, 1.5, True, ["asha"], {"name": "asha"}, ""])
@pytest.mark.parametrize("field", ["username", "password"])
def test_it_names_the_field_that_is_no_text(field: str, value: Any) -> None:
    answer = log_in(**{field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": "a" * 255}, "username"),
        ({"password": "a" * 1001}, "password"),
        ({"username": "a\0b"}, "username"),
        ({"password": "a\0b"}, "password"),
        ({"username": "\ud800"}, "username"),
        ({"user": "asha"}, "user"),
        ({"role": "ADMIN"}, "role"),
    ],
)
def test_it_refuses_what_no_account_could_have(given: dict[str, str], field: str) -> None:
    answer = log_in(**given)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


@pytest.mark.parametrize("body", ["", "[]", '"asha"', "null", "{", "[" * 50_000])
def test_it_refuses_a_body_that_is_no_object(body: str) -> None:
    answer = api().post("/api/token/", body)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_it_takes_no_other_method() -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        assert api()(method, "/api/token/").status_code == 405


def test_it_does_not_look_at_a_token_that_comes_along() -> None:
    caller = api()
    caller.token = "expired.long.ago"
    answer = caller.post("/api/token/", {"username": "asha", "password": PASSWORD})
    assert answer.status_code == 200


def test_it_never_keeps_the_answer_for_a_retry() -> None:
    body = {"username": "asha", "password": PASSWORD}
    first = api().post("/api/token/", body, Idempotency_Key="again")
    second = api().post("/api/token/", body, Idempotency_Key="again")
    assert first.status_code == second.status_code == 200
    assert first.json() != second.json()
    assert "Idempotency-Replayed" not in second
    assert Session.objects.count() == 2


def test_it_asks_the_database_four_times(django_assert_num_queries: Any) -> None:
    """How often was tried for the account, how often from the address; who it is; and the session."""
    with django_assert_num_queries(4):
        assert log_in().status_code == 200


@pytest.mark.parametrize("by_environment", [True, False])
def test_it_lets_in_as_an_admin_whom_createsuperuser_made(
    monkeypatch: pytest.MonkeyPatch, *, by_environment: bool
) -> None:
    if by_environment:
        monkeypatch.setenv("DJANGO_SUPERUSER_USERNAME", "chief")
        monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Chief@Kams.Example")
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
        call_command("createsuperuser", interactive=False, verbosity=0)
    else:
        User.objects.create_superuser("chief", "Chief@Kams.Example", PASSWORD)
    caller = api()
    caller.token = log_in("chief@kams.example").json()["access"]
    assert caller.get("/kam/me/").json()["role"] == "ADMIN"
    assert caller.post("/kam/teams/", {"name": "First"}).status_code == 201
