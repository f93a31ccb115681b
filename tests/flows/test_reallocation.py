"""A story: Asha leaves, and Maya gives her restaurants to Bela; nothing that was recorded is lost."""

import pytest

from leads.models import Allocation
from tests.cast import NOON, Cast, api, call_plan, contact, interaction, restaurant
from tests.paging import ids

pytestmark = pytest.mark.usefixtures("noon")

LISTS = ("/lead/restaurants/", "/contact/contacts/", "/track/interactions/", "/call/today/")


def test_it_hands_a_portfolio_over(cast: Cast) -> None:
    rows = [restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=20_000) for _ in range(3)]
    for row in rows:
        interaction(contact(row), order_placed=True)
        call_plan(row, next_call_date=NOON)
    asha, bela, maya = api(cast.asha), api(cast.bela), api(cast.maya)
    before = {path: asha.get(path).json() for path in LISTS}
    assert [len(found) for found in before.values()] == [3, 3, 3, 3]
    assert [bela.get(path).json() for path in LISTS] == [[], [], [], []]

    # Asha may not give them to Bela herself; she can give one back, and Bela takes it.
    path = f"/lead/restaurants/{rows[0].pk}/"
    assert asha.patch(path, {"assigned_to": cast.bela.pk}).status_code == 403
    assert asha.patch(path, {"assigned_to": None}).status_code == 200
    assert ids(bela.get("/lead/restaurants/?assigned_to=none").json()) == [rows[0].pk]
    assert bela.patch(path, {"assigned_to": cast.bela.pk}).status_code == 200

    # Maya finds the others, and gives each to Bela; to Carl of another team she cannot.
    others = maya.get(f"/lead/restaurants/?assigned_to={cast.asha.pk}").json()
    assert ids(others) == [rows[1].pk, rows[2].pk]
    for row in others:
        path = f"/lead/restaurants/{row['id']}/"
        assert maya.patch(path, {"assigned_to": cast.carl.pk}).status_code == 400
        assert maya.patch(path, {"assigned_to": cast.bela.pk}).status_code == 200

    # Bela sees all that Asha saw, and Asha nothing.
    for path, found in before.items():
        assert ids(bela.get(path).json()) == ids(found)
        assert asha.get(path).json() == []
    assert all(row["kam"] == cast.asha.pk for row in bela.get("/track/interactions/").json())
    assert len(bela.get("/performance/performing-accounts/").json()) == 3
    spells = Allocation.objects.order_by("restaurant_id", "id").values_list("restaurant_id", "kam__username")
    assert list(spells) == [(row.pk, name) for row in rows for name in ("asha", "bela")]
    assert Allocation.objects.filter(ended_at__isnull=True, kam=cast.bela).count() == 3
