"""`Idempotency-Key`: a POST that is sent again has its effect once, and the same answer."""

from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import time_machine

from common.api.idempotency import LEASE
from common.models import IdempotencyRecord
from leads.models import Restaurant
from tests.cast import NOON, RESTAURANT, Cast, api, restaurant
from tests.ledger import marks
from tests.races import at_once, shared_database

PATH = "/lead/restaurants/"
KEY = {"Idempotency_Key": "5f1f0a4e"}


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as coordinates:
        yield coordinates


def is_refused(answer: Any, status: int, code: str) -> bool:
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return (answer.status_code, answer.json()["code"]) == (status, code)


# --- once -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_it_answers_a_retry_as_the_first_time_and_does_nothing(cast: Cast) -> None:
    first = api(cast.asha).post(PATH, RESTAURANT, **KEY)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first
    api(cast.asha).patch(f"{PATH}{first.json()['id']}/", {"notes": "Changed since."})
    before = marks()
    again = api(cast.asha).post(PATH, RESTAURANT, **KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert again["Idempotency-Replayed"] == "true"
    assert [again[name] for name in ("Location", "ETag", "Content-Type")] == [
        first[name] for name in ("Location", "ETag", "Content-Type")
    ]
    assert marks() == before


@pytest.mark.usefixtures("clock")
def test_it_takes_the_same_body_written_differently(cast: Cast) -> None:
    api(cast.asha).post(PATH, RESTAURANT, **KEY)
    again = api(cast.asha).post(PATH, dict(reversed(RESTAURANT.items())), **KEY)
    assert again["Idempotency-Replayed"] == "true"
    assert Restaurant.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_it_refuses_the_key_for_another_body(cast: Cast) -> None:
    api(cast.asha).post(PATH, RESTAURANT, **KEY)
    before = marks()
    answer = api(cast.asha).post(PATH, {**RESTAURANT, "name": "Another"}, **KEY)
    assert is_refused(answer, 422, "idempotency_mismatch")
    assert marks() == before


@pytest.mark.usefixtures("clock")
def test_it_keeps_the_keys_of_people_and_paths_apart(cast: Cast) -> None:
    place = restaurant(cast.asha)
    answers = [
        api(cast.asha).post(PATH, RESTAURANT, **KEY),
        api(cast.bela).post(PATH, RESTAURANT, **KEY),
        api(cast.asha).post("/call/", {"lead": place.pk, "frequency": "DAILY"}, **KEY),
        api(cast.asha).post(f"{PATH}{place.pk}/change_status/", {"status": "LOST"}, **KEY),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 200]
    assert not any("Idempotency-Replayed" in answer for answer in answers)


@pytest.mark.usefixtures("clock")
def test_it_leaves_the_key_free_after_a_refusal(cast: Cast) -> None:
    place = restaurant(cast.asha, lead_status="CONVERTED")
    path = f"{PATH}{place.pk}/change_status/"
    for body, status in (({"status": "OPEN"}, 400), ({"status": "NEW"}, 409), ({"status": "LOST"}, 200)):
        answer = api(cast.asha).post(path, body, **KEY)
        assert answer.status_code == status, answer.content
        assert "Idempotency-Replayed" not in answer
    assert IdempotencyRecord.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_it_leaves_the_key_free_after_a_crash(cast: Cast) -> None:
    with patch.object(Restaurant, "change_status", side_effect=RuntimeError):
        place = restaurant(cast.asha)
        assert api(cast.asha).post(f"{PATH}{place.pk}/change_status/", {"status": "LOST"}, **KEY).status_code == 500
    assert not IdempotencyRecord.objects.exists()
    answer = api(cast.asha).post(f"{PATH}{place.pk}/change_status/", {"status": "LOST"}, **KEY)
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (200, False)


def test_it_keeps_answers_for_a_day(cast: Cast, clock: Any) -> None:
    caller = api(cast.asha)
    caller.post(PATH, RESTAURANT, **KEY)
    clock.shift(timedelta(hours=24))
    answer = api(cast.asha).post(PATH, {**RESTAURANT, "name": "Another"}, **KEY)
    assert (answer.status_code, answer.json()["name"]) == (201, "Another")
    again = api(cast.asha).post(PATH, {**RESTAURANT, "name": "Another"}, **KEY)
    assert (again.content, again["Idempotency-Replayed"]) == (answer.content, "true")


# --- at the same moment -----------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
def test_it_says_to_come_again_while_the_first_request_is_running(cast: Cast) -> None:
    place, inner = restaurant(cast.asha), []
    path, verb = f"{PATH}{place.pk}/change_status/", Restaurant.change_status

    def meanwhile(row: Restaurant, *args: Any, **kwargs: Any) -> bool:
        inner.append(api(cast.asha).post(path, {"status": "LOST"}, **KEY))
        return verb(row, *args, **kwargs)

    with patch.object(Restaurant, "change_status", meanwhile):
        outer = api(cast.asha).post(path, {"status": "LOST"}, **KEY)
    assert outer.status_code == 200
    assert is_refused(inner[0], 409, "still_running")
    assert inner[0]["Retry-After"] == "1"
    assert api(cast.asha).post(path, {"status": "LOST"}, **KEY)["Idempotency-Replayed"] == "true"


def test_it_takes_over_from_a_request_that_never_finished(cast: Cast, clock: Any) -> None:
    api(cast.asha).post(PATH, RESTAURANT, **KEY)
    # As a process leaves it that dies on the way: reserved, and nothing done.
    Restaurant.objects.all().delete()
    IdempotencyRecord.objects.update(status=None, headers={}, body=b"")
    clock.shift(LEASE - timedelta(seconds=1))
    assert is_refused(api(cast.asha).post(PATH, RESTAURANT, **KEY), 409, "still_running")
    clock.shift(timedelta(seconds=1))
    answer = api(cast.asha).post(PATH, RESTAURANT, **KEY)
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (201, False)
    assert api(cast.asha).post(PATH, RESTAURANT, **KEY).content == answer.content
    assert Restaurant.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_it_takes_back_what_it_did_when_somebody_has_taken_over(cast: Cast) -> None:
    place, verb = restaurant(cast.asha), Restaurant.change_status

    def slowly(row: Restaurant, *args: Any, **kwargs: Any) -> bool:
        IdempotencyRecord.objects.update(lease=uuid4())
        return verb(row, *args, **kwargs)

    with patch.object(Restaurant, "change_status", slowly):
        answer = api(cast.asha).post(f"{PATH}{place.pk}/change_status/", {"status": "LOST"}, **KEY)
    assert is_refused(answer, 409, "still_running")
    place.refresh_from_db()
    assert (place.lead_status, place.version, place.status_changes.count()) == ("NEW", 1, 0)


@pytest.mark.django_db(transaction=True)
def test_it_has_one_effect_for_eight_requests_at_once(cast: Cast) -> None:
    with shared_database():
        caller = api(cast.asha)
        for number in range(3):
            send = partial(caller.post, PATH, {**RESTAURANT, "name": f"Row {number}"}, Idempotency_Key=f"key {number}")
            answers = at_once(*[send] * 8)
            won = [answer for answer in answers if answer.status_code == 201]
            rest = [answer for answer in answers if answer.status_code != 201]
            assert sum("Idempotency-Replayed" not in answer for answer in won) == 1
            assert len({answer.content for answer in won}) == 1
            assert all(is_refused(answer, 409, "still_running") for answer in rest)
            assert send().content == won[0].content
        assert Counter(Restaurant.objects.values_list("name", flat=True)) == {f"Row {number}": 1 for number in range(3)}


# --- the key ----------------------------------------------------------------------------------


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("key", ["a", " ", "x" * 255, '"quoted, 50%"', "~!@#$^&*()"])
def test_it_takes_any_printable_key(cast: Cast, key: str) -> None:
    assert api(cast.asha).post(PATH, RESTAURANT, Idempotency_Key=key).status_code == 201
    assert api(cast.asha).post(PATH, RESTAURANT, Idempotency_Key=key)["Idempotency-Replayed"] == "true"


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "a\x7f", "naïve", "ключ"])
def test_it_refuses_any_other_key(cast: Cast, key: str) -> None:
    assert is_refused(api(cast.asha).post(PATH, RESTAURANT, Idempotency_Key=key), 400, "invalid_idempotency_key")
    assert not Restaurant.objects.exists()
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("method", ["put", "patch"])
def test_it_lets_other_methods_carry_one_for_nothing(cast: Cast, method: str) -> None:
    place = restaurant(cast.asha)
    answer = getattr(api(cast.asha), method)(f"{PATH}{place.pk}/", RESTAURANT, **KEY)
    assert answer.status_code == 200
    assert not IdempotencyRecord.objects.exists()
