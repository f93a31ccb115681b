"""`DELETE /lead/restaurants/{id}/` and `POST …/restore/`: nothing recorded is lost."""

from datetime import timedelta

import pytest
import time_machine

from call_planning.models import CallPlan
from contact.models import Contact
from interaction_tracking.models import Interaction, Order
from kams.models import User
from leads.models import Restaurant, StatusChange
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")

LISTS = (
    "/lead/restaurants/",
    "/contact/contacts/",
    "/track/interactions/",
    "/track/interactions/orders/",
    "/call/",
    "/call/today/",
    "/performance/performing-accounts/",
    "/performance/order-patterns/",
)


@pytest.fixture
def full(cast: Cast) -> Restaurant:
    """A restaurant with all that a restaurant can hold."""
    row = restaurant(cast.asha, lead_status="NEGOTIATING", potential_revenue=20_000)
    row.change_status("CONVERTED", by=cast.asha, at=NOON)
    who = contact(row)
    order = {"product_details": "50 units", "quantity": 50, "total_price": 500}
    interaction(who, order=order)
    call_plan(row, at=NOON - timedelta(days=3))
    return row


def seen(caller: User) -> dict[str, int]:
    return {path: len(api(caller).get(path).json()) for path in LISTS}


def held() -> list[int]:
    return [model.objects.count() for model in (Restaurant, Contact, Interaction, Order, CallPlan, StatusChange)]


def test_it_disappears_from_every_list_with_all_it_holds_and_nothing_is_deleted(cast: Cast, full: Restaurant) -> None:
    assert set(seen(cast.asha).values()) == {1}
    assert set(seen(cast.root).values()) == {1}
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        answer = api(cast.asha).delete(f"/lead/restaurants/{full.pk}/")
        assert (answer.status_code, answer.content) == (204, b"")
        assert set(seen(cast.asha).values()) == {0}
        assert set(seen(cast.root).values()) == {0}
    assert held() == [1, 1, 1, 1, 1, 1]
    assert Restaurant.objects.get().archived_at == NOON + timedelta(hours=1)


def test_it_disappears_with_each_row_below(cast: Cast, full: Restaurant) -> None:
    paths = [
        f"/lead/restaurants/{full.pk}/",
        f"/lead/restaurants/{full.pk}/status_history/",
        f"/contact/contacts/{full.contacts.get().pk}/",
        f"/track/interactions/{full.interactions.get().pk}/",
        f"/track/interactions/{full.interactions.get().pk}/order_details/",
        f"/call/{full.call_plans.get().pk}/",
    ]
    assert [api(cast.root).get(path).status_code for path in paths] == [200] * 6
    api(cast.root).delete(paths[0])
    assert [api(cast.root).get(path).status_code for path in paths] == [404] * 6
    assert api(cast.root).delete(paths[0]).status_code == 404
    assert api(cast.root).patch(paths[0], {"name": "x"}).status_code == 404
    assert api(cast.root).post(f"{paths[0]}change_status/", {"status": "LOST"}).status_code == 404


def test_it_takes_nothing_new_while_it_is_away(cast: Cast, full: Restaurant) -> None:
    who = full.contacts.get()
    api(cast.root).delete(f"/lead/restaurants/{full.pk}/")
    before = held()
    call = {"lead": full.pk, "contact": who.pk, "interaction_type": "CALL", "details": "Rang."}
    for path, body, field in [
        ("/contact/contacts/", {"restaurant": full.pk, "name": "A", "role": "B", "email": "a@b.example"}, "restaurant"),
        ("/track/interactions/", call, "lead"),
        ("/call/", {"lead": full.pk, "frequency": "DAILY"}, "lead"),
    ]:
        answer = api(cast.root).post(path, body)
        assert answer.status_code == 400
        assert answer.json()["errors"][field] == [f"There is no row with the id {full.pk}."]
    assert held() == before


@pytest.mark.parametrize("who", ["maya", "root"])
def test_it_comes_back_as_it_was(cast: Cast, full: Restaurant, who: str) -> None:
    caller = api(getattr(cast, who))
    before = caller.get(f"/lead/restaurants/{full.pk}/").json()
    caller.delete(f"/lead/restaurants/{full.pk}/")
    answer = caller.post(f"/lead/restaurants/{full.pk}/restore/")
    assert answer.status_code == 200
    assert answer.json() == {**before, "version": before["version"] + 2}
    assert Restaurant.objects.get().archived_at is None
    assert set(seen(cast.asha).values()) == {1}
    assert held() == [1, 1, 1, 1, 1, 1]


def test_it_comes_back_without_what_was_put_away_before(cast: Cast, full: Restaurant) -> None:
    api(cast.asha).delete(f"/track/interactions/{full.interactions.get().pk}/")
    api(cast.root).delete(f"/lead/restaurants/{full.pk}/")
    api(cast.root).post(f"/lead/restaurants/{full.pk}/restore/")
    assert seen(cast.asha)["/contact/contacts/"] == 1
    assert seen(cast.asha)["/track/interactions/"] == 0


def test_it_is_brought_back_by_managers_and_admins_only(cast: Cast, full: Restaurant) -> None:
    cast.maya  # noqa: B018 - who manages the south from now on
    path = f"/lead/restaurants/{full.pk}/restore/"
    api(cast.asha).delete(f"/lead/restaurants/{full.pk}/")
    refused = {name: api(getattr(cast, name)).post(path).status_code for name in ("asha", "bela", "carl", "nora")}
    assert refused == {"asha": 404, "bela": 404, "carl": 404, "nora": 403}
    assert api().post(path).status_code == 401
    assert Restaurant.objects.get().archived_at == NOON
    assert api(cast.maya).post(path).status_code == 200


def test_it_is_no_managers_of_another_team(cast: Cast) -> None:
    row = restaurant(cast.carl)
    api(cast.carl).delete(f"/lead/restaurants/{row.pk}/")
    assert api(cast.maya).post(f"/lead/restaurants/{row.pk}/restore/").status_code == 404


def test_it_finds_nothing_to_bring_back_where_nothing_is_away(cast: Cast, full: Restaurant) -> None:
    assert api(cast.root).post(f"/lead/restaurants/{full.pk}/restore/").status_code == 404
    assert api(cast.root).post("/lead/restaurants/999999/restore/").status_code == 404


def test_it_is_put_away_by_who_may_change_it(cast: Cast, full: Restaurant) -> None:
    path = f"/lead/restaurants/{full.pk}/"
    assert [api(caller).delete(path).status_code for caller in (cast.bela, cast.carl, cast.nora)] == [404, 404, 403]
    assert api().delete(path).status_code == 401
    assert Restaurant.objects.get().archived_at is None
    assert api(cast.maya).delete(path).status_code == 204
