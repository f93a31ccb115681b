"""Two and more write to the same rows at the same moment: nothing is lost, and what is one stays one."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db.transaction import atomic

from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction
from kams.models import User
from leads.models import Restaurant
from tests import cast as builders
from tests.cast import NOON, Cast, api, person, restaurant
from tests.races import at_once, shared_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("noon")]

ROUNDS = range(4)

# These lock the restaurant, which takes a transaction; no test here runs in one.
contact, interaction, call_plan = atomic(builders.contact), atomic(builders.interaction), atomic(builders.call_plan)


@pytest.fixture(autouse=True)
def _shared() -> Iterator[None]:
    with shared_database():
        yield


def statuses(*works: Callable[[], Any]) -> dict[int, int]:
    """How often each status was answered."""
    return Counter(answer.status_code for answer in at_once(*works))


# --- changes meet -----------------------------------------------------------------------------


def test_it_keeps_two_changes_of_different_fields(cast: Cast) -> None:
    place, asha = restaurant(cast.asha), api(cast.asha)
    for number in ROUNDS:
        changes = {"notes": f"Note {number}", "city": f"City {number}", "name": f"Name {number}"}
        path = f"/lead/restaurants/{place.pk}/"
        assert statuses(*(partial(asha.patch, path, {key: value}) for key, value in changes.items())) == {200: 3}
        place.refresh_from_db()
        assert {key: getattr(place, key) for key in changes} == changes
    assert place.version == 1 + 3 * len(ROUNDS)


def test_it_keeps_a_note_beside_a_recorded_call(cast: Cast) -> None:
    for number in ROUNDS:
        plan, asha = call_plan(restaurant(cast.asha)), api(cast.asha)
        note = partial(asha.patch, f"/call/{plan.pk}/", {"notes": f"Note {number}"})
        assert statuses(note, partial(asha.post, f"/call/{plan.pk}/record_call/")) == {200: 2}
        plan.refresh_from_db()
        assert (plan.notes, plan.last_called, plan.version) == (f"Note {number}", NOON, 3)
        assert plan.calls.count() == 1


def test_it_keeps_one_call_that_is_recorded_four_times(cast: Cast) -> None:
    for _ in ROUNDS:
        plan = call_plan(restaurant(cast.asha))
        assert statuses(*[partial(api(cast.asha).post, f"/call/{plan.pk}/record_call/")] * 4) == {200: 4}
        assert Interaction.objects.filter(call_plan=plan).count() == 1


def test_it_keeps_the_history_a_chain_that_ends_at_the_status(cast: Cast) -> None:
    steps = ("CONTACTED", "MEETING_SCHEDULED", "NEGOTIATING", "CONVERTED", "LOST", "INACTIVE")
    for _ in ROUNDS:
        place, asha = restaurant(cast.asha), api(cast.asha)
        path = f"/lead/restaurants/{place.pk}/change_status/"
        answered = statuses(*(partial(asha.post, path, {"status": step}) for step in steps))
        assert answered.keys() <= {200, 409}
        place.refresh_from_db()
        history = list(place.status_changes.order_by("pk").values_list("old_status", "new_status"))
        assert history[0][0] == "NEW"
        assert history[-1][1] == place.lead_status
        assert all(earlier[1] == later[0] for earlier, later in pairwise(history))
        assert len(history) == answered[200] == place.version - 1


def test_it_lets_one_of_four_who_read_the_same_version_write(cast: Cast) -> None:
    place, asha = restaurant(cast.asha), api(cast.asha)
    path = f"/lead/restaurants/{place.pk}/"
    for _ in ROUNDS:
        read = asha.get(path)["ETag"]
        texts = [f"After {read}: {number}" for number in range(4)]
        answers = at_once(*(partial(asha.patch, path, {"notes": text}, If_Match=read) for text in texts))
        assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 3}
        written = next(answer.json()["notes"] for answer in answers if answer.status_code == 200)
        assert Restaurant.objects.get().notes == written
    assert Restaurant.objects.get().version == 1 + len(ROUNDS)


# --- what is one stays one --------------------------------------------------------------------


def test_it_makes_one_call_plan_of_a_restaurant(cast: Cast) -> None:
    for _ in ROUNDS:
        place, asha = restaurant(cast.asha), api(cast.asha)
        send = partial(asha.post, "/call/", {"lead": place.pk, "frequency": "DAILY"})
        assert statuses(*[send] * 3) == {201: 1, 409: 2}
        assert CallPlan.objects.filter(lead=place).count() == 1


def test_it_makes_one_contact_the_primary_one(cast: Cast) -> None:
    for _ in ROUNDS:
        place, asha = restaurant(cast.asha), api(cast.asha)
        paths = [f"/contact/contacts/{contact(place).pk}/" for _ in range(3)]
        assert statuses(*(partial(asha.patch, path, {"is_primary": True}) for path in paths)) == {200: 1, 409: 2}
        assert Contact.objects.filter(primary_for=place.pk).count() == 1


def test_it_enters_one_primary_contact(cast: Cast) -> None:
    for _ in ROUNDS:
        place, asha = restaurant(cast.asha), api(cast.asha)
        body = {"restaurant": place.pk, "name": "A", "role": "B", "email": "a@b.example", "is_primary": True}
        assert statuses(*[partial(asha.post, "/contact/contacts/", body)] * 3) == {201: 1, 409: 2}
        assert place.contacts.count() == 1


def test_it_gives_a_restaurant_of_the_pool_to_one_of_four(cast: Cast) -> None:
    kams = [person() for _ in range(4)]
    for _ in ROUNDS:
        place = restaurant(by=cast.root)
        path = f"/lead/restaurants/{place.pk}/"
        # Whoever comes later does not see it any more.
        assert statuses(*(partial(api(kam).patch, path, {"assigned_to": kam.pk}) for kam in kams)) == {200: 1, 404: 3}
        place.refresh_from_db()
        allocation = place.allocations.get()
        assert (allocation.kam, allocation.ended_at, allocation.allocated_by) == (
            place.assigned_to,
            None,
            allocation.kam,
        )


def test_it_keeps_the_allocations_a_chain_that_ends_with_the_owner(cast: Cast) -> None:
    maya, people = api(cast.maya), [cast.asha, cast.bela, cast.maya]
    for _ in ROUNDS:
        place = restaurant(by=cast.root)
        path = f"/lead/restaurants/{place.pk}/"
        assert statuses(*(partial(maya.patch, path, {"assigned_to": to.pk}) for to in people)) == {200: 3}
        place.refresh_from_db()
        assert place.allocations.count() == 3
        assert place.allocations.get(ended_at=None).kam == place.assigned_to


# --- archived meanwhile -----------------------------------------------------------------------


def test_it_archives_once(cast: Cast) -> None:
    for kind in ("contact", "interaction", "call_plan", "restaurant"):
        path, goodbye = one_of(kind, cast.asha)
        assert statuses(*[partial(api(cast.asha).delete, path)] * 4) == {goodbye: 1, 404: 3}, kind


def one_of(kind: str, owner: User) -> tuple[str, int]:
    """Where a new row of this kind is, and what DELETE answers there."""
    place = restaurant(owner)
    if kind == "contact":
        return f"/contact/contacts/{contact(place).pk}/", 204
    if kind == "interaction":
        return f"/track/interactions/{interaction(contact(place)).pk}/", 200
    if kind == "call_plan":
        return f"/call/{call_plan(place).pk}/", 200
    return f"/lead/restaurants/{place.pk}/", 204


def test_it_adds_nothing_to_a_restaurant_that_is_gone(cast: Cast) -> None:
    asha = api(cast.asha)
    for _ in ROUNDS:
        place = restaurant(cast.asha)
        who = contact(place)
        bodies = {
            "/contact/contacts/": {"restaurant": place.pk, "name": "A", "role": "B", "email": "a@b.example"},
            "/track/interactions/": {
                "lead": place.pk,
                "contact": who.pk,
                "interaction_type": "CALL",
                "details": "Followed up.",
            },
            "/call/": {"lead": place.pk, "frequency": "DAILY"},
        }
        gone, *added = at_once(
            partial(asha.delete, f"/lead/restaurants/{place.pk}/"),
            *(partial(asha.post, path, body) for path, body in bodies.items()),
        )
        assert gone.status_code == 204
        # Who came before is put away with it, who came after is told so.
        assert {answer.status_code for answer in added} <= {201, 400}
        for path, answer in zip(bodies, added, strict=True):
            if answer.status_code == 201:
                assert asha.get(f"{path}{answer.json()['id']}/").status_code == 404
        kept = [place.contacts.count() - 1, place.interactions.count(), place.call_plans.count()]
        assert kept == [int(answer.status_code == 201) for answer in added]
