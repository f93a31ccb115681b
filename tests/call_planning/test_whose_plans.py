"""A plan knows whose its restaurant is, and whether it rests, by whichever verb that changes."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.db.transaction import atomic

from call_planning.models import CallPlan
from leads.choices import CLOSED, LeadStatus
from leads.models import Restaurant
from tests.cast import NOON, Cast, api, call_plan, collaboration, person, restaurant

pytestmark = pytest.mark.usefixtures("noon")

STEPS = 40


def astray() -> list[CallPlan]:
    """The plans that say something else than a join to their restaurants."""
    return [
        plan
        for plan in CallPlan.objects.select_related("lead")
        if plan.owner_id != plan.lead.assigned_to_id
        or plan.rests != bool(plan.archived_at or plan.lead.archived_at or plan.lead.lead_status in CLOSED)
    ]


class World:
    """Random verbs on a few restaurants with plans, each by the API or as the page of staff does it."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.chance, self.done = cast, Random(seed), set[str]()  # noqa: S311 - no secret
        self.kams = [cast.asha, person(team=cast.south), person(team=cast.north)]
        self.rows = [restaurant(owner) for owner in (*self.kams, None, cast.asha, None)]
        for row in self.rows[:5]:
            call_plan(row)

    def step(self) -> None:
        verb = self.chance.choice([name for name in dir(self) if name.startswith("do_")])
        if getattr(self, verb)(self.chance.choice(self.rows)) in {200, 201, 204}:
            self.done.add(verb)

    def send(self, method: str, path: str, body: Any = None) -> int:
        return int(api(self.cast.root)(method, path, body).status_code)

    def somebody(self) -> int | None:
        return self.chance.choice([*(kam.pk for kam in self.kams), None])

    def do_allocate(self, row: Restaurant) -> int:
        return self.send("POST", f"/lead/restaurants/{row.pk}/allocate/", {"to": self.somebody()})

    def do_allocate_many(self, row: Restaurant) -> int:
        body = {"to": self.somebody(), "filter": {"city": row.city}}
        return self.send("POST", "/lead/restaurants/allocate/", body)

    def do_claim(self, row: Restaurant) -> int:
        return int(api(self.cast.asha).post(f"/lead/restaurants/{row.pk}/claim/").status_code)

    def do_change(self, row: Restaurant) -> int:
        body = {"assigned_to": self.somebody(), "lead_status": self.chance.choice(LeadStatus.values)}
        return self.send("PATCH", f"/lead/restaurants/{row.pk}/", body)

    def do_change_status(self, row: Restaurant) -> int:
        body = {"status": self.chance.choice(LeadStatus.values)}
        return self.send("POST", f"/lead/restaurants/{row.pk}/change_status/", body)

    def do_archive(self, row: Restaurant) -> int:
        return self.send("DELETE", f"/lead/restaurants/{row.pk}/")

    def do_restore(self, row: Restaurant) -> int:
        return self.send("POST", f"/lead/restaurants/{row.pk}/restore/")

    def do_leave(self, _: Restaurant) -> int:
        """Somebody new takes what one of them has, and that one is deactivated."""
        leaver = self.kams.pop(self.chance.randrange(1, 3))  # Asha stays, who claims
        self.kams.append(person(team=self.cast.south))
        body: dict[str, Any] = self.chance.choice([{"successor": self.kams[0].pk}, {"to_pool": True}])
        return self.send("POST", f"/kam/people/{leaver.pk}/deactivate/", body)

    def do_plan(self, row: Restaurant) -> int:
        return self.send("POST", "/call/", {"lead": row.pk, "frequency": "DAILY"})

    def do_end_plan(self, row: Restaurant) -> int:
        plan = row.call_plans.order_by("?").first()
        return self.send("DELETE", f"/call/{plan.pk}/") if plan else 0

    def do_take_up_plan(self, _: Restaurant) -> int:
        running = CallPlan.objects.filter(archived_at__isnull=True).values("lead")
        with atomic():
            plan = CallPlan.objects.locked().exclude(lead__in=running).first()
            if plan is None:
                return 0
            plan.restore(by=self.cast.root, at=NOON)
        return 200


def test_it_says_what_a_join_says_whatever_happens(cast: Cast) -> None:
    done: set[str] = set()
    for seed in range(3):
        world = World(cast, seed)
        for number in range(STEPS):
            with time_machine.travel(NOON + timedelta(minutes=number), tick=False):
                world.step()
            assert not astray(), (seed, number)
        done |= world.done
    assert done == {name for name in dir(World) if name.startswith("do_")}


def test_it_follows_its_restaurant_with_its_version_as_it_was(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha))
    api(cast.root).post(f"/lead/restaurants/{plan.lead_id}/allocate/", {"to": cast.bela.pk})
    plan.refresh_from_db()
    assert (plan.owner, plan.rests, plan.version, plan.updated_at) == (cast.bela, False, 1, NOON)


def test_it_is_found_where_it_is_shared_and_due_with_what_is_theirs(cast: Cast) -> None:
    shared = call_plan(restaurant(cast.bela), next_call_date=NOON)
    own = call_plan(restaurant(cast.asha), next_call_date=NOON - timedelta(hours=1))
    call_plan(restaurant(cast.bela), next_call_date=NOON)
    collaboration(shared.lead, cast.asha, by=cast.root)
    assert [row["id"] for row in api(cast.asha).get("/call/today/").json()] == [own.pk, shared.pk]
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        api(cast.root).post(f"/lead/restaurants/{own.lead_id}/change_status/", {"status": "LOST"})
        assert [row["id"] for row in api(cast.asha).get("/call/today/").json()] == [shared.pk]
