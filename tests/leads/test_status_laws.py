"""A model of a restaurant's life against the API: whatever is asked in whatever order, the history tells it."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from leads.models import Restaurant, StatusChange
from tests.cast import NOON, Cast, api, restaurant
from tests.leads.test_change_status import ALLOWED, STATUSES


class Life(RuleBasedStateMachine):
    """One restaurant, and what its history must be: (old, new, who, reason, when) of each step."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.steps: list[tuple[str, str, str, str, datetime]] = []

    @initialize(status=st.sampled_from(STATUSES))
    def begin(self, status: str) -> None:
        self.status = status
        self.row = restaurant(self.cast.asha, lead_status=status, at=NOON)
        self.path = f"/lead/restaurants/{self.row.pk}/"

    @rule(seconds=st.integers(0, 10**7))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(status=st.sampled_from(STATUSES), who=st.sampled_from(["asha", "maya", "root"]), reason=st.sampled_from("ab"))
    def ask(self, status: str, who: str, reason: str) -> None:
        self.expect(status, who, reason, self.send(who, "POST", "change_status/", {"status": status, "reason": reason}))

    @rule(status=st.sampled_from(STATUSES), notes=st.sampled_from("xyz"))
    def patch(self, status: str, notes: str) -> None:
        self.expect(status, "asha", "", self.send("asha", "PATCH", "", {"lead_status": status, "notes": notes}))

    def send(self, who: str, method: str, action: str, body: dict[str, str]) -> Any:
        with time_machine.travel(self.now, tick=False):
            return api(getattr(self.cast, who))(method, f"{self.path}{action}", body)

    def expect(self, status: str, who: str, reason: str, answer: Any) -> None:
        if status != self.status and status not in ALLOWED[self.status]:
            assert answer.status_code == 409
            return
        assert (answer.status_code, answer.json()["lead_status"]) == (200, status)
        if status != self.status:
            self.steps.append((self.status, status, who, reason, self.now))
            self.status = status

    @invariant()
    def tells_the_life(self) -> None:
        changes = list(StatusChange.objects.filter(restaurant=self.row).select_related("changed_by").order_by("id"))
        told = [(one.old_status, one.new_status, str(one.changed_by), one.reason, one.changed_at) for one in changes]
        assert told == self.steps
        assert Restaurant.objects.get(pk=self.row.pk).lead_status == self.status
        # A chain: each step begins where the one before ended, and lasted for as long as lies between.
        assert all(one.new_status == following.old_status for one, following in pairwise(changes))
        moments = [NOON, *(one.changed_at for one in changes)]
        assert [one.lasted for one in changes] == [end - start for start, end in pairwise(moments)]


def test_it_tells_the_life_of_a_restaurant(cast: Cast) -> None:
    cast.maya  # noqa: B018 - who manages the south from now on

    class LifeHere(Life):
        pass

    LifeHere.cast = cast
    run_state_machine_as_test(
        LifeHere,
        settings=settings(max_examples=15, stateful_step_count=12, suppress_health_check=list(HealthCheck)),
    )
