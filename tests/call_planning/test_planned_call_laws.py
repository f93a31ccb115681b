"""A model of a plan's calls against the jobs and the API: whatever happens, one is to be made."""

from datetime import UTC, datetime, timedelta

import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from call_planning.models import CallPlan, PlannedCall
from call_planning.tasks import mark_missed, morning_plans, plan_calls
from common.clock import local_date, local_day_bounds
from interaction_tracking.choices import UNANSWERED
from interaction_tracking.models import Interaction
from leads.choices import CLOSED
from notifications.models import Message
from tests.cast import NOON, Cast, api, call_plan, person, restaurant

CALL_ATTEMPTS = 3
ZONES = ("UTC", "Asia/Kolkata", "America/New_York", "Pacific/Auckland")


class Calls(RuleBasedStateMachine):
    """One plan and its calls; `recorded` are the moments of the calls that somebody recorded."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2025, 3, 5, 9, tzinfo=UTC)  # clocks change within the month that follows
        self.recorded: set[datetime] = set()

    @initialize(zone=st.sampled_from(ZONES), days=st.integers(1, 4))
    def begin(self, zone: str, days: int) -> None:
        self.kam = person(team=self.cast.south, timezone=zone)
        self.lead = restaurant(self.kam, at=NOON)
        self.plan = call_plan(self.lead, frequency="CUSTOM", interval_days=days, next_call_date=self.now)

    @rule(hours=st.integers(1, 60))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def plan_them(self) -> None:
        plan_calls(self.now)

    @rule()
    def miss_them(self) -> None:
        mark_missed(self.now)

    @rule()
    def tell(self) -> None:
        morning_plans(self.now)

    @rule()
    def do_the_day(self) -> None:
        """As it goes when everything runs: then what is due is planned, and nothing else is."""
        mark_missed(self.now)
        plan_calls(self.now)
        _, tonight = local_day_bounds(self.now, self.kam.zone)
        self.plan.refresh_from_db()
        self.lead.refresh_from_db()
        asked_at = max(self.plan.next_call_date, self.plan.snoozed_until or self.plan.next_call_date)
        if asked_at >= tonight or self.lead.lead_status in CLOSED:
            assert not PlannedCall.objects.open().exists()

    @rule(hours=st.integers(0, 80))
    def record(self, hours: int) -> None:
        moment = self.now - timedelta(hours=hours)
        self.send("POST", f"/call/{self.plan.pk}/record_call/", {"last_called": moment.isoformat()})
        self.recorded.add(moment)

    @rule(hours=st.integers(0, 80), outcome=st.sampled_from(["NO_ANSWER", "BUSY"]))
    def try_in_vain(self, hours: int, outcome: str) -> None:
        moment = self.now - timedelta(hours=hours)
        if moment not in self.recorded:
            body = {"last_called": moment.isoformat(), "outcome": outcome}
            self.send("POST", f"/call/{self.plan.pk}/record_call/", body)
            self.recorded.add(moment)

    @rule(hours=st.integers(1, 80))
    def promise(self, hours: int) -> None:
        if self.now not in self.recorded:
            promised = self.now + timedelta(hours=hours)
            body = {"outcome": "CALL_BACK", "call_back_at": promised.isoformat()}
            self.send("POST", f"/call/{self.plan.pk}/record_call/", body)
            self.recorded.add(self.now)

    @rule(days=st.integers(-3, 5))
    def move(self, days: int) -> None:
        date = self.now + timedelta(days=days)
        self.send("PATCH", f"/call/{self.plan.pk}/", {"next_call_date": date.isoformat()})

    @rule(days=st.integers(1, 9))
    def pace(self, days: int) -> None:
        self.send("PATCH", f"/call/{self.plan.pk}/set_frequency/", {"frequency": "CUSTOM", "interval_days": days})

    @rule(hours=st.integers(1, 80))
    def snooze(self, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        self.send("POST", f"/call/{self.plan.pk}/snooze/", {"until": until.isoformat()})
        for call in PlannedCall.objects.open():
            assert call.due_at == max(self.plan_now().next_call_date, until)

    @rule()
    def unsnooze(self) -> None:
        self.send("POST", f"/call/{self.plan.pk}/unsnooze/", None)
        assert self.plan_now().snoozed_until is None

    def plan_now(self) -> CallPlan:
        self.plan.refresh_from_db()
        return self.plan

    @rule(status=st.sampled_from(["LOST", "CONTACTED"]))
    def change_status(self, status: str) -> None:
        self.send("POST", f"/lead/restaurants/{self.lead.pk}/change_status/", {"status": status})

    @precondition(lambda _: PlannedCall.objects.open().exists())
    @rule(body=st.sampled_from([{"status": "CANCELLED"}, {"outcome": "They were out"}, None]))
    def call_off(self, body: dict[str, str] | None) -> None:
        path = f"/track/interactions/{PlannedCall.objects.open().get().pk}/"
        self.send("PATCH" if body else "DELETE", path, body)

    def send(self, method: str, path: str, body: object) -> None:
        with time_machine.travel(self.now, tick=False):
            answer = api(self.cast.root)(method, path, body)
        assert answer.status_code == 200, answer.content

    @invariant()
    def has_one_call_to_make(self) -> None:
        calls = Interaction.objects.filter(call_plan=self.plan)
        to_make = calls.filter(status="PLANNED", archived_at__isnull=True)
        assert to_make.count() <= 1
        due = list(calls.filter(due_at__isnull=False).values_list("due_at", flat=True))
        assert len(due) == len(set(due))
        assert not (to_make.exists() and self.status in CLOSED)

    @property
    def status(self) -> str:
        self.lead.refresh_from_db()
        return str(self.lead.lead_status)

    @invariant()
    def keeps_what_was_recorded_once(self) -> None:
        done = list(Interaction.objects.filter(call_plan=self.plan, status="DONE").values_list("date", flat=True))
        assert sorted(done) == sorted(self.recorded)

    @invariant()
    def counts_what_was_tried_since_the_last_call(self) -> None:
        """Fewer than are allowed, and no more than there were; a call that reached somebody is none of them."""
        self.plan.refresh_from_db()
        vain = Interaction.objects.filter(call_plan=self.plan, outcome__in=UNANSWERED, status="DONE")
        if self.plan.last_called is not None:
            vain = vain.filter(date__gt=self.plan.last_called)
        assert 0 <= self.plan.attempts <= min(vain.count(), CALL_ATTEMPTS - 1)
        reached = Interaction.objects.filter(call_plan=self.plan, status="DONE").exclude(outcome__in=UNANSWERED)
        assert self.plan.last_called == max(reached.values_list("date", flat=True), default=None)

    @invariant()
    def tells_once_a_day(self) -> None:
        for kind in ("morning_plan", "calls_missed"):
            told = Message.objects.filter(user=self.kam, kind=kind, channel="IN_APP")
            days = [local_date(message.created_at, self.kam.zone) for message in told]
            assert len(days) == len(set(days))

    def teardown(self) -> None:
        """The next example has these tables to itself."""
        for model in (Message, Interaction, CallPlan):
            model.objects.all().delete()


def test_it_has_one_call_to_make_whatever_happens(cast: Cast) -> None:
    class CallsHere(Calls):
        pass

    CallsHere.cast = cast
    run_state_machine_as_test(
        CallsHere,
        settings=settings(max_examples=20, stateful_step_count=20, suppress_health_check=list(HealthCheck)),
    )
