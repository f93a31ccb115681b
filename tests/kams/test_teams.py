"""`/kam/teams/`: how people work together, and who shapes it."""

from typing import Any

import pytest

from kams.choices import Role
from kams.models import Team, User
from tests.cast import NOON, Cast, api, person
from tests.paging import ids, pages


def path(of: Team) -> str:
    return f"/kam/teams/{of.pk}/"


@pytest.fixture
def below(cast: Cast) -> Any:
    """A team below Maya's."""
    assert cast.maya
    return Team.objects.create(name="Below", parent=cast.south)


def test_it_adds_a_team(cast: Cast) -> None:
    body = {"name": "West", "parent": cast.south.pk, "manager": cast.maya.pk}
    answer = api(cast.root).post("/kam/teams/", body)
    assert answer.status_code == 201
    west = Team.objects.get(name="West")
    assert answer["Location"] == f"http://testserver{path(west)}"
    assert answer.json() == {
        "id": west.pk,
        **body,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (west.parent, west.manager) == (cast.south, cast.maya)


@pytest.mark.parametrize(("who", "seen"), [("root", 3), ("nora", 3), ("maya", 2), ("asha", 1), ("carl", 1)])
def test_it_shows_each_their_teams(cast: Cast, below: Team, who: str, seen: int) -> None:
    everything = {cast.south, cast.north, below}
    caller = api(getattr(cast, who))
    assert len(caller.get("/kam/teams/").json()) == seen
    shown = {team for team in everything if caller.get(path(team)).status_code == 200}
    assert len(shown) == seen
    assert (cast.north in shown) == (who in {"root", "nora", "carl"})


def test_it_lets_a_manager_shape_what_is_below_theirs(cast: Cast, below: Team) -> None:
    caller = api(cast.maya)
    assert caller.post("/kam/teams/", {"name": "Deep", "parent": below.pk}).status_code == 201
    assert caller.patch(path(below), {"name": "Beneath"}).status_code == 200
    deep = Team.objects.get(name="Deep")
    assert caller.patch(path(deep), {"parent": cast.south.pk}).status_code == 200
    assert caller.delete(path(deep)).status_code == 204
    assert not Team.objects.filter(pk=deep.pk).exists()


def test_it_lets_a_manager_shape_nothing_else(cast: Cast, below: Team) -> None:
    caller = api(cast.maya)
    assert caller.patch(path(cast.south), {"name": "Mine"}).status_code == 403
    assert caller.delete(path(cast.south)).status_code == 403
    assert caller.patch(path(cast.north), {"name": "Mine"}).status_code == 404
    assert caller.post("/kam/teams/", {"name": "Top"}).status_code == 403
    assert caller.post("/kam/teams/", {"name": "Foreign", "parent": cast.north.pk}).status_code == 400
    assert caller.patch(path(below), {"parent": None}).status_code == 403
    assert set(Team.objects.values_list("name", "parent")) == {
        ("South", None),
        ("North", None),
        ("Below", cast.south.pk),
    }


@pytest.mark.parametrize("who", ["asha", "nora"])
def test_it_lets_nobody_else_shape_anything(cast: Cast, who: str) -> None:
    caller = api(getattr(cast, who))
    assert caller.post("/kam/teams/", {"name": "Mine"}).status_code == 403
    for method in ("PUT", "PATCH", "DELETE"):
        assert caller(method, path(cast.south), {"name": "Mine"}).status_code == 403
    assert Team.objects.get().name == "South"


def test_it_shows_a_manager_who_is_given_a_team_its_people_at_once(cast: Cast) -> None:
    assert cast.carl
    caller = api(cast.maya)
    assert caller.get(f"/kam/people/{cast.carl.pk}/").status_code == 404
    api(cast.root).patch(path(cast.north), {"manager": cast.maya.pk})
    assert caller.get(f"/kam/people/{cast.carl.pk}/").status_code == 200


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_it_refuses_a_circle(cast: Cast, below: Team, depth: int) -> None:
    deep = Team.objects.create(name="Deep", parent=below)
    for method in ("PATCH", "PUT"):
        body = {"name": "South", "parent": (cast.south, below, deep)[depth].pk}
        answer = api(cast.root)(method, path(cast.south), body)
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == ["parent"]
    assert Team.objects.get(pk=cast.south.pk).parent is None


@pytest.mark.parametrize("role", [Role.KAM, Role.ANALYST])
def test_it_is_managed_by_a_manager(cast: Cast, role: str) -> None:
    answer = api(cast.root).patch(path(cast.south), {"manager": person(role=role).pk})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["manager"]


def test_it_is_managed_by_somebody_active(cast: Cast) -> None:
    gone = person(role=Role.MANAGER, is_active=False)
    assert api(cast.root).patch(path(cast.south), {"manager": gone.pk}).status_code == 400
    assert api(cast.root).post("/kam/teams/", {"name": "West", "manager": gone.pk}).status_code == 400


@pytest.mark.parametrize("holds", ["a person", "somebody inactive", "a team"])
def test_it_is_not_deleted_while_it_holds_something(cast: Cast, holds: str) -> None:
    if holds == "a team":
        Team.objects.create(name="Below", parent=cast.north)
    else:
        person(team=cast.north, is_active=holds == "a person")
    answer = api(cast.root).delete(path(cast.north))
    assert answer.status_code == 409
    assert answer.json()["code"] == "team_in_use"
    assert "another team" in answer.json()["detail"]
    assert Team.objects.filter(pk=cast.north.pk).exists()


def test_it_is_deleted_when_it_is_empty(cast: Cast) -> None:
    assert api(cast.root).delete(path(cast.north)).status_code == 204
    assert api(cast.root).delete(path(cast.north)).status_code == 404
    assert not Team.objects.filter(name="North").exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "North"),
        ("name", ""),
        ("name", "   "),
        ("name", "a" * 101),
        ("name", None),
        ("name", 7),
        ("parent", "1"),
        ("parent", 10**6),
        ("parent", -1),
        ("manager", 10**6),
        ("manager", [1]),
        ("members", []),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, field: str, value: Any) -> None:
    assert cast.north
    for answer in (
        api(cast.root).post("/kam/teams/", {"name": "West", field: value}),
        api(cast.root).patch(path(cast.south), {field: value}),
    ):
        assert answer.status_code == 400
        assert list(answer.json()["errors"]) == [field]
    assert set(Team.objects.values_list("name", flat=True)) == {"North", "South"}


def test_it_takes_its_own_answer_back(cast: Cast, below: Team) -> None:
    shown = api(cast.maya).get(path(below)).json()
    answer = api(cast.maya).put(path(below), shown)
    assert answer.status_code == 200
    assert answer.json() == shown


@pytest.mark.parametrize(
    ("query", "found"),
    [("parent={south}", ["Below"]), ("parent=none", ["North", "South"]), ("manager={maya}", ["South"])],
)
@pytest.mark.usefixtures("below")
def test_it_filters(cast: Cast, query: str, found: list[str]) -> None:
    assert cast.north
    answer = api(cast.root).get(f"/kam/teams/?{query.format(south=cast.south.pk, maya=cast.maya.pk)}")
    assert [row["name"] for row in answer.json()] == found


def test_it_walks_the_pages(cast: Cast) -> None:
    made = [Team.objects.create(name=f"Team {number}").pk for number in range(5)]
    found = pages(api(cast.root), "/kam/teams/?page_size=2")
    assert [ids(page) for page in found] == [made[:2], made[2:4], made[4:]]


@pytest.mark.parametrize("rows", [3, 30])
@pytest.mark.parametrize("who", ["root", "asha", "maya"])
def test_it_reads_with_a_constant_number_of_queries(
    cast: Cast, who: str, rows: int, django_assert_num_queries: Any
) -> None:
    caller: Any = api(getattr(cast, who))
    for number in range(rows):
        Team.objects.create(name=f"Team {number}", parent=cast.south)
    with django_assert_num_queries(2):
        assert caller.get("/kam/teams/").json()
    with django_assert_num_queries(2):
        assert caller.get(path(cast.south)).status_code == 200


def test_it_writes_with_few_queries(cast: Cast, django_assert_num_queries: Any) -> None:
    savepoint = 2  # of the test's transaction
    caller, south, maya = api(cast.root), cast.south, cast.maya.pk
    with django_assert_num_queries(6 + savepoint):
        answer = caller.post("/kam/teams/", {"name": "West", "parent": south.pk, "manager": maya})
        assert answer.status_code == 201
    with django_assert_num_queries(5 + savepoint):
        assert caller.patch(path(south), {"name": "Far South"}).status_code == 200
    with django_assert_num_queries(7 + savepoint):
        assert caller.delete(path(Team.objects.get(name="West"))).status_code == 204


def test_it_keeps_the_rule_in_sql_and_in_python_alike(cast: Cast, below: Team) -> None:
    people = cast.everybody()
    teams = Team.objects.all()
    for who in people.values():
        assert {team.pk for team in teams if team.may_be_changed_by(who)} == set(
            Team.objects.editable_by(who).values_list("pk", flat=True)
        )
        assert {one.pk for one in people.values() if one.may_be_changed_by(who)} == set(
            User.objects.editable_by(who).values_list("pk", flat=True)
        )
    assert below.revise(by=cast.maya, at=NOON, name="Below") is False
