"""A story: an account orders less and less, is lost, is won back; a branch is put away by mistake."""

from datetime import UTC, datetime

import time_machine

from tests.cast import Cast, api, call_plan, contact, interaction, restaurant
from tests.paging import ids

DECEMBER, JANUARY = datetime(2024, 12, 20, 9, tzinfo=UTC), datetime(2025, 1, 20, 9, tzinfo=UTC)


def test_it_slips_away_and_comes_back(cast: Cast) -> None:
    cast.maya  # noqa: B018 - who manages the south from now on
    head = restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=15_000, at=DECEMBER)
    branch = restaurant(cast.asha, lead_status="CONVERTED", potential_revenue=11_000, parent=head, at=DECEMBER)
    owner = contact(head, at=DECEMBER)
    plans = [call_plan(row, frequency="WEEKLY", at=DECEMBER) for row in (head, branch)]
    with time_machine.travel(DECEMBER, tick=False):
        for _ in range(3):
            interaction(owner, interaction_type="ORDER", at=DECEMBER)
        talk = {"lead": branch.pk, "contact": owner.pk, "interaction_type": "VISIT", "details": "Saw the kitchen."}
        assert api(cast.asha).post("/track/interactions/", talk).status_code == 201

    with time_machine.travel(JANUARY, tick=False):
        asha, maya = api(cast.asha), api(cast.maya)
        # The manager looks who slips: many orders last month, none in this.
        patterns = maya.get("/performance/order-patterns/?ordering=-orders_last_month").json()
        assert patterns[0] == {
            "restaurant_id": head.pk,
            "name": head.name,
            "orders_last_month": 3,
            "orders_this_month": 0,
        }
        # Both calls are long overdue. One is made: the owner wants no more; the account is lost, and rests.
        assert ids(asha.get("/call/today/").json()) == [plan.pk for plan in plans]
        asha.post(f"/call/{plans[0].pk}/record_call/")
        lost = {"status": "LOST", "reason": "Cheaper elsewhere"}
        assert asha.post(f"/lead/restaurants/{head.pk}/change_status/", lost).status_code == 200
        assert ids(asha.get("/call/?due_before=2025-02-01T00:00:00Z").json()) == [plan.pk for plan in plans]
        asha.patch(f"/lead/restaurants/{head.pk}/", {"potential_revenue": 9_000})
        assert ids(maya.get("/performance/performing-accounts/").json()) == [branch.pk]
        assert ids(maya.get("/performance/underperforming-accounts/").json()) == [head.pk]

        # The branch is put away by mistake, and brought back with all it held.
        asha.delete(f"/lead/restaurants/{branch.pk}/")
        assert asha.get("/call/today/").json() == []
        assert asha.get(f"/track/interactions/?lead={branch.pk}").json() == []
        assert asha.post(f"/lead/restaurants/{branch.pk}/restore/").status_code == 404
        assert maya.post(f"/lead/restaurants/{branch.pk}/restore/").status_code == 200
        assert ids(asha.get("/call/today/").json()) == [plans[1].pk]
        assert len(asha.get(f"/track/interactions/?lead={branch.pk}").json()) == 1

    with time_machine.travel(datetime(2025, 1, 27, 9, tzinfo=UTC), tick=False):
        # A week later they call back. It cannot be an account again at once, but it can be talked to.
        asha = api(cast.asha)
        path = f"/lead/restaurants/{head.pk}/change_status/"
        refused = asha.post(path, {"status": "CONVERTED"})
        assert (refused.status_code, "NEGOTIATING" in refused.json()["detail"]) == (409, True)
        assert ids(asha.get("/call/today/").json()) == [plans[1].pk]
        assert asha.post(path, {"status": "NEGOTIATING"}).status_code == 200
        assert ids(asha.get("/call/today/").json()) == [plans[1].pk, plans[0].pk]
        history = asha.get(f"/lead/restaurants/{head.pk}/status_history/").json()
        assert [row["new_status"] for row in history] == ["NEGOTIATING", "LOST"]
        assert history[0]["lasted_seconds"] == 7 * 24 * 60 * 60
