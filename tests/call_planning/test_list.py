"""`GET /call/`: the list of plans, and `DELETE /call/{id}/`."""

from datetime import timedelta

import pytest

from call_planning.models import CallPlan
from common.errors import AlreadyExists
from interaction_tracking.models import Interaction
from kams.models import User
from tests.cast import NOON, Cast, api, call_plan, restaurant
from tests.paging import pages

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def plans(cast: Cast) -> dict[str, CallPlan]:
    """Named by their notes; a to d are Asha's, due one day after another."""
    given = {"a": "DAILY", "b": "WEEKLY", "c": "DAILY", "d": "CUSTOM"}
    made = {}
    for day, (name, frequency) in enumerate(given.items()):
        due = NOON + timedelta(days=day - 2)
        days = 3 if frequency == "CUSTOM" else None
        made[name] = call_plan(
            restaurant(cast.asha), notes=name, frequency=frequency, interval_days=days, next_call_date=due
        )
    made["bela"] = call_plan(restaurant(cast.bela), notes="bela", next_call_date=NOON)
    made["pool"] = call_plan(restaurant(), notes="pool", next_call_date=NOON)
    CallPlan.objects.filter(notes="c").update(last_called=NOON)
    CallPlan.objects.filter(notes="b").update(last_called=NOON - timedelta(days=1))
    return made


def found(caller: User, query: str = "") -> str:
    answer = api(caller).get(f"/call/?{query}")
    assert answer.status_code == 200, answer.content
    return " ".join(row["notes"] for row in answer.json())


@pytest.mark.usefixtures("plans")
def test_it_shows_each_the_plans_of_their_restaurants(cast: Cast) -> None:
    assert found(cast.asha) == "a b c d"
    assert found(cast.bela) == "bela"
    assert found(cast.carl) == ""
    assert found(cast.maya) == found(cast.root) == found(cast.nora) == "a b c d bela pool"
    assert api().get("/call/").status_code == 401


def test_it_shows_the_pools_on_request_and_no_strangers(cast: Cast, plans: dict[str, CallPlan]) -> None:
    assert found(cast.asha, f"lead={plans['pool'].lead_id}") == "pool"
    assert found(cast.asha, f"lead={plans['bela'].lead_id}") == ""


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("frequency=DAILY", "a c"),
        ("frequency=WEEKLY,CUSTOM", "b d"),
        ("is_overdue=true", "a b"),
        ("is_overdue=false", "c d"),
        ("due_after=2024-12-27T12:00:00Z", "b c d"),
        ("due_before=2024-12-28T12:00:00Z", "a b"),
        ("due_after=2024-12-27T17:30:00%2B05:30&due_before=2024-12-28T12:00:00Z", "b"),
        ("frequency=DAILY&is_overdue=true", "a"),
        ("ordering=-id", "d c b a"),
        ("ordering=next_call_date", "a b c d"),
        ("ordering=-next_call_date", "d c b a"),
        ("ordering=last_called", "b c a d"),
        ("ordering=-last_called", "c b d a"),
    ],
)
@pytest.mark.usefixtures("plans")
def test_it_filters_and_orders(cast: Cast, query: str, names: str) -> None:
    assert found(cast.asha, query) == names
    walked = pages(api(cast.asha), f"/call/?{query}&page_size=1")
    assert [row["notes"] for page in walked for row in page] == names.split()


def test_it_filters_by_restaurant(cast: Cast, plans: dict[str, CallPlan]) -> None:
    assert found(cast.asha, f"lead={plans['a'].lead_id}") == "a"
    assert found(cast.asha, f"lead={plans['a'].lead_id}&frequency=WEEKLY") == ""


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("lead=none", "lead"),
        ("frequency=HOURLY", "frequency"),
        ("due_after=today", "due_after"),
        ("is_overdue=maybe", "is_overdue"),
        ("ordering=notes", "ordering"),
        ("due=2024-12-27T12:00:00Z", "due"),
    ],
)
def test_it_names_the_filter_that_makes_no_sense(cast: Cast, query: str, name: str) -> None:
    answer = api(cast.asha).get(f"/call/?{query}")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [name])


# --- deleting ---------------------------------------------------------------------------------


def test_it_answers_a_deletion_as_published_and_keeps_what_was_recorded(cast: Cast) -> None:
    plan = call_plan(restaurant(cast.asha))
    path = f"/call/{plan.pk}/"
    api(cast.asha).post(f"{path}record_call/")
    answer = api(cast.asha).delete(path)
    assert (answer.status_code, answer.json()) == (200, {"detail": "Successfully deleted the call plan."})
    assert found(cast.root) == ""
    assert CallPlan.objects.get().archived_at == NOON
    assert len(api(cast.asha).get("/track/interactions/").json()) == Interaction.objects.count() == 1
    gone = [
        api(cast.root).get(path),
        api(cast.root).delete(path),
        api(cast.root).patch(path, {"notes": "x"}),
        api(cast.root).post(f"{path}record_call/"),
        api(cast.root).patch(f"{path}set_frequency/", {"frequency": "DAILY"}),
    ]
    assert [answer.status_code for answer in gone] == [404] * 5


def test_it_is_deleted_by_who_may_change_it(cast: Cast) -> None:
    path = f"/call/{call_plan(restaurant(cast.asha)).pk}/"
    assert [api(caller).delete(path).status_code for caller in (cast.bela, cast.carl, cast.nora)] == [404, 404, 403]
    assert api().delete(path).status_code == 401
    assert CallPlan.objects.get().archived_at is None
    assert api(cast.maya).delete(path).status_code == 200


def test_it_is_taken_up_again_unless_there_is_another(cast: Cast) -> None:
    lead = restaurant(cast.asha)
    first = call_plan(lead)
    api(cast.asha).delete(f"/call/{first.pk}/")
    first.refresh_from_db()
    second = call_plan(lead, notes="second")
    with pytest.raises(AlreadyExists, match=f"call plan {second.pk}"):
        first.restore(by=cast.root, at=NOON)
    api(cast.asha).delete(f"/call/{second.pk}/")
    assert first.restore(by=cast.root, at=NOON) is True
    assert first.restore(by=cast.root, at=NOON) is False
    assert [row["id"] for row in api(cast.asha).get("/call/").json()] == [first.pk]
