"""The pages for staff are counted as the API is: for the person, and for the address of who is not known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from common.api import limits
from common.api.limits import Counter
from tests.admin.browser import Browser
from tests.cast import NOON, Cast, api


@pytest.fixture(autouse=True)
def _few(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.PERSON_REQUESTS_A_MINUTE, settings.ADDRESS_REQUESTS_A_MINUTE = 3, 2
    monkeypatch.setattr(limits, "_counter", Counter())
    with time_machine.travel(NOON, tick=False):
        cache.clear()
        yield
        cache.clear()


def test_it_counts_a_person_at_both_doors(cast: Cast, root: Browser) -> None:
    assert [root.get("/admin/").status_code for _ in range(2)] == [200] * 2
    assert api(cast.root).get("/kam/me/").status_code == 200
    page = root.get("/admin/")
    assert (page.status_code, page["Retry-After"], page["RateLimit"]) == (429, "60", '"person";r=0;t=60')
    assert page.content == b"3 requests a minute are allowed. Wait 60 seconds."
    assert page["Content-Type"] == "text/plain"
    assert api(cast.root).get("/kam/me/").status_code == 429
    assert api(cast.asha).get("/kam/me/").status_code == 200


@pytest.mark.usefixtures("db")
def test_it_counts_for_the_address_who_has_not_logged_in() -> None:
    browser = Browser()
    assert [browser.get("/admin/login/").status_code for _ in range(3)] == [200, 200, 429]
    assert api().get("/kam/me/").status_code == 429


def test_it_counts_nothing_where_there_is_no_limit(root: Browser, settings: Any) -> None:
    settings.PERSON_REQUESTS_A_MINUTE = 0
    assert {root.get("/admin/").status_code for _ in range(5)} == {200}
