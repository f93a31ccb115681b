"""`/lead/collaborators/`: who works on a restaurant beside the one who has it."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine

from kams.events import person_left
from kams.models import User
from leads.models import Collaboration, Restaurant
from notifications.models import Message
from notifications.words import words_of
from tests.cast import NOON, Cast, api, collaboration, contact, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")


def share(row: Restaurant, kam: User, *, by: User, **more: Any) -> Any:
    return api(by).post("/lead/collaborators/", {"restaurant": row.pk, "kam": kam.pk, **more})


def told(kind: str) -> set[tuple[str, str]]:
    """Whom, on which channel."""
    return {(str(one.user), one.channel) for one in Message.objects.filter(kind=kind)}


@pytest.mark.parametrize("adder", ["asha", "maya", "root"])
def test_it_adds_a_collaborator(cast: Cast, adder: str) -> None:
    row, by = restaurant(cast.asha), getattr(cast, adder)
    answer = share(row, cast.bela, by=by, reason="Knows the chef.")
    body = answer.json()
    assert (answer.status_code, body["kam"], body["added_by"]) == (201, cast.bela.pk, by.pk)
    assert answer["Location"] == f"http://testserver/lead/collaborators/{body['id']}/"
    kept = Collaboration.objects.get()
    assert (kept.restaurant, kept.kam, kept.added_by, kept.reason, kept.created_at) == (
        row,
        cast.bela,
        by,
        "Knows the chef.",
        NOON,
    )
    assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 200
    assert [one["id"] for one in api(cast.bela).get("/lead/restaurants/").json()] == [row.pk]


def test_it_tells_both(cast: Cast) -> None:
    row = restaurant(cast.asha)
    share(row, cast.bela, by=cast.maya, reason="Knows the chef.")
    both = {(name, channel) for name in ("asha", "bela") for channel in ("IN_APP", "EMAIL")}
    assert told("collaboration_begun") == both
    facts = {"restaurant": row.name, "restaurant_id": row.pk, "kam": "bela", "by": "maya", "reason": "Knows the chef."}
    assert all((one.restaurant_id, one.facts) == (row.pk, facts) for one in Message.objects.all())
    api(cast.bela).delete(f"/lead/collaborators/{Collaboration.objects.get().pk}/")
    assert told("collaboration_ended") == both


def test_it_puts_it_into_words(cast: Cast) -> None:
    row = restaurant(cast.asha, name="Saffron & Co")
    share(row, cast.bela, by=cast.asha, reason="Knows the chef.")
    words = words_of(Message.objects.filter(channel="EMAIL")[0])
    assert words.title == "bela works on Saffron & Co"
    assert words.text == (
        "asha lets bela see Saffron & Co and work on it, beside who has it.\n\nWhy: Knows the chef.\n"
    )
    assert "<p>Why: Knows the chef.</p>" in words.html
    api(cast.asha).delete(f"/lead/collaborators/{Collaboration.objects.get().pk}/")
    words = words_of(Message.objects.filter(kind="collaboration_ended", channel="EMAIL")[0])
    assert words.text == "Saffron & Co is no longer shared with bela: asha has ended it.\n"
    assert "Saffron &amp; Co is no longer shared" in words.html


def test_it_tells_the_collaborator_alone_where_nobody_has_the_restaurant(cast: Cast) -> None:
    share(restaurant(), cast.bela, by=cast.root)
    assert told("collaboration_begun") == {("bela", "IN_APP"), ("bela", "EMAIL")}


@pytest.mark.parametrize("ender", ["asha", "bela", "maya", "root"])
def test_it_ends_for_who_may_end_it(cast: Cast, ender: str) -> None:
    row = restaurant(cast.asha)
    shared = collaboration(row, cast.bela, by=cast.asha)
    cast.maya  # noqa: B018 - who manages the south from now on
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert api(getattr(cast, ender)).delete(f"/lead/collaborators/{shared.pk}/").status_code == 204
        assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 404
        assert api(cast.bela).get("/lead/restaurants/").json() == []
        assert api(cast.asha).get(f"/lead/collaborators/{shared.pk}/").status_code == 404
    shared.refresh_from_db()
    assert shared.archived_at == NOON + timedelta(days=1)


def test_it_begins_anew_after_its_end(cast: Cast) -> None:
    row = restaurant(cast.asha)
    collaboration(row, cast.bela, by=cast.asha).archive(by=cast.asha, at=NOON)
    assert share(row, cast.bela, by=cast.asha).status_code == 201
    assert Collaboration.objects.count() == 2


# --- what a collaborator may not ----------------------------------------------------------------------
def test_it_lets_no_collaborator_add_or_end_others(cast: Cast) -> None:
    row, dora = restaurant(cast.asha), person(team=cast.south)
    collaboration(row, cast.bela, by=cast.asha)
    other = collaboration(row, person(), by=cast.asha)
    answer = share(row, dora, by=cast.bela)
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["restaurant"])
    assert api(cast.bela).delete(f"/lead/collaborators/{other.pk}/").status_code == 403
    assert Collaboration.objects.running().count() == 2


@pytest.mark.parametrize("to", ["bela", "asha", None])
def test_it_lets_no_collaborator_hand_the_restaurant_on(cast: Cast, to: str | None) -> None:
    row = restaurant(cast.carl)
    collaboration(row, cast.bela, by=cast.root)
    new = getattr(cast, to).pk if to else None
    answer = api(cast.bela).patch(f"/lead/restaurants/{row.pk}/", {"assigned_to": new, "notes": "Mine?"})
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["assigned_to"])
    row.refresh_from_db()
    assert (row.assigned_to, row.notes) == (cast.carl, "Interested in premium features.")


def test_it_lets_no_manager_hand_on_what_is_only_shared_with_them(cast: Cast) -> None:
    row = restaurant(cast.carl)
    collaboration(row, cast.maya, by=cast.root)
    asha = cast.asha
    path = f"/lead/restaurants/{row.pk}/"
    assert api(cast.maya).patch(path, {"notes": "Seen."}).status_code == 200
    assert api(cast.maya).patch(path, {"assigned_to": asha.pk}).status_code == 403
    assert share(row, asha, by=cast.maya).status_code == 403


# --- who is refused -----------------------------------------------------------------------------------
def test_it_takes_nobody_who_cannot_work_on_it(cast: Cast) -> None:
    row = restaurant(cast.asha)
    for kam in (cast.nora, person(team=cast.south, is_active=False), cast.asha):
        answer = share(row, kam, by=cast.root)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["kam"]), kam
    assert not Collaboration.objects.exists()
    assert not Message.objects.exists()


def test_it_adds_nobody_twice(cast: Cast) -> None:
    row = restaurant(cast.asha)
    first = collaboration(row, cast.bela, by=cast.asha)
    answer = share(row, cast.bela, by=cast.asha)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
    assert str(first.pk) in answer.json()["detail"]
    assert Collaboration.objects.count() == 1


def test_it_adds_nobody_whom_the_caller_does_not_see(cast: Cast) -> None:
    answer = share(restaurant(cast.asha), cast.carl, by=cast.asha)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["kam"])


def test_it_refuses_an_archived_restaurant(cast: Cast) -> None:
    row = restaurant(cast.asha)
    row.archive(by=cast.asha, at=NOON)
    answer = share(row, cast.bela, by=cast.asha)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["restaurant"])


# --- what follows ---------------------------------------------------------------------------------------
def test_it_shows_nothing_of_a_shared_restaurant_that_is_archived(cast: Cast) -> None:
    row = restaurant(cast.asha)
    shared = collaboration(row, cast.bela, by=cast.asha)
    who = contact(row)
    row.archive(by=cast.asha, at=NOON)
    paths = (f"/lead/restaurants/{row.pk}/", f"/contact/contacts/{who.pk}/", f"/lead/collaborators/{shared.pk}/")
    assert [api(cast.bela).get(path).status_code for path in paths] == [404, 404, 404]
    lists = ("/lead/restaurants/", "/contact/contacts/", "/lead/collaborators/")
    assert [api(cast.bela).get(path).json() for path in lists] == [[], [], []]


def test_it_goes_on_when_the_restaurant_changes_hands(cast: Cast) -> None:
    row = restaurant(cast.asha)
    collaboration(row, cast.bela, by=cast.asha)
    row.allocate(to=cast.carl, by=cast.root, at=NOON)
    assert api(cast.bela).get(f"/lead/restaurants/{row.pk}/").status_code == 200


def test_it_ends_with_who_leaves(cast: Cast) -> None:
    row = restaurant(cast.carl)
    shared = collaboration(row, cast.bela, by=cast.carl)
    person_left.happened(person=cast.bela, successor=None, to_pool=False, by=cast.maya, at=NOON)
    shared.refresh_from_db()
    assert shared.archived_at == NOON
    assert ("carl", "EMAIL") in told("collaboration_ended")


def test_it_lists_by_restaurant_and_by_person(cast: Cast) -> None:
    first, second = restaurant(cast.asha), restaurant(cast.asha)
    for row in (first, second):
        collaboration(row, cast.bela, by=cast.asha)
    collaboration(first, cast.carl, by=cast.asha)
    found = partial(api(cast.asha).get)
    assert [one["kam"] for one in found(f"/lead/collaborators/?restaurant={first.pk}").json()] == [
        cast.bela.pk,
        cast.carl.pk,
    ]
    assert len(found(f"/lead/collaborators/?kam={cast.bela.pk}").json()) == 2
    assert len(api(cast.carl).get("/lead/collaborators/").json()) == 2  # everybody at the one that is shared with him
