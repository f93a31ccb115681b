"""A story: Asha finds a restaurant, wins it, and it orders."""

from datetime import timedelta
from typing import Any

import time_machine

from interaction_tracking.models import Interaction
from leads.models import Restaurant
from tests.cast import NOON, RESTAURANT, Cast, api


def test_it_wins_a_lead(cast: Cast) -> None:
    day = 0

    def asha(method: str, path: str, body: Any = None) -> Any:
        """What Asha does on that day, and what she is told."""
        with time_machine.travel(NOON + timedelta(days=day), tick=False):
            answer = api(cast.asha)(method, path, body)
        assert answer.status_code < 300, answer.content
        return answer.json() if answer.content else None

    # Day 0: she enters the restaurant with its owner and chef, and plans to call every week.
    lead = asha("POST", "/lead/restaurants/", RESTAURANT)
    assert (lead["lead_status"], lead["assigned_to"]) == ("NEW", cast.asha.pk)
    person = {"restaurant": lead["id"], "name": "John Doe", "role": "Owner", "email": "john.doe@example.com"}
    owner = asha("POST", "/contact/contacts/", {**person, "phone": "123-456-7890", "is_primary": True})
    chef = asha("POST", "/contact/contacts/", {**person, "name": "Jo", "role": "Chef", "reports_to": owner["id"]})
    plan = asha("POST", "/call/", {"lead": lead["id"], "frequency": "WEEKLY", "notes": "Mondays are bad."})
    assert plan["next_call_date"] == "2025-01-04T00:00:00Z"
    assert asha("GET", "/call/today/") == []

    # Day 7: the plan asks for the call; she calls, and they will meet.
    day = 7
    assert [row["id"] for row in asha("GET", "/call/today/")] == [plan["id"]]
    assert asha("POST", f"/call/{plan['id']}/record_call/")["next_call_date"] == "2025-01-11T12:00:00Z"
    assert asha("GET", "/call/today/") == []
    step = {"status": "MEETING_SCHEDULED", "reason": "Wants to taste"}
    asha("POST", f"/lead/restaurants/{lead['id']}/change_status/", step)

    # Day 9: a meeting with both, and with it the first order, whose details come the day after.
    day = 9
    talk = {"lead": lead["id"], "contact": owner["id"], "interaction_type": "MEETING", "details": "Tasted, and bought."}
    meeting = asha("POST", "/track/interactions/", {**talk, "participants": [chef["id"]], "order_placed": True})
    day = 10
    order = {"product_details": "50 units of Product A", "quantity": 50, "total_price": 500.00}
    details = asha("PUT", f"/track/interactions/{meeting['id']}/order_details/", order)
    assert details == {**order, "order_date": "2025-01-06T12:00:00Z"}
    won = {"lead_status": "CONVERTED", "potential_revenue": 12_000}
    assert asha("PATCH", f"/lead/restaurants/{lead['id']}/", won)["lead_status"] == "CONVERTED"
    assert asha("PATCH", f"/call/{plan['id']}/set_frequency/", {"frequency": "MONTHLY"})["next_call_date"] == (
        "2025-02-04T12:00:00Z"
    )

    # And it is told so everywhere.
    assert [row["id"] for row in asha("GET", "/performance/performing-accounts/")] == [lead["id"]]
    assert asha("GET", "/performance/underperforming-accounts/") == []
    assert asha("GET", "/performance/order-patterns/") == [
        {
            "restaurant_id": lead["id"],
            "name": "The Great Restaurant",
            "orders_last_month": 0,
            "orders_this_month": 1,
        }
    ]
    history = asha("GET", f"/lead/restaurants/{lead['id']}/status_history/")
    assert [(row["old_status"], row["new_status"], row["reason"]) for row in history] == [
        ("MEETING_SCHEDULED", "CONVERTED", ""),
        ("NEW", "MEETING_SCHEDULED", "Wants to taste"),
    ]
    timeline = asha("GET", f"/track/interactions/?lead={lead['id']}")
    assert [row["interaction_type"] for row in timeline] == ["MEETING", "CALL"]
    assert [row["id"] for row in asha("GET", "/track/interactions/orders/")] == [meeting["id"]]
    assert Restaurant.objects.get().lead_status == "CONVERTED"
    assert Interaction.objects.count() == 2
