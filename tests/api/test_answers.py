"""What holds for every answer: its headers, what HEAD says, and that a fault outside of any view is a problem too."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.test import Client
from django.utils.functional import lazystr

from common.api.renderers import JSONRenderer, dumps
from tests.cast import Cast, api
from tests.routes import Operation, endpoints
from tests.world import World, account_for

pytestmark = pytest.mark.usefixtures("noon")

READS = [operation for operation in endpoints() if operation.method == "GET"]
OPEN = ("/health/", "/api/schema/", "/call/calendar/{")


@pytest.fixture
def world(cast: Cast) -> World:
    return World(cast)


def path_of(world: World, operation: Operation) -> str:
    return world.path(operation.path.replace("{pk}", f"{{{account_for(operation)}}}"))


def test_it_answers_head_as_get_without_the_body(world: World) -> None:
    caller = api(world.cast.root)
    for operation in READS:
        get, head = (caller(method, path_of(world, operation), X_Request_ID="one") for method in ("GET", "HEAD"))
        assert (get.status_code, head.status_code, head.content) == (200, 200, b""), operation
        assert head.headers == get.headers, operation


def test_it_says_how_long_an_answer_is_good(world: World) -> None:
    caller = api(world.cast.root)
    for operation in READS:
        if not operation.path.startswith(OPEN):
            answer = caller.get(path_of(world, operation))
            tagged = "ETag" in answer
            assert answer["Cache-Control"] == ("private, no-cache" if tagged else "no-store"), operation
            assert tagged == (operation.path.endswith(("{pk}/", "/me/"))), operation


def test_it_is_json_that_no_browser_takes_for_something_else(world: World) -> None:
    for caller in (api(world.cast.root), api()):
        for operation in READS:
            answer = caller.get(path_of(world, operation))
            assert answer["Content-Type"].startswith(
                ("application/json", "application/problem+json", "application/vnd", "text/calendar")
            )
            assert answer["X-Content-Type-Options"] == "nosniff"
            assert answer["X-Frame-Options"] == "DENY"
            assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert not answer.cookies


def test_it_writes_numbers_and_texts_exactly() -> None:
    assert dumps({"a": Decimal("5000.10"), "b": lazystr("later"), 1: None}) == b'{"a":5000.10,"b":"later","1":null}'
    assert JSONRenderer().render(None) == b""


def test_it_writes_nothing_that_has_no_place_in_json() -> None:
    with pytest.raises(TypeError):
        dumps({"a": object()})


# --- outside of any view ----------------------------------------------------------------------


@pytest.fixture
def crash() -> Iterator[None]:
    """The request crashes before it reaches a view."""
    with patch("django.middleware.common.CommonMiddleware.process_request", side_effect=ZeroDivisionError("s3cret")):
        yield


@pytest.mark.usefixtures("crash")
@pytest.mark.parametrize("path", ["/lead/restaurants/", "/nowhere"])
def test_it_answers_a_crash_before_any_view_with_a_problem(path: str) -> None:
    answer = Client(raise_request_exception=False).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "error"
    assert b"s3cret" not in answer.content


@pytest.mark.usefixtures("crash")
def test_it_shows_staff_a_page_for_a_crash() -> None:
    answer = Client(raise_request_exception=False).get("/admin/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert b"s3cret" not in answer.content


def staff(cast: Cast) -> Client:
    cast.asha.is_staff = True
    cast.asha.save()
    client = Client(raise_request_exception=False)
    client.force_login(cast.asha)
    return client


@pytest.mark.parametrize(("path", "status"), [("/admin/nothing/", 404), ("/admin/auth/group/add/", 404)])
def test_it_shows_staff_a_page_for_what_is_not_there(cast: Cast, path: str, status: int) -> None:
    answer = staff(cast).get(path)
    assert (answer.status_code, answer["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_it_shows_staff_a_page_for_what_they_may_not(cast: Cast) -> None:
    answer = staff(cast).get("/admin/kams/user/add/")
    assert (answer.status_code, answer["Content-Type"]) == (403, "text/html; charset=utf-8")


def test_it_answers_a_form_that_cannot_be_read_with_a_problem() -> None:
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post("/admin/login/", b"x", content_type="multipart/form-data; boundary=")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
