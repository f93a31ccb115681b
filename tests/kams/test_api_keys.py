"""`/kam/api-keys/`: how other systems come in, as whom, how far, and until when."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
import time_machine

from kams.choices import Role
from kams.models import ApiKey, User
from kams.models.api_key import MOST_KEYS
from leads.models import Restaurant
from tests.admin.browser import Browser, messages
from tests.cast import NOON, RESTAURANT, Cast, api, person, restaurant
from tests.ledger import marks
from tests.races import at_once, shared_database

KEYS = "/kam/api-keys/"
LEADS = "/lead/restaurants/"
LATER = "2025-06-01T00:00:00Z"
BODY = {"name": "Till of the south", "scopes": ["leads:write", "leads:read"], "expires_at": LATER}


class System:
    """Another system, with its key."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return api()(method, path, body, **{"Authorization": f"Api-Key {self.text}", **headers})

    def get(self, path: str, **headers: str) -> Any:
        return self("GET", path, **headers)

    def is_out(self) -> bool:
        """Whether it is let in nowhere, in the words of a key that never was."""
        answer, never = self.get(LEADS), System(f"kam_aaaaaaaa_{'A' * 43}").get(LEADS)
        assert (answer.status_code == 401) == (answer.content == never.content)
        return bool(answer.status_code == 401 and answer["WWW-Authenticate"] == 'Bearer realm="api"')


def key_of(owner: User, *scopes: str, **fields: Any) -> System:
    given = {"name": "Till", "expires_at": NOON + timedelta(days=30), "scopes": " ".join(scopes or ["leads:read"])}
    return System(ApiKey.objects.add(by=owner, at=NOON, **{**given, **fields}).text)


# --- making one -----------------------------------------------------------------------------------
def test_it_tells_the_key_once_and_keeps_its_digest(cast: Cast) -> None:
    answer = api(cast.maya).post(KEYS, BODY)
    assert (answer.status_code, answer["Cache-Control"]) == (201, "no-store")
    made = answer.json()
    text = made.pop("key")
    key = ApiKey.objects.get()
    assert made == {
        "id": key.pk,
        "name": "Till of the south",
        "owner": cast.maya.pk,
        "prefix": text[4:12],
        "scopes": ["leads:read", "leads:write"],
        "requests_a_minute": None,
        "expires_at": LATER,
        "last_used_at": None,
        "created_at": "2024-12-28T12:00:00Z",
        "updated_at": "2024-12-28T12:00:00Z",
        "version": 1,
    }
    assert (text[:4], text[12], len(text)) == ("kam_", "_", 56)
    assert key.digest == sha256(text.encode()).hexdigest()
    shown = api(cast.maya).get(answer["Location"].removeprefix("http://testserver"))
    assert (shown.json(), shown["ETag"]) == (made, answer["ETag"])
    assert api(cast.maya).get(KEYS).json() == [made]
    secret = text[13:]
    assert secret not in repr(list(ApiKey.objects.values())) + str(key) + shown.content.decode()
    assert System(text).get(LEADS).status_code == 200


def test_it_makes_another_key_for_each_request(cast: Cast) -> None:
    first, second = (api(cast.maya).post(KEYS, BODY, Idempotency_Key="once") for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json()["key"] != second.json()["key"]
    assert "Idempotency-Replayed" not in second
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize(("who", "status"), [("asha", 403), ("nora", 403), ("maya", 201), ("root", 201)])
def test_managers_and_admins_make_them(cast: Cast, who: str, status: int) -> None:
    assert api(getattr(cast, who)).post(KEYS, BODY).status_code == status
    assert ApiKey.objects.count() == int(status == 201)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", None),
        ("name", "a" * 101),
        ("scopes", None),
        ("scopes", []),
        ("scopes", "leads:read"),
        ("scopes", ["leads"]),
        ("scopes", ["leads:read", "kam:read"]),
        ("scopes", ["performance:write"]),
        ("scopes", [["leads:read"]]),
        ("scopes", {"leads:read": True}),
        ("expires_at", None),
        ("expires_at", "2024-12-28T12:00:00Z"),
        ("expires_at", "2025-12-29T12:00:01Z"),
        ("expires_at", "2025-06-01"),
        ("requests_a_minute", 0),
        ("requests_a_minute", 100_001),
        ("requests_a_minute", "10"),
        ("revoked_at", LATER),
    ],
)
def test_it_names_the_field_that_is_wrong(cast: Cast, field: str, value: Any) -> None:
    answer = api(cast.root).post(KEYS, {**BODY, field: value})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("field", ["name", "scopes", "expires_at"])
def test_it_needs_a_name_scopes_and_an_end(cast: Cast, field: str) -> None:
    answer = api(cast.root).post(KEYS, {name: value for name, value in BODY.items() if name != field})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_it_lasts_366_days_at_most_and_twice_the_same_scope_is_once(cast: Cast) -> None:
    given = {"expires_at": "2025-12-29T12:00:00Z", "scopes": ["leads:read", "leads:read"], "owner": cast.root.pk}
    made = api(cast.maya).post(KEYS, {**BODY, **given}).json()
    assert (made["expires_at"], made["scopes"]) == ("2025-12-29T12:00:00Z", ["leads:read"])
    assert made["owner"] == cast.maya.pk


def test_only_admins_make_keys_for_more_requests_than_usual(cast: Cast, settings: Any) -> None:
    settings.KEY_REQUESTS_A_MINUTE = 120
    answer = api(cast.maya).post(KEYS, {**BODY, "requests_a_minute": 121})
    assert (answer.status_code, list(answer.json()["errors"])) == (403, ["requests_a_minute"])
    assert not ApiKey.objects.exists()
    assert api(cast.maya).post(KEYS, {**BODY, "requests_a_minute": 120}).status_code == 201
    assert api(cast.root).post(KEYS, {**BODY, "requests_a_minute": 5000}).json()["requests_a_minute"] == 5000


def test_nobody_has_more_good_keys_than_can_be_remembered(cast: Cast, clock: time_machine.Traveller) -> None:
    for _ in range(MOST_KEYS):
        key_of(cast.maya)
    answer = api(cast.maya).post(KEYS, BODY)
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_keys")
    assert ApiKey.objects.count() == MOST_KEYS
    assert api(cast.root).post(KEYS, BODY).status_code == 201
    clock.shift(timedelta(days=30))
    assert api(cast.maya).post(KEYS, BODY).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_do_not_both_make_the_last_one() -> None:
    with shared_database():
        maya = person("maya", role=Role.MANAGER)
        for _ in range(MOST_KEYS - 1):
            key_of_in_transaction(maya)
        answers = at_once(*[partial(api(maya).post, KEYS, BODY)] * 4)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def key_of_in_transaction(owner: User) -> None:
    assert api(owner).post(KEYS, BODY).status_code == 201


# --- seeing and ending them -----------------------------------------------------------------------
def test_it_lists_ones_own_and_an_admins_all(cast: Cast) -> None:
    key_of(cast.maya, name="Hers")
    key_of(cast.root, name="Theirs")
    shown = {who: [row["name"] for row in api(getattr(cast, who)).get(KEYS).json()] for who in ("maya", "root", "nora")}
    assert shown == {"maya": ["Hers"], "root": ["Theirs", "Hers"], "nora": []}


@pytest.mark.parametrize("who", ["maya", "root"])
def test_it_is_revoked_for_good(cast: Cast, who: str) -> None:
    system, caller = key_of(cast.maya), api(getattr(cast, who))
    path = f"{KEYS}{ApiKey.objects.get().pk}/"
    assert system.get(LEADS).status_code == 200
    assert caller.delete(path).status_code == 204
    assert system.is_out()
    assert ApiKey.objects.get().revoked_at == NOON
    assert [caller("DELETE", path).status_code, caller.get(path).status_code, caller.get(KEYS).json()] == [404, 404, []]


def test_staff_revoke_it_on_its_page(cast: Cast) -> None:
    system = key_of(cast.maya)
    page = Browser(cast.root).act("revoke", ApiKey.objects.get())
    assert messages(page) == ["1 API key revoked."]
    assert system.is_out()


def test_who_may_make_none_any_more_may_still_end_their_own(cast: Cast) -> None:
    key_of(cast.maya)
    cast.maya.revise(by=cast.root, at=NOON, role=Role.ANALYST)
    assert api(cast.maya).delete(f"{KEYS}{ApiKey.objects.get().pk}/").status_code == 204


# --- coming in ------------------------------------------------------------------------------------
def test_it_acts_as_its_owner_within_its_scopes(cast: Cast) -> None:
    hers, others = restaurant(cast.asha), restaurant(cast.carl)
    system = key_of(cast.maya, "leads:read", "leads:write")
    assert [row["id"] for row in system.get(LEADS).json()] == [hers.pk]
    assert system.get(f"{LEADS}{others.pk}/").status_code == 404
    made = system("POST", LEADS, RESTAURANT, Idempotency_Key="once")
    assert made.status_code == 201
    assert Restaurant.objects.get(pk=made.json()["id"]).created_by == cast.maya
    again = system("POST", LEADS, RESTAURANT, Idempotency_Key="once")
    assert (again["Idempotency-Replayed"], again.content) == ("true", made.content)


@pytest.mark.parametrize(("method", "scope"), [("GET", "leads:write"), ("HEAD", "leads:write"), ("POST", "leads:read")])
def test_it_names_the_scope_that_is_missing(cast: Cast, method: str, scope: str) -> None:
    system, needed = key_of(cast.root, scope, "contacts:read"), "leads:write" if method == "POST" else "leads:read"
    before = marks()["leads_restaurant"]
    answer = system(method, LEADS, RESTAURANT if method == "POST" else None)
    assert answer.status_code == 403
    if method != "HEAD":
        assert (answer.json()["code"], answer.json()["detail"]) == (
            "scope_missing",
            f"This API key lacks the scope {needed}.",
        )
    assert marks()["leads_restaurant"] == before


def test_a_demoted_owner_takes_the_rights_along(cast: Cast) -> None:
    restaurant(cast.carl)
    system = key_of(cast.root, "leads:read", "leads:write")
    assert len(system.get(LEADS).json()) == 1
    boss = person("boss", role=Role.ADMIN)
    cast.root.is_superuser = False
    cast.root.save()
    cast.root.revise(by=boss, at=NOON, role=Role.ANALYST)
    assert system.get(LEADS).status_code == 200
    assert system("POST", LEADS, RESTAURANT).status_code == 403
    cast.root.revise(by=boss, at=NOON, role=Role.KAM)
    assert system.get(LEADS).json() == []


@pytest.mark.parametrize("end", ["expiry", "deactivation", "activation", "password", "everywhere", "deletion"])
def test_it_ends_at_the_next_request(cast: Cast, clock: time_machine.Traveller, end: str) -> None:
    system, maya = key_of(cast.maya), cast.maya
    assert system.get(LEADS).status_code == 200
    if end == "expiry":
        clock.move_to(NOON + timedelta(days=30) - timedelta(microseconds=1))
        assert not system.is_out()
        clock.move_to(NOON + timedelta(days=30))
    elif end in {"deactivation", "activation"}:
        maya.deactivate(by=cast.root, at=NOON)
        if end == "activation":
            maya.revise(by=cast.root, at=NOON, is_active=True)
    elif end == "password":
        maya.change_password("staple battery horse", at=NOON)
    elif end == "everywhere":
        api(maya).post("/kam/me/log-out-everywhere/")
    else:
        cast.south.revise(by=cast.root, at=NOON, manager=None)
        maya.delete()
    assert system.is_out()


def test_it_is_no_other_key(cast: Cast) -> None:
    text = key_of(cast.maya).text
    prefix, secret, wide = text[:13], text[13:], "\uff41" * 8
    wrong = [prefix, secret, f"{prefix}{'A' * 43}", f"{text}A", text[:-1], text.upper(), f"{text} {text}"]
    wrong += [text.replace("kam_", "KAM_"), f"{prefix[:-1]}-{secret}", "", "_", "kam__", "kam_'--", "\xff", "x" * 5000]
    wrong += [f"kam_{wide}_{secret}".encode().decode("latin-1"), f"{text}\t."]
    for one in wrong:
        assert System(one).is_out(), one
    for header in (text, f"Bearer {text}", f"api-key {text}", f"Api-Key{text}", f"ApiKey {text}", f"Basic {text}"):
        assert api().get(LEADS, Authorization=header).status_code == 401, header
    assert not System(text).is_out()


def test_it_opens_neither_doors_nor_pages(cast: Cast) -> None:
    scopes = ("leads:read", "leads:write", "contacts:read", "interactions:read", "calls:read", "performance:read")
    system = key_of(cast.root, *scopes)
    for path in ("/kam/", "/kam/me/", "/kam/people/", KEYS, "/kam/me/sessions/", "/notifications/messages/", "/lead/"):
        answer = system.get(path)
        assert (answer.status_code, answer.json()["detail"]) == (403, "No API key comes here: log in."), path
    assert system("POST", "/kam/me/log-out-everywhere/").status_code == 403
    assert system("POST", KEYS, BODY).status_code == 403
    assert ApiKey.objects.count() == 1
    for token in (system.text, f"Api-Key {system.text}"):
        assert api().post("/api/token/verify/", {"token": token}).status_code == 401
    assert system.get("/admin/").status_code == 302
    assert not system.is_out()


def test_it_notes_when_it_came_once_a_minute(cast: Cast, clock: time_machine.Traveller) -> None:
    system = key_of(cast.maya)

    def last() -> Any:
        return ApiKey.objects.get().last_used_at

    assert last() is None
    for seconds, noted in ((0, 0), (59, 0), (60, 60), (119, 60), (121, 121)):
        clock.move_to(NOON + timedelta(seconds=seconds))
        assert system.get(LEADS).status_code == 200
        assert last() == NOON + timedelta(seconds=noted)
    assert ApiKey.objects.get().version == 1


def test_it_costs_no_statement_more_than_a_token(cast: Cast, django_assert_num_queries: Any) -> None:
    row = restaurant(cast.asha)
    system = key_of(cast.root)
    system.get(LEADS)
    for caller in (system, api(cast.root)):
        with django_assert_num_queries(2):
            assert caller.get(f"{LEADS}{row.pk}/").status_code == 200
    with django_assert_num_queries(1):
        assert System(f"kam_aaaaaaaa_{'A' * 43}").get(LEADS).status_code == 401
    with django_assert_num_queries(0):
        assert System("kam_x").get(LEADS).status_code == 401


def test_it_stands_in_no_log(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    system = key_of(cast.maya)
    system.get(LEADS)
    system.get("/kam/me/")
    System(f"{system.text}A").get(LEADS)
    assert caplog.records
    assert system.text[13:] not in caplog.text
