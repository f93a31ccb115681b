"""`GET`, `PUT` and `PATCH /track/interactions/{id}/`."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from interaction_tracking.models import Interaction, Order
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant
from tests.interaction_tracking.test_record import ORDER

LATER = NOON + timedelta(days=3)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def row(cast: Cast) -> Interaction:
    return interaction(contact(restaurant(cast.asha)))


def patch(cast: Cast, row: Interaction, **given: Any) -> Any:
    answer = api(cast.asha).patch(f"/track/interactions/{row.pk}/", given)
    row.refresh_from_db()
    return answer


def test_it_patches_what_is_named_and_nothing_else(cast: Cast, row: Interaction) -> None:
    before = api(cast.asha).get(f"/track/interactions/{row.pk}/").json()
    answer = patch(cast, row, outcome="Wants an offer", duration_seconds=60)
    assert answer.status_code == 200
    assert answer.json() == {
        **before,
        "outcome": "Wants an offer",
        "duration_seconds": 60,
        "updated_at": "2024-12-31T12:00:00Z",
        "version": 2,
    }
    assert (row.outcome, row.duration_seconds, row.date) == ("Wants an offer", 60, NOON)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_takes_an_answer_back_and_changes_nothing(cast: Cast, method: str) -> None:
    head = restaurant(cast.asha)
    branch = restaurant(cast.asha, parent=head)
    here, there, gone = contact(head), contact(branch), contact(head)
    row = interaction(gone, participants=[here, there, gone], order=ORDER, interaction_type="ORDER")
    # Meanwhile one has left, and one went to a colleague with their restaurant, which is of no chain now.
    gone.archive(by=cast.asha, at=NOON)
    branch.revise(by=cast.root, at=NOON, assigned_to=cast.bela, parent=None)
    path = f"/track/interactions/{row.pk}/"
    before = api(cast.asha).get(path).json()
    assert before["participants"] == sorted([here.pk, there.pk, gone.pk])
    answer = api(cast.asha)(method, path, before)
    assert (answer.status_code, answer.json()) == (200, before)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_it_takes_back_a_call_that_a_plan_recorded_with_nobody(cast: Cast, method: str) -> None:
    plan = call_plan(restaurant(cast.asha))
    api(cast.asha).post(f"/call/{plan.pk}/record_call/")
    before = api(cast.asha).get("/track/interactions/").json()[0]
    path = f"/track/interactions/{before['id']}/"
    assert before["contact"] is None
    answer = api(cast.asha)(method, path, before)
    assert (answer.status_code, answer.json()) == (200, before)
    who = contact(plan.lead)
    assert api(cast.asha)(method, path, {**before, "contact": who.pk}).json()["contact"] == who.pk
    answer = api(cast.asha)(method, path, before)  # now there is somebody, and there stays somebody
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["contact"])


def test_it_puts_only_with_all_that_is_needed(cast: Cast, row: Interaction) -> None:
    answer = api(cast.asha).put(f"/track/interactions/{row.pk}/", {"details": "Again."})
    assert (answer.status_code, sorted(answer.json()["errors"])) == (400, ["contact", "interaction_type", "lead"])
    needed = {"lead": row.lead_id, "contact": row.contact_id, "interaction_type": "VISIT", "details": "Again."}
    assert api(cast.asha).put(f"/track/interactions/{row.pk}/", needed).json()["interaction_type"] == "VISIT"
    row.refresh_from_db()
    assert (row.details, row.date) == ("Again.", NOON)


def test_it_stays_with_its_restaurant(cast: Cast, row: Interaction) -> None:
    other = restaurant(cast.asha)
    answer = patch(cast, row, lead=other.pk, details="Moved.")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["lead"])
    assert row.lead != other
    assert patch(cast, row, lead=row.lead_id).status_code == 200


def test_it_changes_to_another_contact_of_the_restaurant_only(cast: Cast, row: Interaction) -> None:
    friend, stranger = contact(row.lead), contact(restaurant(cast.asha))
    assert patch(cast, row, contact=friend.pk).status_code == 200
    answer = patch(cast, row, contact=stranger.pk)
    assert (answer.status_code, list(answer.json()["errors"]), row.contact) == (400, ["contact"], friend)


def test_it_keeps_what_is_done_out_of_the_future(cast: Cast, row: Interaction) -> None:
    ahead = (LATER + timedelta(seconds=301)).isoformat()
    answer = patch(cast, row, date=ahead)
    assert (answer.status_code, list(answer.json()["errors"]), row.date) == (400, ["date"], NOON)
    assert patch(cast, row, date=ahead, status="PLANNED").status_code == 200
    answer = patch(cast, row, status="DONE")
    assert (answer.status_code, list(answer.json()["errors"]), row.status) == (400, ["date"], "PLANNED")
    assert patch(cast, row, status="DONE", date=LATER.isoformat()).json()["date"] == "2024-12-31T12:00:00Z"


# --- participants -----------------------------------------------------------------------------


def test_it_replaces_the_participants(cast: Cast, row: Interaction) -> None:
    one, two = contact(row.lead), contact(row.lead)
    assert patch(cast, row, participants=[two.pk, one.pk, one.pk]).json()["participants"] == [one.pk, two.pk]
    assert patch(cast, row, participants=[two.pk]).json()["version"] == 3
    assert list(row.participants.all()) == [two]
    assert patch(cast, row, details="Who was it?").json()["participants"] == [two.pk]
    assert patch(cast, row, participants=[]).json()["participants"] == []
    assert row.participants.count() == 0


def test_it_takes_no_strangers_as_participants(cast: Cast, row: Interaction) -> None:
    one, stranger = contact(row.lead), contact(restaurant(cast.asha))
    foreign = contact(restaurant(cast.bela, parent=row.lead))
    patch(cast, row, participants=[one.pk])
    for wrong in ([one.pk, stranger.pk], [foreign.pk], [999_999], [0], ["1"], None, list(range(1, 102))):
        answer = patch(cast, row, participants=wrong)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["participants"]), wrong
    assert list(row.participants.all()) == [one]


# --- orders -----------------------------------------------------------------------------------


def test_it_becomes_an_order_and_stays_flagged_when_it_is_none_after_all(cast: Cast, row: Interaction) -> None:
    assert patch(cast, row, interaction_type="ORDER").json()["order_placed"] is True
    answer = patch(cast, row, order_placed=False)
    assert (answer.status_code, list(answer.json()["errors"]), row.order_placed) == (400, ["order_placed"], True)
    assert patch(cast, row, interaction_type="CALL").json()["order_placed"] is True
    assert patch(cast, row, order_placed=False).json()["order_placed"] is False
    assert row.order_placed is False
    answer = patch(cast, row, interaction_type="ORDER", order_placed=False)
    assert (answer.status_code, row.interaction_type) == (400, "CALL")


def test_it_adds_an_order_and_writes_it_anew(cast: Cast, row: Interaction) -> None:
    added = patch(cast, row, order={**ORDER, "order_date": "2024-12-25T12:00:00Z"}).json()
    assert (added["order_placed"], added["version"]) == (True, 2)
    answer = patch(cast, row, order={**ORDER, "quantity": 60}).json()
    assert answer["order"] == {**ORDER, "quantity": 60, "order_date": "2024-12-25T12:00:00Z"}
    order = Order.objects.get()
    assert (order.quantity, order.total_price, row.version) == (60, Decimal("500.00"), 3)
    assert patch(cast, row, order=answer["order"]).json()["version"] == 3
    assert patch(cast, row, details="Rang.").json()["order"] == answer["order"]


def test_it_does_not_flag_away_an_order_with_details(cast: Cast, row: Interaction) -> None:
    patch(cast, row, order=ORDER)
    answer = patch(cast, row, order_placed=False)
    assert (answer.status_code, list(answer.json()["errors"]), row.order_placed) == (400, ["order_placed"], True)


@pytest.mark.parametrize("name", sorted(ORDER))
def test_it_needs_a_whole_order(cast: Cast, row: Interaction, name: str) -> None:
    part = {key: value for key, value in ORDER.items() if key != name}
    answer = patch(cast, row, order=part)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [f"order.{name}"])
    assert (row.order_placed, Order.objects.count()) == (False, 0)
    patch(cast, row, order=ORDER)
    assert patch(cast, row, order=part).status_code == 400


def test_it_never_loses_an_order(cast: Cast, row: Interaction) -> None:
    assert patch(cast, row, order=None).status_code == 200  # there is none
    patch(cast, row, order=ORDER)
    answer = patch(cast, row, order=None)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["order"])
    assert Order.objects.get().quantity == 50


def test_it_is_seen_and_changed_with_its_restaurant(cast: Cast, row: Interaction) -> None:
    path, seen, changed = f"/track/interactions/{row.pk}/", {}, {}
    for name, user in cast.everybody().items():
        seen[name] = api(user).get(path).status_code
        changed[name] = api(user).patch(path, {"details": name}).status_code
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert changed == {**seen, "nora": 403}
    row.refresh_from_db()
    assert (row.details, row.kam) == ("maya", cast.asha)
    assert api().get(path).status_code == 401
