"""`ETag`, `If-None-Match` and `If-Match`: read again only what changed, change only what was read."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from leads.models import Restaurant
from tests.cast import NOON, Cast, api, call_plan, contact, restaurant
from tests.ledger import marks


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def row(cast: Cast) -> Restaurant:
    return restaurant(cast.asha)


@pytest.fixture
def path(row: Restaurant) -> str:
    return f"/lead/restaurants/{row.pk}/"


def tag_of(cast: Cast, path: str) -> str:
    return str(api(cast.asha).get(path)["ETag"])


def is_refused(answer: Any, status: int, code: str) -> bool:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return (answer.status_code, answer.json()["code"]) == (status, code)


# --- reading ----------------------------------------------------------------------------------


def test_it_tags_what_it_shows_and_what_a_change_answers(cast: Cast, path: str) -> None:
    shown = api(cast.asha).get(path)
    assert shown["ETag"].startswith('"1-')
    assert shown["Cache-Control"] == "private, no-cache"
    changed = api(cast.asha).patch(path, {"notes": "New."})
    assert changed["ETag"].startswith('"2-')
    assert changed["ETag"] == tag_of(cast, path)
    same = api(cast.asha).patch(path, {"notes": "New."})
    assert same["ETag"] == changed["ETag"]
    assert "ETag" not in api(cast.asha).get("/lead/restaurants/")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("known", ["{}", 'W/{}, "9-9"', '"9-9",{}', "*"])
def test_it_sends_nothing_that_the_reader_has(cast: Cast, path: str, method: str, known: str) -> None:
    tag = tag_of(cast, path)
    answer = api(cast.asha)(method, path, If_None_Match=known.format(tag))
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
    assert answer["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_shows_what_has_changed(cast: Cast, path: str, method: str) -> None:
    tag = tag_of(cast, path)
    api(cast.asha).patch(path, {"notes": "New."})
    answer = api(cast.asha)(method, path, If_None_Match=tag)
    assert (answer.status_code, answer["ETag"]) == (200, tag_of(cast, path))
    assert bool(answer.content) == (method == "GET")


def test_it_says_nothing_of_a_row_to_a_stranger(cast: Cast, path: str) -> None:
    tag = tag_of(cast, path)
    for known in (tag, "*"):
        assert api(cast.carl).get(path, If_None_Match=known).status_code == 404
        assert api(cast.carl).patch(path, {"notes": "x"}, If_Match=known).status_code == 404


# --- changing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["{}", "W/{}", '"9-9", {}', 'W/{},"9-9"', "*", " * "])
def test_it_changes_the_version_that_was_read(cast: Cast, path: str, known: str) -> None:
    answer = api(cast.asha).patch(path, {"notes": "New."}, If_Match=known.format(tag_of(cast, path)))
    assert (answer.status_code, answer.json()["notes"]) == (200, "New.")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_it_changes_nothing_that_somebody_changed_since(cast: Cast, path: str, method: str) -> None:
    body = api(cast.asha).get(path).json()
    tag = tag_of(cast, path)
    api(cast.asha).patch(path, {"notes": "New."})
    before = marks()
    target, sent = (f"{path}change_status/", {"status": "LOST"}) if method == "POST" else (path, body)
    for stale in (tag, f"W/{tag}", f'{tag}, "9-9"', '""', "x", "W/", "W", '"-"', '"2"x', 'w/"2-0"'):
        answer = api(cast.asha)(method, target, sent, If_Match=stale)
        assert is_refused(answer, 412, "stale"), stale
        assert marks() == before
    answer = api(cast.asha)(method, target, sent, If_Match=tag_of(cast, path))
    assert answer.status_code == (204 if method == "DELETE" else 200)


def test_it_compares_before_it_looks_at_rules(cast: Cast, path: str) -> None:
    answer = api(cast.asha).patch(path, {"name": ""}, If_Match='"9-9"')
    assert is_refused(answer, 412, "stale")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_it_can_demand_the_version(cast: Cast, path: str, method: str, settings: Any) -> None:
    settings.REQUIRE_IF_MATCH = True
    body, before = api(cast.asha).get(path).json(), marks()
    answer = api(cast.asha)(method, path, body)
    assert is_refused(answer, 428, "precondition_required")
    assert "If-Match" in answer.json()["detail"]
    assert marks() == before
    answer = api(cast.asha)(method, path, body, If_Match=tag_of(cast, path))
    assert answer.status_code == (204 if method == "DELETE" else 200)


@pytest.mark.usefixtures("path")
def test_it_never_demands_one_of_a_new_row_or_an_action(cast: Cast, row: Restaurant, settings: Any) -> None:
    settings.REQUIRE_IF_MATCH = True
    body = {"restaurant": row.pk, "name": "A", "role": "B", "email": "a@b.example"}
    assert api(cast.asha).post("/contact/contacts/", body).status_code == 201
    assert api(cast.asha).post(f"/lead/restaurants/{row.pk}/change_status/", {"status": "LOST"}).status_code == 200


def test_it_deletes_the_version_that_was_read_once(cast: Cast, row: Restaurant) -> None:
    path = f"/contact/contacts/{contact(row).pk}/"
    tag = tag_of(cast, path)
    assert api(cast.asha).delete(path, If_Match=tag).status_code == 204
    assert api(cast.asha).delete(path, If_Match=tag).status_code == 404


def test_it_lets_time_refuse_nobody(cast: Cast, row: Restaurant, clock: Any) -> None:
    plan = call_plan(row, next_call_date=NOON + timedelta(days=1))
    path = f"/call/{plan.pk}/"
    read = api(cast.asha).get(path)
    clock.shift(timedelta(days=3))
    later = api(cast.asha).get(path, If_None_Match=read["ETag"])
    assert (read.json()["is_overdue"], later.status_code, later.json()["is_overdue"]) == (False, 200, True)
    assert read["ETag"] != later["ETag"]
    answer = api(cast.asha).patch(path, {"notes": "Call back."}, If_Match=read["ETag"])
    assert (answer.status_code, answer.json()["notes"]) == (200, "Call back.")
    assert is_refused(api(cast.asha).patch(path, {"notes": "x"}, If_Match=later["ETag"]), 412, "stale")
