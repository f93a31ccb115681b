"""`parent`: a chain is a head office and its branches."""

import pytest

from leads.models import Restaurant
from tests.cast import Cast, api, restaurant
from tests.leads.test_create import NEEDED

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def head(cast: Cast) -> Restaurant:
    return restaurant(cast.asha)


@pytest.fixture
def branch(cast: Cast, head: Restaurant) -> Restaurant:
    return restaurant(cast.asha, parent=head)


def below(row: Restaurant, parent: int | None, cast: Cast) -> tuple[int, int | None, list[str]]:
    """The status, the parent that is kept, and the fields that were refused."""
    answer = api(cast.asha).patch(f"/lead/restaurants/{row.pk}/", {"parent": parent})
    row.refresh_from_db()
    return answer.status_code, row.parent_id, list(answer.json().get("errors", ()))


def test_it_enters_a_branch_below_its_head_office(cast: Cast, head: Restaurant) -> None:
    answer = api(cast.asha).post("/lead/restaurants/", {**NEEDED, "parent": head.pk})
    assert (answer.status_code, answer.json()["parent"]) == (201, head.pk)
    assert head.branches.get().pk == answer.json()["id"]


def test_it_moves_into_a_chain_and_out_of_it(cast: Cast, head: Restaurant) -> None:
    row = restaurant(cast.asha)
    assert below(row, head.pk, cast) == (200, head.pk, [])
    assert below(row, head.pk, cast) == (200, head.pk, [])
    assert below(row, restaurant(cast.asha).pk, cast)[0] == 200
    assert below(row, None, cast) == (200, None, [])


def test_it_is_not_below_itself(cast: Cast, head: Restaurant) -> None:
    assert below(head, head.pk, cast) == (400, None, ["parent"])


def test_it_is_not_below_its_own_branch(cast: Cast, head: Restaurant, branch: Restaurant) -> None:
    assert below(head, branch.pk, cast) == (400, None, ["parent"])


@pytest.mark.usefixtures("head")
def test_it_is_not_below_another_branch(cast: Cast, branch: Restaurant) -> None:
    assert below(restaurant(cast.asha), branch.pk, cast) == (400, None, ["parent"])
    answer = api(cast.asha).post("/lead/restaurants/", {**NEEDED, "parent": branch.pk})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["parent"])


@pytest.mark.usefixtures("branch")
def test_it_is_not_below_anything_while_it_has_branches(cast: Cast, head: Restaurant) -> None:
    assert below(head, restaurant(cast.asha).pk, cast) == (400, None, ["parent"])


@pytest.mark.usefixtures("head")
def test_it_is_not_below_what_the_caller_does_not_see_or_what_is_away(cast: Cast) -> None:
    row, away = restaurant(cast.asha), restaurant(cast.asha)
    api(cast.asha).delete(f"/lead/restaurants/{away.pk}/")
    assert below(row, restaurant(cast.bela).pk, cast) == (400, None, ["parent"])
    assert below(row, away.pk, cast) == (400, None, ["parent"])


def test_it_keeps_its_head_office_whoever_that_belongs_to_by_now(cast: Cast, head: Restaurant) -> None:
    row = restaurant(cast.asha, parent=head)
    head.allocate(to=cast.bela, by=cast.root, at=head.created_at)
    assert below(row, head.pk, cast) == (200, head.pk, [])
