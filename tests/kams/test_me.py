"""`/kam/me/`: oneself, and one's password."""

from datetime import timedelta
from typing import Any

import pytest

from kams.models import Session, User
from tests.cast import NOON, PASSWORD, Cast, api
from tests.kams.pairs import is_refused, log_in, pair_of, refresh, verify, with_access

NEW = "staple battery horse"


def change_password(caller: Any, current: Any = PASSWORD, new: Any = NEW, **more: Any) -> Any:
    return caller.post("/kam/me/password/", {"current_password": current, "new_password": new, **more})


def test_it_shows_who_asks(cast: Cast) -> None:
    answer = api(cast.asha).get("/kam/me/")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": cast.asha.pk,
        "username": "asha",
        "first_name": "",
        "last_name": "",
        "email": "asha@kams.example",
        "role": "KAM",
        "team": cast.south.pk,
        "timezone": "UTC",
        "working_hours": {},
        "daily_capacity": None,
        "language": "en",
        "is_active": True,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert "ETag" in answer


def test_it_shows_nobody_to_nobody() -> None:
    for method in ("GET", "PUT", "PATCH"):
        assert api()(method, "/kam/me/").status_code == 401


@pytest.mark.parametrize("who", ["root", "asha", "maya", "nora"])
def test_it_changes_the_profile_whatever_the_role(cast: Cast, who: str) -> None:
    person = getattr(cast, who)
    changes = {"first_name": "A", "last_name": "B", "timezone": "Asia/Kolkata", "email": "Other@Kams.Example"}
    answer = api(person).patch("/kam/me/", changes)
    assert answer.status_code == 200
    kept = User.objects.get(pk=person.pk)
    assert (kept.first_name, kept.last_name, kept.timezone) == ("A", "B", "Asia/Kolkata")
    assert kept.email == answer.json()["email"] == "other@kams.example"
    assert answer.json()["version"] == person.version + 1


def test_it_takes_its_own_answer_back(cast: Cast) -> None:
    mine = api(cast.asha).get("/kam/me/").json()
    answer = api(cast.asha).put("/kam/me/", mine)
    assert answer.status_code == 200
    assert answer.json() == mine


def test_it_gives_nobody_a_role_or_team_of_their_own_choosing(cast: Cast) -> None:
    more = {"role": "ADMIN", "team": cast.north.pk, "is_active": False, "username": "root", "id": 1, "version": 99}
    for method in ("PUT", "PATCH"):
        answer = api(cast.asha)(method, "/kam/me/", {"email": "asha@kams.example", **more})
        assert answer.status_code == 200
    kept = User.objects.get(pk=cast.asha.pk)
    assert (kept.role, kept.team, kept.is_active, kept.username, kept.version) == ("KAM", cast.south, True, "asha", 1)


@pytest.mark.parametrize("key", ["is_superuser", "is_staff", "password", "token_generation", "groups"])
def test_it_knows_no_other_key(cast: Cast, key: str) -> None:
    answer = api(cast.asha).patch("/kam/me/", {key: 1})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [key]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "no address"),
        ("email", "a@b.example\nBcc: all@kams.example"),
        ("email", "BELA@kams.example"),
        ("email", "a" * 250 + "@b.example"),
        ("email", None),
        ("email", 7),
        ("language", "fr"),
        ("language", None),
        ("timezone", "Mars/Olympus"),
        ("timezone", ""),
        ("timezone", "../../etc/passwd"),
        ("timezone", ["UTC"]),
        ("first_name", "a" * 151),
        ("first_name", {"a": 1}),
        ("last_name", "a\0b"),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, field: str, value: Any) -> None:
    assert cast.bela
    answer = api(cast.asha).patch("/kam/me/", {field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert User.objects.get(pk=cast.asha.pk).version == 1


def test_it_refuses_a_change_of_what_has_changed_since(cast: Cast) -> None:
    seen = api(cast.asha).get("/kam/me/")["ETag"]
    api(cast.asha).patch("/kam/me/", {"first_name": "A"})
    answer = api(cast.asha).patch("/kam/me/", {"first_name": "B"}, If_Match=seen)
    assert answer.status_code == 412
    assert User.objects.get(pk=cast.asha.pk).first_name == "A"


# --- the password ---------------------------------------------------------------------------------


def test_it_changes_the_password_and_ends_every_other_login(asha: User) -> None:
    here, there = pair_of(), pair_of()
    answer = change_password(with_access(here["access"]))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    for pair in (here, there):
        assert is_refused(with_access(pair["access"]).get("/kam/me/"))
        assert is_refused(refresh(pair["refresh"]))
    assert with_access(answer.json()["access"]).get("/kam/me/").status_code == 200
    assert verify(answer.json()["refresh"]).status_code == 200
    assert log_in(password=PASSWORD).status_code == 401
    assert log_in(password=NEW).status_code == 200
    asha.refresh_from_db()
    assert asha.check_password(NEW)
    assert asha.version == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"current": "wrong"}, "current_password"),
        ({"current": f"{PASSWORD} "}, "current_password"),
        ({"current": None}, "current_password"),
        ({"new": "short"}, "new_password"),
        ({"new": "password"}, "new_password"),
        ({"new": "9135024768"}, "new_password"),
        ({"new": "asha@kams.example"}, "new_password"),
        ({"new": "a" * 1001}, "new_password"),
        ({"new": ""}, "new_password"),
        ({"new": ["x"]}, "new_password"),
        ({"newpassword": "x"}, "newpassword"),
    ],
)
def test_it_keeps_the_password_and_says_why(asha: User, given: dict[str, Any], field: str) -> None:
    pair = pair_of()
    answer = change_password(with_access(pair["access"]), **given)
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert all(answer.json()["errors"][field])
    assert log_in().status_code == 200
    assert verify(pair["refresh"]).status_code == 200
    assert asha.check_password(PASSWORD)


def test_it_changes_the_password_of_an_analyst(cast: Cast) -> None:
    cast.nora.set_password(PASSWORD)
    cast.nora.save()
    assert change_password(api(cast.nora)).status_code == 200


def test_it_keeps_no_answer_with_tokens_for_a_retry(asha: User) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    first = with_access(pair_of()["access"]).post("/kam/me/password/", body, Idempotency_Key="once")
    assert first.status_code == 200
    again = with_access(first.json()["access"]).post("/kam/me/password/", body, Idempotency_Key="once")
    assert again.status_code == 400
    assert asha.sessions.count() == 2


@pytest.mark.usefixtures("asha")
def test_it_gives_the_new_login_its_full_time(clock: Any) -> None:
    access = pair_of()["access"]
    clock.move_to(NOON + timedelta(minutes=20))
    change_password(with_access(access))
    assert Session.objects.latest("created_at").expires_at == NOON + timedelta(hours=12, minutes=20)


def test_it_shows_an_index_of_the_module(cast: Cast) -> None:
    answer = api(cast.asha).get("/kam/")
    assert answer.status_code == 200
    collections = {"people", "teams", "invitations", "api-keys", "erasures"}
    assert set(answer.json()) == {*collections, "me", "sign-up", "password-reset"}
    assert api().get("/kam/").status_code == 401
