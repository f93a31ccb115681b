"""How often one may ask: by person, by key and by address; what is said of it; and what a cache that is away costs."""

from __future__ import annotations

import logging
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache

from common.api import limits
from common.api.limits import Counter
from kams.models import ApiKey
from tests.architecture import ROOT
from tests.cast import NOON, PASSWORD, Api, Cast, api, restaurant
from tests.ledger import marks

ME = "/kam/me/"
LEADS = "/lead/restaurants/"


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.PERSON_REQUESTS_A_MINUTE = 5
    settings.KEY_REQUESTS_A_MINUTE = 3
    settings.ADDRESS_REQUESTS_A_MINUTE = 4
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON + timedelta(seconds=15), tick=False) as coordinates:
        cache.clear()
        yield coordinates
        cache.clear()


@pytest.fixture(autouse=True)
def _a_counter_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_counter", Counter())


def statuses(caller: Api, path: str, times: int, **headers: str) -> list[int]:
    return [caller.get(path, **headers).status_code for _ in range(times)]


def from_address(address: str, caller: Api | None = None) -> Api:
    caller = caller or api()
    caller.client.defaults["REMOTE_ADDR"] = address
    return caller


def left(answer: Any) -> tuple[str, str]:
    return answer["RateLimit-Policy"], answer["RateLimit"]


def test_it_says_what_is_left_and_refuses_what_is_too_much(cast: Cast) -> None:
    caller = api(cast.asha)
    for number in range(5):
        answer = caller.get(ME)
        assert answer.status_code == 200
        assert left(answer) == ('"person";q=5;w=60', f'"person";r={4 - number};t=45')
    answer = caller.get(ME)
    assert answer.status_code == 429
    assert (answer["Retry-After"], left(answer)[1]) == ("45", '"person";r=0;t=45')
    assert answer["Content-Type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["title"]) == ("throttled", "Too many requests")
    assert answer.json()["detail"] == "5 requests a minute are allowed. Wait 45 seconds."


def test_it_begins_anew_with_the_minute(cast: Cast, clock: time_machine.Traveller) -> None:
    caller = api(cast.asha)
    assert statuses(caller, ME, 7) == [200] * 5 + [429] * 2
    clock.move_to(NOON + timedelta(seconds=59, microseconds=999_999))
    answer = caller.get(ME)
    assert (answer.status_code, answer["Retry-After"]) == (429, "1")
    clock.move_to(NOON + timedelta(seconds=60))
    assert left(caller.get(ME))[1] == '"person";r=4;t=60'


def test_it_counts_each_person_and_wherever_they_are(cast: Cast) -> None:
    for number in range(5):
        assert from_address(f"10.0.0.{number}", api(cast.asha)).get(ME).status_code == 200
    assert from_address("10.0.0.9", api(cast.asha)).get(ME).status_code == 429
    assert statuses(api(cast.bela), ME, 5) == [200] * 5


def test_what_is_too_much_is_not_done(cast: Cast) -> None:
    row, caller = restaurant(cast.asha), api(cast.asha)
    statuses(caller, ME, 5)
    before = marks()
    assert caller.patch(f"{LEADS}{row.pk}/", {"notes": "New."}).status_code == 429
    assert marks() == before


def test_a_refusal_says_what_is_left_too(cast: Cast) -> None:
    for answer in (api(cast.asha).get("/lead/restaurants/1/"), api(cast.asha).get(f"{LEADS}?x=1")):
        assert answer.status_code >= 400
        assert "RateLimit" in answer


# --- whom nobody knows ----------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "no.token.really", "kam_"])
def test_it_counts_for_the_address_who_is_not_known(token: str) -> None:
    header = f"{'Api-Key' if token == 'kam_' else 'Bearer'} {token}".strip()
    headers = {"Authorization": header} if token else {}
    assert statuses(from_address("10.0.0.1"), ME, 6, **headers) == [401] * 4 + [429] * 2
    assert left(from_address("10.0.0.2").get(ME, **headers)) == ('"address";q=4;w=60', '"address";r=3;t=45')


def test_a_forged_forwarding_header_is_no_other_address(cast: Cast) -> None:
    assert cast.asha
    found = [api().get(ME, X_Forwarded_For=f"10.0.0.{number}").status_code for number in range(6)]
    assert found == [401] * 4 + [429] * 2


@pytest.mark.django_db
def test_it_believes_the_proxy_that_is_ours(settings: Any) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    found = [api().get(ME, X_Forwarded_For=f"10.9.9.{number}, 10.0.0.1").status_code for number in range(5)]
    assert found == [401] * 4 + [429]
    assert api().get(ME, X_Forwarded_For="10.0.0.1, 10.0.0.2").status_code == 401


@pytest.mark.django_db
def test_it_counts_a_network_of_ipv6_as_one() -> None:
    found = [from_address(f"2001:db8:0:1::{number}").get(ME).status_code for number in range(5)]
    assert found == [401] * 4 + [429]
    assert from_address("2001:db8:0:2::1").get(ME).status_code == 401


def test_it_counts_log_ins_and_who_is_let_in_is_not_counted_for_the_address(cast: Cast) -> None:
    cast.asha.set_password(PASSWORD)
    cast.asha.save()
    log_in = {"username": "asha", "password": PASSWORD}
    answers = [api().post("/api/token/", log_in).status_code for _ in range(5)]
    assert answers == [200] * 4 + [429]
    assert api(cast.asha).get(ME).status_code == 200
    assert api(cast.asha).post("/kam/password-reset/", {"email": "asha@kams.example"}).status_code == 429


@pytest.mark.django_db
def test_it_never_limits_a_balancer() -> None:
    for path in ("/health/live", "/health/ready"):
        answers = [api().get(path) for _ in range(10)]
        assert {answer.status_code for answer in answers} == {200}
        assert "RateLimit" not in answers[0]


# --- keys -----------------------------------------------------------------------------------------
def test_a_key_has_a_budget_of_its_own(cast: Cast) -> None:
    def key(**fields: Any) -> dict[str, str]:
        given = {"name": "Till", "scopes": "leads:read", "expires_at": NOON + timedelta(days=1), **fields}
        return {"Authorization": f"Api-Key {ApiKey.objects.add(by=cast.root, at=NOON, **given).text}"}

    usual, other, more = key(), key(), key(requests_a_minute=5)
    assert statuses(api(), LEADS, 4, **usual) == [200] * 3 + [429]
    assert statuses(api(), LEADS, 1, **other) == [200]
    assert left(api().get(LEADS, **other))[0] == '"key";q=3;w=60'
    assert statuses(api(), LEADS, 6, **more) == [200] * 5 + [429]
    assert statuses(api(cast.root), LEADS, 5) == [200] * 5
    assert statuses(api(), "/kam/me/", 1, **usual) == [429]


# --- settings -------------------------------------------------------------------------------------
def test_nothing_is_counted_where_there_is_no_limit(cast: Cast, settings: Any) -> None:
    settings.PERSON_REQUESTS_A_MINUTE = 0
    with patch.object(Counter, "count", side_effect=AssertionError):
        answer = api(cast.asha).get(ME)
    assert answer.status_code == 200
    assert "RateLimit" not in answer
    assert "RateLimit-Policy" not in answer


def test_it_asks_the_database_nothing(cast: Cast, django_assert_num_queries: Any) -> None:
    caller = api(cast.asha)
    for _ in range(5):
        with django_assert_num_queries(2):
            assert caller.get(ME).status_code == 200
    with django_assert_num_queries(1):
        assert caller.get(ME).status_code == 429


@pytest.mark.parametrize("value", ["-1", "1000001", "many"])
def test_it_does_not_start_with_a_limit_that_is_none(value: str) -> None:
    command = [sys.executable, "-c", "import LeadManagementSystem.settings"]
    environment = {"PERSON_REQUESTS_A_MINUTE": value}
    started = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert started.returncode == 1
    assert "PERSON_REQUESTS_A_MINUTE" in started.stderr


# --- counting -------------------------------------------------------------------------------------
def test_of_requests_at_once_none_is_lost() -> None:
    counter = Counter()
    with ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(lambda _: counter.count("one", at=NOON), range(400)))
    assert sorted(map(int, counts)) == list(range(1, 401))  # type: ignore[arg-type] # none of them is None


def test_a_cache_that_is_away_limits_nobody_and_is_told_of_once(
    cast: Cast, caplog: pytest.LogCaptureFixture, clock: time_machine.Traveller
) -> None:
    caller = api(cast.asha)
    with patch.object(type(cache._connections["default"]), "incr", side_effect=ConnectionError("refused")) as asked:  # type: ignore[attr-defined] # a proxy
        answers = [caller.get(ME) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [200] * 8
        assert "RateLimit" not in answers[-1]
        assert asked.call_count == 1  # left alone for a while
        clock.shift(limits.REST)
        assert caller.get(ME).status_code == 200
        assert asked.call_count == 2
    assert [record.levelname for record in caplog.records if record.name == limits.__name__] == ["ERROR"]
    clock.shift(limits.REST)
    assert left(caller.get(ME))[1] == '"person";r=4;t=35'
    told = [(record.levelno, record.getMessage()) for record in caplog.records if record.name == limits.__name__]
    assert told == [
        (logging.ERROR, "The cache is away, and no request is limited: refused"),
        (logging.WARNING, "The cache is back, and requests are limited again."),
    ]


def test_a_redis_that_is_away_is_no_reason_to_refuse(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "cache", RedisCache("redis://127.0.0.1:9/0", {}))  # where nobody listens
    answer = api(cast.asha).get(ME)
    assert answer.status_code == 200
    assert "RateLimit" not in answer


def test_it_writes_headers_as_the_draft_has_them(cast: Cast) -> None:
    policy, rest = left(api(cast.asha).get(ME))
    assert re.fullmatch(r'"[a-z]+";q=\d+;w=\d+', policy)
    assert re.fullmatch(r'"[a-z]+";r=\d+;t=\d+', rest)
