"""`/kam/people/`: who works here, and who may say so."""

import re
from typing import Any

import pytest

from kams.choices import Role
from kams.models import Team, User
from kams.models.user import LastAdmin
from tests.cast import NOON, PASSWORD, Cast, api, person
from tests.kams.conftest import Mails
from tests.kams.pairs import give_password, is_refused, log_in, pair_of, refresh, with_access
from tests.paging import ids, pages

NEW = {"username": "new", "email": "new@kams.example"}


def path(of: User) -> str:
    return f"/kam/people/{of.pk}/"


def names(answer: Any) -> set[str]:
    return {row["username"] for row in answer.json()}


# --- who sees whom --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("root", {"root", "asha", "bela", "carl", "maya", "nora"}),
        ("nora", {"root", "asha", "bela", "carl", "maya", "nora"}),
        ("maya", {"asha", "bela", "maya"}),
        ("asha", {"asha", "bela"}),
        ("carl", {"carl"}),
    ],
)
def test_it_shows_each_the_people_of_their_teams(cast: Cast, who: str, seen: set[str]) -> None:
    people = cast.everybody()
    caller = api(people[who])
    assert names(caller.get("/kam/people/")) == seen
    for name, other in people.items():
        assert caller.get(path(other)).status_code == (200 if name in seen else 404)


def test_it_shows_a_manager_the_sub_teams_too(cast: Cast) -> None:
    deep = Team.objects.create(name="Deep", parent=Team.objects.create(name="Below", parent=cast.south))
    dara = person("dara", team=deep)
    assert api(cast.maya).get(path(dara)).status_code == 200
    assert api(cast.asha).get(path(dara)).status_code == 404


def test_it_shows_no_secret(cast: Cast) -> None:
    give_password(cast.asha)
    keys = set(api(cast.root).get(path(cast.asha)).json())
    assert keys == {
        "id",
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "team",
        "timezone",
        "working_hours",
        "daily_capacity",
        "language",
        "is_active",
        "created_at",
        "updated_at",
        "version",
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("role=MANAGER", {"maya"}),
        ("role=MANAGER,ANALYST", {"maya", "nora"}),
        ("team={south}", {"asha", "bela"}),
        ("team=none", {"root", "maya", "nora"}),
        ("is_active=false", {"carl"}),
        ("is_active=true&role=KAM", {"asha", "bela"}),
        ("search=ASH", {"asha"}),
        ("search=bela%40kams", {"bela"}),
        ("search=nobody", set()),
        ("search=kams%20car", {"carl"}),
    ],
)
def test_it_filters(cast: Cast, query: str, found: set[str]) -> None:
    cast.everybody()
    cast.carl.deactivate(by=cast.root, at=NOON)
    answer = api(cast.root).get(f"/kam/people/?{query.format(south=cast.south.pk)}")
    assert answer.status_code == 200
    assert names(answer) == found


@pytest.mark.parametrize(
    "query", ["rolle=KAM", "role=KING", "team=x", "is_active=1", "ordering=password", "password=x"]
)
def test_it_names_a_parameter_that_is_wrong(cast: Cast, query: str) -> None:
    answer = api(cast.root).get(f"/kam/people/?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("ordering", ["username", "-username", "last_name", "-created_at", "id"])
def test_it_walks_the_pages_in_any_order(cast: Cast, ordering: str) -> None:
    everybody = {one.pk for one in cast.everybody().values()}
    found = [ids(page) for page in pages(api(cast.root), f"/kam/people/?page_size=2&ordering={ordering}")]
    assert [len(page) for page in found] == [2, 2, 2]
    assert {key for page in found for key in page} == everybody


# --- who may take somebody in ---------------------------------------------------------------------


def test_it_adds_a_person_who_chooses_a_password_by_mail(cast: Cast, mails: Mails) -> None:
    body = {**NEW, "email": "New@Kams.Example", "role": "MANAGER", "team": cast.north.pk, "first_name": "Neha"}
    answer, sent = mails(lambda: api(cast.root).post("/kam/people/", body))
    assert answer.status_code == 201
    new = User.objects.get(username="new")
    assert answer["Location"] == f"http://testserver{path(new)}"
    assert (new.email, new.role, new.team, new.first_name, new.is_active) == (
        "new@kams.example",
        "MANAGER",
        cast.north,
        "Neha",
        True,
    )
    assert not new.has_usable_password()
    (message,) = sent
    assert (message.to, message.subject) == (["new@kams.example"], "Your account")
    found = re.search(r"token=(\S+)", str(message.body))
    assert found
    api().post("/kam/password-reset/confirm/", {"token": found[1], "new_password": PASSWORD})
    assert log_in("new").status_code == 200


def test_it_lets_a_manager_add_kams_to_their_teams(cast: Cast) -> None:
    answer = api(cast.maya).post("/kam/people/", {**NEW, "team": cast.south.pk})
    assert answer.status_code == 201
    assert answer.json()["role"] == "KAM"


@pytest.mark.parametrize(("changes", "field"), [({"role": "MANAGER"}, "role"), ({"team": None}, "team")])
def test_it_lets_a_manager_add_nobody_else(cast: Cast, changes: dict[str, Any], field: str) -> None:
    answer = api(cast.maya).post("/kam/people/", {**NEW, "team": cast.south.pk, **changes})
    assert answer.status_code == 403
    assert list(answer.json()["errors"]) == [field]
    assert not User.objects.filter(username="new").exists()


def test_it_does_not_know_a_manager_s_foreign_team(cast: Cast) -> None:
    answer = api(cast.maya).post("/kam/people/", {**NEW, "team": cast.north.pk})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["team"]


@pytest.mark.parametrize("who", ["asha", "nora"])
def test_it_lets_nobody_else_add(cast: Cast, who: str) -> None:
    assert api(getattr(cast, who)).post("/kam/people/", {**NEW, "team": cast.south.pk}).status_code == 403
    assert api(getattr(cast, who)).post("/kam/people/", {}).status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "asha"),
        ("username", "a@b"),
        ("username", ""),
        ("email", "ASHA@kams.example"),
        ("email", "x"),
        ("email", "a@b.example\nBcc: c@d.example"),
        ("role", "kam"),
        ("role", ["KAM"]),
        ("team", 10**6),
        ("team", "1"),
        ("timezone", "Here"),
        ("is_active", "yes"),
        ("is_active", 1),
        ("password", PASSWORD),
        ("is_superuser", True),
        ("is_staff", True),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, field: str, value: Any) -> None:
    assert cast.asha
    answer = api(cast.root).post("/kam/people/", {**NEW, field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not User.objects.filter(username="new").exists()


# --- who may change whom --------------------------------------------------------------------------


def test_it_lets_a_manager_change_their_kams(cast: Cast) -> None:
    below = Team.objects.create(name="Below", parent=cast.south)
    answer = api(cast.maya).patch(path(cast.asha), {"first_name": "A", "team": below.pk})
    assert answer.status_code == 200
    kept = User.objects.get(pk=cast.asha.pk)
    assert (kept.first_name, kept.team, kept.version) == ("A", below, 2)


def test_it_takes_its_own_answer_back(cast: Cast) -> None:
    for who in (cast.root, cast.maya):
        shown = api(who).get(path(cast.asha)).json()
        answer = api(who).put(path(cast.asha), shown)
        assert answer.status_code == 200
        assert answer.json() == shown


@pytest.mark.parametrize("role", ["MANAGER", "ADMIN", "ANALYST"])
def test_it_lets_a_manager_change_nobody_of_another_role(cast: Cast, role: str) -> None:
    """Who can write somebody's address can reset their password, and become them."""
    other = person("other", role=role, team=cast.south)
    for method, body in (("PATCH", {"email": "mine@kams.example"}), ("PUT", {}), ("DELETE", None)):
        assert api(cast.maya)(method, path(other), body).status_code == 403
    assert User.objects.get(pk=other.pk).email == "other@kams.example"


def test_it_lets_a_manager_change_no_superuser_who_is_a_kam_by_role(cast: Cast) -> None:
    chief = person("chief", team=cast.south, is_superuser=True)
    assert api(cast.maya).patch(path(chief), {"first_name": "x"}).status_code == 403
    assert not User.objects.editable_by(cast.maya).filter(pk=chief.pk).exists()


@pytest.mark.parametrize("who", ["asha", "nora"])
def test_it_lets_nobody_else_change(cast: Cast, who: str) -> None:
    for other in (cast.bela, getattr(cast, who)):
        for method in ("PATCH", "PUT", "DELETE"):
            assert api(getattr(cast, who))(method, path(other), {}).status_code in {403, 404}
    assert api(getattr(cast, who)).patch(path(cast.bela), {"first_name": "x"}).status_code == 403


def test_it_lets_admins_and_nobody_else_change_roles(cast: Cast) -> None:
    assert api(cast.maya).patch(path(cast.asha), {"role": "MANAGER"}).status_code == 403
    assert User.objects.get(pk=cast.asha.pk).role == Role.KAM
    assert api(cast.root).patch(path(cast.asha), {"role": "MANAGER"}).status_code == 200
    assert User.objects.get(pk=cast.asha.pk).role == Role.MANAGER


def test_it_lets_nobody_change_their_own_role(cast: Cast) -> None:
    assert person(role=Role.ADMIN)
    answer = api(cast.root).patch(path(cast.root), {"role": "KAM"})
    assert answer.status_code == 403
    assert list(answer.json()["errors"]) == ["role"]
    assert User.objects.get(pk=cast.root.pk).role == Role.ADMIN


def test_it_takes_everything_from_an_admin_who_is_demoted(cast: Cast) -> None:
    second = person("second", role=Role.ADMIN)
    caller = api(cast.root)
    assert api(second).patch(path(cast.root), {"role": "KAM"}).status_code == 200
    kept = User.objects.get(pk=cast.root.pk)
    assert (kept.role, kept.is_superuser, kept.is_staff, kept.is_admin) == (Role.KAM, False, False, False)
    assert caller.get(path(cast.carl)).status_code == 404


@pytest.mark.parametrize("change", [{"role": Role.KAM}, {"is_active": False}])
def test_it_keeps_the_last_admin(cast: Cast, change: dict[str, Any]) -> None:
    """Only who was an admin when the request began, and is none any more, can come this far."""
    former = person("former", role=Role.ADMIN)
    User.objects.filter(pk=former.pk).update(role=Role.KAM)
    with pytest.raises(LastAdmin):
        cast.root.revise(by=former, at=NOON, **change)
    kept = User.objects.get(pk=cast.root.pk)
    assert (kept.role, kept.is_active) == (Role.ADMIN, True)


def test_it_moves_people_of_a_manager_to_no_other_team(cast: Cast) -> None:
    assert cast.maya
    assert api(cast.maya).patch(path(cast.asha), {"team": cast.north.pk}).status_code == 400
    assert api(cast.maya).patch(path(cast.asha), {"team": None}).status_code == 403
    assert User.objects.get(pk=cast.asha.pk).team == cast.south


def test_it_refuses_a_change_of_what_has_changed_since(cast: Cast) -> None:
    seen = api(cast.root).get(path(cast.asha))["ETag"]
    assert api(cast.root).patch(path(cast.asha), {"first_name": "A"}, If_Match=seen).status_code == 200
    assert api(cast.root).patch(path(cast.asha), {"first_name": "B"}, If_Match=seen).status_code == 412


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["root", "maya"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_it_locks_out_at_the_next_request(asha: User, cast: Cast, by: str, method: str) -> None:
    pair = pair_of()
    caller = api(getattr(cast, by))
    answer = caller(method, path(asha), None if method == "DELETE" else {"is_active": False})
    assert answer.status_code == (204 if method == "DELETE" else 200)
    assert is_refused(with_access(pair["access"]).get("/kam/me/"))
    assert is_refused(refresh(pair["refresh"]))
    assert log_in().status_code == 401
    assert caller.get(path(asha)).json()["is_active"] is False
    assert User.objects.filter(pk=asha.pk).exists()


def test_it_lets_in_again(asha: User, cast: Cast) -> None:
    pair = pair_of()
    api(cast.root).delete(path(asha))
    assert api(cast.root).patch(path(asha), {"is_active": True}).status_code == 200
    assert is_refused(refresh(pair["refresh"]))
    assert log_in().status_code == 200


def test_it_deactivates_once(cast: Cast) -> None:
    for _ in range(2):
        assert api(cast.root).delete(path(cast.asha)).status_code == 204
    assert User.objects.get(pk=cast.asha.pk).version == 2


def test_it_lets_nobody_deactivate_themselves(cast: Cast) -> None:
    assert person(role=Role.ADMIN)
    assert api(cast.root).delete(path(cast.root)).status_code == 403
    assert api(cast.root).patch(path(cast.root), {"is_active": False}).status_code == 403
    assert User.objects.get(pk=cast.root.pk).is_active


# --- what it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize("who", ["root", "asha", "maya"])
def test_it_reads_with_a_constant_number_of_queries(
    cast: Cast, who: str, rows: int, django_assert_num_queries: Any
) -> None:
    caller, shown = api(getattr(cast, who)), path(cast.asha)
    for _ in range(rows):
        person(team=cast.south)
    with django_assert_num_queries(2):
        assert len(caller.get("/kam/people/").json()) >= rows
    with django_assert_num_queries(2):
        assert caller.get(shown).status_code == 200


def test_it_writes_with_few_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    savepoint = 2  # of the test's transaction
    caller, team, asha = api(cast.root), cast.south.pk, path(cast.asha)
    with django_assert_num_queries(8 + savepoint):  # the person, its history, and the letter
        assert caller.post("/kam/people/", {**NEW, "team": team}).status_code == 201
    with django_assert_num_queries(5 + savepoint):
        assert caller.patch(asha, {"first_name": "A"}).status_code == 200
    with django_assert_num_queries(7 + savepoint):  # with the questions what they look after, share and cover
        assert caller.delete(asha).status_code == 204
