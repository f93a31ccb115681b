"""One transaction a request: all of it or nothing, again where the database asks for it, and a problem where not."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from call_planning.models import CallPlan, CallPlanSet
from common.models import IdempotencyRecord
from interaction_tracking.models import Interaction
from leads.models import Restaurant
from tests.cast import Cast, api, call_plan, restaurant
from tests.ledger import marks

pytestmark = pytest.mark.usefixtures("noon")

SECRET = "10.0.0.7 refused s3cret"


class DriverError(Exception):
    """What a driver of PostgreSQL raises, as far as anybody looks."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(SECRET)
        self.sqlstate = sqlstate


def of_postgresql(sqlstate: str) -> OperationalError:
    error = OperationalError(SECRET)
    error.__cause__ = DriverError(sqlstate)
    return error


def of_mariadb(number: int) -> OperationalError:
    return OperationalError(number, SECRET)


MET_OTHERS = [of_postgresql("40001"), of_postgresql("40P01"), of_mariadb(1213), of_mariadb(1205)]
NAMES = ["serialization", "deadlock", "deadlock on MariaDB", "lock wait"]


def failing(verb: Callable[..., Any], error: Exception, *, times: int) -> tuple[Callable[..., Any], list[int]]:
    """The verb, that does its work and then fails this often; and a list that grows with each try."""
    tries: list[int] = []

    def run(row: Any, *args: Any, **kwargs: Any) -> Any:
        answer = verb(row, *args, **kwargs)
        tries.append(row.pk)
        if len(tries) <= times:
            raise error
        return answer

    return run, tries


def is_problem(answer: Any, status: int, code: str) -> bool:
    """A problem of this kind that tells nothing of what is inside."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    told = answer.content.decode()
    return not any(word in told for word in ("s3cret", "10.0.0.7", "Traceback", "Error", "SELECT"))


# --- again ------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", MET_OTHERS, ids=NAMES)
@pytest.mark.parametrize("times", [1, 2])
def test_it_begins_again_when_it_met_others(cast: Cast, error: OperationalError, times: int) -> None:
    place = restaurant(cast.asha)
    verb, tries = failing(Restaurant.change_status, error, times=times)
    with patch.object(Restaurant, "change_status", verb):
        path = f"/lead/restaurants/{place.pk}/change_status/"
        answer = api(cast.asha).post(path, {"status": "LOST"}, Idempotency_Key="a")
    assert (answer.status_code, answer.json()["lead_status"], len(tries)) == (200, "LOST", times + 1)
    place.refresh_from_db()
    assert (place.lead_status, place.version, place.status_changes.count()) == ("LOST", 2, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", MET_OTHERS, ids=NAMES)
def test_it_gives_up_after_three_times(cast: Cast, error: OperationalError) -> None:
    place = restaurant(cast.asha)
    before = marks()
    verb, tries = failing(Restaurant.change_status, error, times=9)
    with patch.object(Restaurant, "change_status", verb):
        path = f"/lead/restaurants/{place.pk}/change_status/"
        answer = api(cast.asha).post(path, {"status": "LOST"}, Idempotency_Key="a")
    assert is_problem(answer, 503, "unavailable")
    assert (answer["Retry-After"], len(tries)) == ("5", 3)
    assert marks() == before
    assert not IdempotencyRecord.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [OperationalError(SECRET), of_postgresql("57014"), of_mariadb(2013)])
def test_it_does_not_begin_again_for_other_faults(cast: Cast, error: OperationalError) -> None:
    place = restaurant(cast.asha)
    before = marks()
    verb, tries = failing(Restaurant.revise, error, times=9)
    with patch.object(Restaurant, "revise", verb):
        answer = api(cast.asha).patch(f"/lead/restaurants/{place.pk}/", {"notes": "New."})
    assert is_problem(answer, 503, "unavailable")
    assert len(tries) == 1
    assert marks() == before


# --- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OperationalError(SECRET), InterfaceError(SECRET)], ids=["operational", "interface"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/lead/restaurants/"), ("GET", "/lead/restaurants/1/"), ("DELETE", "/call/1/"), ("POST", "/api/token/")],
)
def test_it_says_to_come_again_while_the_database_is_away(cast: Cast, method: str, path: str, error: Exception) -> None:
    caller = api(cast.asha)
    with patch.object(BaseDatabaseWrapper, "ensure_connection", side_effect=error):
        answer = caller(method, path, {"username": "asha", "password": "x"} if method == "POST" else None)
    assert is_problem(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5"


def test_it_answers_a_conflict_that_only_the_database_saw(cast: Cast) -> None:
    place = restaurant(cast.asha)
    first = call_plan(place)
    with patch.object(CallPlanSet, "refuse_second"):
        answer = api(cast.asha).post("/call/", {"lead": place.pk, "frequency": "DAILY"})
    assert is_problem(answer, 409, "conflict")
    assert "call_plan" not in answer.json()["detail"]
    assert list(CallPlan.objects.all()) == [first]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (IntegrityError(SECRET), 409, "conflict"),
        (DataError(SECRET), 400, "invalid"),
        (RuntimeError(SECRET), 500, "error"),
        (KeyError(SECRET), 500, "error"),
        (RecursionError(SECRET), 500, "error"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_it_takes_everything_back_and_tells_no_details(cast: Cast, error: Exception, status: int, code: str) -> None:
    plan = call_plan(restaurant(cast.asha))
    before = marks()
    verb, tries = failing(CallPlan.record_call, error, times=9)
    with patch.object(CallPlan, "record_call", verb):
        answer = api(cast.asha).post(f"/call/{plan.pk}/record_call/")
    assert is_problem(answer, status, code)
    assert len(tries) == 1
    assert marks() == before
    assert not Interaction.objects.exists()


def test_it_answers_a_crash_while_reading_with_a_problem(cast: Cast) -> None:
    restaurant(cast.asha)
    with patch("common.api.rows.Reader.whole", side_effect=ZeroDivisionError(SECRET)):
        answer = api(cast.asha).get("/lead/restaurants/")
    assert is_problem(answer, 500, "error")
    assert answer.json()["instance"] == "/lead/restaurants/"
