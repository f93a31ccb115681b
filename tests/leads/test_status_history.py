"""`GET /lead/restaurants/{id}/status_history/`."""

from datetime import timedelta

import pytest
import time_machine

from leads.models import Restaurant, StatusChange
from tests.cast import NOON, Cast, api, restaurant

pytestmark = pytest.mark.usefixtures("noon")


def live(row: Restaurant, cast: Cast) -> None:
    """A life of three steps: a day, two days, three days."""
    for day, (status, who) in enumerate([("CONTACTED", cast.asha), ("LOST", cast.maya), ("NEW", cast.root)], start=1):
        with time_machine.travel(NOON + timedelta(days=day * (day + 1) / 2), tick=False):
            path = f"/lead/restaurants/{row.pk}/change_status/"
            assert api(who).post(path, {"status": status, "reason": f"step {day}"}).status_code == 200


def test_it_shows_each_step_newest_first(cast: Cast) -> None:
    row = restaurant(cast.asha)
    live(row, cast)
    live(restaurant(cast.asha), cast)  # whose history is another
    answer = api(cast.asha).get(f"/lead/restaurants/{row.pk}/status_history/")
    assert answer.status_code == 200
    ids = list(StatusChange.objects.filter(restaurant=row).order_by("-id").values_list("pk", flat=True))
    day = 24 * 60 * 60
    assert answer.json() == [
        {
            "id": ids[0],
            "old_status": "LOST",
            "new_status": "NEW",
            "changed_by": "root",
            "changed_at": "2025-01-03T12:00:00Z",
            "reason": "step 3",
            "lasted_seconds": 3 * day,
        },
        {
            "id": ids[1],
            "old_status": "CONTACTED",
            "new_status": "LOST",
            "changed_by": "maya",
            "changed_at": "2024-12-31T12:00:00Z",
            "reason": "step 2",
            "lasted_seconds": 2 * day,
        },
        {
            "id": ids[2],
            "old_status": "NEW",
            "new_status": "CONTACTED",
            "changed_by": "asha",
            "changed_at": "2024-12-29T12:00:00Z",
            "reason": "step 1",
            "lasted_seconds": day,
        },
    ]


def test_it_puts_steps_of_one_moment_in_the_order_they_were_made(cast: Cast) -> None:
    row = restaurant(cast.asha)
    for status in ("CONTACTED", "LOST", "NEW"):
        api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": status})
    steps = api(cast.asha).get(f"/lead/restaurants/{row.pk}/status_history/").json()
    assert [step["new_status"] for step in steps] == ["NEW", "LOST", "CONTACTED"]


def test_it_goes_by_pages(cast: Cast) -> None:
    row = restaurant(cast.asha)
    live(row, cast)
    path = f"/lead/restaurants/{row.pk}/status_history/"
    first = api(cast.asha).get(f"{path}?page_size=2&count=exact")
    assert first["X-Total-Count"] == "3"
    assert [step["new_status"] for step in first.json()] == ["NEW", "LOST"]
    following = first["Link"].split(">")[0].removeprefix("<http://testserver")
    assert [step["new_status"] for step in api(cast.asha).get(following).json()] == ["CONTACTED"]
    oldest_first = api(cast.asha).get(f"{path}?ordering=changed_at").json()
    assert [step["new_status"] for step in oldest_first] == ["CONTACTED", "LOST", "NEW"]


def test_it_is_empty_for_a_restaurant_that_never_changed(cast: Cast) -> None:
    row = restaurant(cast.asha)
    answer = api(cast.asha).get(f"/lead/restaurants/{row.pk}/status_history/")
    assert (answer.status_code, answer.json()) == (200, [])


def test_it_is_shown_to_who_sees_the_restaurant_and_to_nobody_else(cast: Cast) -> None:
    row = restaurant(cast.asha)
    path = f"/lead/restaurants/{row.pk}/status_history/"
    seen = {name: api(user).get(path).status_code for name, user in cast.everybody().items()}
    assert seen == {"root": 200, "asha": 200, "bela": 404, "carl": 404, "maya": 200, "nora": 200}
    assert api().get(path).status_code == 401
    assert api(cast.asha).get("/lead/restaurants/999999/status_history/").status_code == 404
    api(cast.asha).delete(f"/lead/restaurants/{row.pk}/")
    assert api(cast.asha).get(path).status_code == 404
