"""`POST /track/interactions/`: what happened, with whom, and whether it brought an order."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from tests.cast import NOON, Cast, api, contact, restaurant

pytestmark = pytest.mark.usefixtures("noon")

PATH = "/track/interactions/"
ORDER = {"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00}
TYPES = ["CALL", "EMAIL", "ORDER", "VISIT", "MEETING", "MESSAGE", "NOTE"]


@pytest.fixture
def who(cast: Cast) -> Contact:
    return contact(restaurant(cast.asha))


def needed(who: Contact, **more: Any) -> dict[str, Any]:
    lead = who.restaurant_id
    return {"lead": lead, "contact": who.pk, "interaction_type": "CALL", "details": "Followed up.", **more}


def refused(cast: Cast, body: dict[str, Any]) -> tuple[int, list[str]]:
    answer = api(cast.asha).post(PATH, body)
    assert not Interaction.objects.exists()
    assert not Order.objects.exists()
    return answer.status_code, sorted(answer.json()["errors"])


def test_it_records_with_what_is_needed_and_defaults_for_the_rest(cast: Cast, who: Contact) -> None:
    answer = api(cast.asha).post(PATH, needed(who))
    row = Interaction.objects.get()
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{PATH}{row.pk}/")
    assert answer.json() == {
        **needed(who),
        "id": row.pk,
        "participants": [],
        "kam": cast.asha.pk,
        "status": "DONE",
        "outcome": "",
        "order_placed": False,
        "order": None,
        "date": "2024-12-28T12:00:00Z",
        "duration_seconds": None,
        "call_plan": None,
        "due_at": None,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (row.lead, row.contact, row.kam, row.date) == (who.restaurant, who, cast.asha, NOON)


def test_it_keeps_every_field_that_is_given(cast: Cast, who: Contact) -> None:
    friend = contact(who.restaurant)
    given = needed(
        who,
        participants=[friend.pk],
        interaction_type="MEETING",
        status="MISSED",
        outcome="Nobody came",
        date="2024-12-24T15:30:00Z",
        duration_seconds=540,
    )
    answer = api(cast.maya).post(PATH, given)
    assert answer.status_code == 201
    assert {name: answer.json()[name] for name in given} == given
    row = Interaction.objects.get()
    assert (row.kam, row.duration_seconds, list(row.participants.all())) == (cast.maya, 540, [friend])


@pytest.mark.parametrize("name", ["lead", "contact", "interaction_type", "details"])
def test_it_needs_each_of_four_fields(cast: Cast, who: Contact, name: str) -> None:
    without = {key: value for key, value in needed(who).items() if key != name}
    for body in (without, {**without, name: ""}, {**without, name: None}):
        assert refused(cast, body) == (400, [name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("lead", 999_999),
        ("contact", 999_999),
        ("interaction_type", "SMS"),
        ("status", "OPEN"),
        ("order_placed", 1),
        ("date", "2024-12-24T15:30:00"),
        ("date", "yesterday"),
        ("duration_seconds", -1),
        ("participants", [999_999]),
        ("participants", "1"),
        ("outcome", "x" * 51),
        ("leed", 1),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, who: Contact, name: str, value: object) -> None:
    assert refused(cast, needed(who, **{name: value})) == (400, [name])


def test_it_ignores_what_is_not_the_callers_to_say(cast: Cast, who: Contact) -> None:
    answer = api(cast.asha).post(PATH, needed(who, kam=cast.bela.pk, call_plan=7, version=9, id=77))
    assert (answer.status_code, answer.json()["kam"], answer.json()["version"]) == (201, cast.asha.pk, 1)
    assert Interaction.objects.get().call_plan is None


# --- whom it was with -------------------------------------------------------------------------


def test_it_is_with_people_of_the_restaurant_or_its_chain(cast: Cast, who: Contact) -> None:
    branch = contact(restaurant(cast.asha, parent=who.restaurant))
    sister = contact(restaurant(cast.asha, parent=who.restaurant))
    for lead, person in ((who, branch), (branch, who), (branch, sister)):
        body = {**needed(lead), "contact": person.pk, "participants": [who.pk, sister.pk]}
        assert api(cast.asha).post(PATH, body).status_code == 201


def test_it_is_with_nobody_of_another_restaurant(cast: Cast, who: Contact) -> None:
    stranger = contact(restaurant(cast.asha))
    assert refused(cast, needed(who, contact=stranger.pk)) == (400, ["contact"])
    assert refused(cast, needed(who, participants=[who.pk, stranger.pk])) == (400, ["participants"])


def test_it_takes_what_the_caller_does_not_see_for_nothing(cast: Cast, who: Contact) -> None:
    foreign = contact(restaurant(cast.bela, parent=who.restaurant))
    assert refused(cast, needed(who, contact=foreign.pk)) == (400, ["contact"])
    assert refused(cast, needed(who, participants=[foreign.pk])) == (400, ["participants"])
    assert refused(cast, needed(foreign)) == (400, ["contact", "lead"])
    assert api(cast.root).post(PATH, needed(who, contact=foreign.pk)).status_code == 201


def test_it_is_refused_to_who_only_reads_and_to_who_is_nobody(cast: Cast, who: Contact) -> None:
    assert api(cast.nora).post(PATH, needed(who)).status_code == 403
    assert api().post(PATH, needed(who)).status_code == 401
    assert not Interaction.objects.exists()


# --- when -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ahead", "status"), [(-1, 201), (0, 201), (300, 201), (301, 400)])
def test_it_is_done_in_the_past_or_within_the_skew_of_clocks(cast: Cast, who: Contact, ahead: int, status: int) -> None:
    date = (NOON + timedelta(seconds=ahead)).isoformat()
    answer = api(cast.asha).post(PATH, needed(who, date=date))
    assert answer.status_code == status
    assert Interaction.objects.count() == (status == 201)
    if status == 400:
        assert list(answer.json()["errors"]) == ["date"]


@pytest.mark.parametrize("status", ["PLANNED", "CANCELLED", "MISSED"])
def test_it_may_be_planned_for_the_future(cast: Cast, who: Contact, status: str) -> None:
    answer = api(cast.asha).post(PATH, needed(who, status=status, date="2025-03-01T10:00:00+05:30"))
    assert (answer.status_code, answer.json()["date"]) == (201, "2025-03-01T04:30:00Z")


# --- orders -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_it_places_an_order_when_it_is_one_or_brings_details_or_says_so(cast: Cast, who: Contact, kind: str) -> None:
    caller = api(cast.asha)
    plain = caller.post(PATH, needed(who, interaction_type=kind)).json()
    said = caller.post(PATH, needed(who, interaction_type=kind, order_placed=True)).json()
    detailed = caller.post(PATH, needed(who, interaction_type=kind, order=ORDER)).json()
    assert (plain["order_placed"], plain["order"]) == (kind == "ORDER", None)
    assert (said["order_placed"], said["order"]) == (True, None)
    assert detailed["order_placed"] is True
    flags = Interaction.objects.order_by("id").values_list("order_placed", flat=True)
    assert list(flags) == [kind == "ORDER", True, True]
    assert Order.objects.get().interaction_id == detailed["id"]


@pytest.mark.parametrize("order", [None, ORDER])
@pytest.mark.parametrize("kind", TYPES)
def test_it_does_not_say_that_an_order_placed_none(
    cast: Cast, who: Contact, kind: str, order: dict[str, Any] | None
) -> None:
    body = needed(who, interaction_type=kind, order_placed=False, order=order)
    if kind == "ORDER" or order:
        assert refused(cast, body) == (400, ["order_placed"])
    else:
        assert api(cast.asha).post(PATH, body).status_code == 201


def test_it_keeps_what_was_ordered(cast: Cast, who: Contact) -> None:
    given = {**ORDER, "order_date": "2024-12-25T12:00:00Z"}
    answer = api(cast.asha).post(PATH, needed(who, interaction_type="ORDER", order=given))
    assert (answer.status_code, answer.json()["order"]) == (201, given)
    order = Order.objects.get()
    assert (order.product_details, order.quantity, order.total_price) == (
        "50 units of Product A",
        50,
        Decimal("500.00"),
    )


def test_it_dates_an_order_by_its_interaction(cast: Cast, who: Contact) -> None:
    answer = api(cast.asha).post(PATH, needed(who, date="2024-12-24T15:30:00Z", order=ORDER))
    assert answer.json()["order"]["order_date"] == "2024-12-24T15:30:00Z"
    assert Order.objects.get().order_date == Interaction.objects.get().date


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quantity", 0),
        ("quantity", -1),
        ("quantity", 1.5),
        ("quantity", "50"),
        ("quantity", 2**31),
        ("quantity", None),
        ("total_price", -0.01),
        ("total_price", 0.001),
        ("total_price", "500.00"),
        ("total_price", None),
        ("product_details", ""),
        ("product_details", None),
        ("order_date", "2024-12-25"),
        ("order_date", "2024-12-25T12:00:00"),
        ("quantitty", 1),
    ],
)
def test_it_names_what_is_wrong_with_an_order(cast: Cast, who: Contact, name: str, value: object) -> None:
    assert refused(cast, needed(who, order={**ORDER, name: value})) == (400, [f"order.{name}"])


@pytest.mark.parametrize("name", sorted(ORDER))
def test_it_needs_each_field_of_an_order(cast: Cast, who: Contact, name: str) -> None:
    without = {key: value for key, value in ORDER.items() if key != name}
    assert refused(cast, needed(who, order=without)) == (400, [f"order.{name}"])
