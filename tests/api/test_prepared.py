"""A prepared statement is what the ORM would have sent, whatever the values; where it would not be, the ORM asks."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import NotSupportedError, OperationalError, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from common.api import seen, statements
from common.models import Prepared, fetched
from common.models.statement import Statement
from interaction_tracking.models import Interaction
from kams.models import User
from kams.tokens import CALLER
from leads.models import Restaurant
from leads.views import RestaurantViewSet
from tests.cast import NOON, Cast, api, contact, interaction, restaurant

pytestmark = pytest.mark.usefixtures("noon")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="others have their own forms of values")

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.integers(-(10**9), 10**9).map(lambda seconds: NOON + timedelta(seconds=seconds, microseconds=seconds % 97))
VALUES = st.fixed_dictionaries(
    {
        "key": st.integers(-(2**63), 2**64) | st.none() | st.booleans(),
        "name": TEXT | st.sampled_from(["%", "%s", "'", "\\", "it's 100%"]) | st.none(),
        "since": MOMENTS | st.none(),
        "least": st.decimals(-(10**6), 10**6, places=2) | st.none(),
        "cities": st.lists(TEXT, max_size=3).map(tuple),
        "notify": st.booleans(),
    }
)


def asked(*, key: Any, name: Any, since: Any, least: Any, cities: Any, notify: bool) -> Any:
    """All kinds of conditions, each where there is a value for it."""
    rows = Restaurant.objects.filter(Q(pk=key) | Q(assigned_to=key), notify_contacts=notify)
    for condition in ({"name": name}, {"created_at__gte": since}, {"potential_revenue__gte": least}):
        rows = rows.filter(**{path: value for path, value in condition.items() if value is not None})
    return (rows.filter(city__in=cities) if cities else rows).values_list("pk", "name", "opening_hours", "created_at")


ASKED = Prepared(asked)


def learned(prepared: Prepared, values: dict[str, Any]) -> Statement | None:
    """The statement for such values, once they came before."""
    prepared.statement(values)
    return prepared.statement(values)


@on_postgresql
@given(values=VALUES)
def test_it_sends_what_the_orm_would_send(values: dict[str, Any]) -> None:
    statement = learned(ASKED, values)
    if statement is not None:
        text, parameters = asked(**values).query.get_compiler("default").as_sql()
        assert statement.text == text
        assert statement.filled(values) == list(parameters)


@on_postgresql
def test_it_prepares_what_has_values_of_all_kinds() -> None:
    values = {"key": 1, "name": "%s", "since": NOON, "least": Decimal(5), "cities": ("Pune",), "notify": True}
    statement = learned(ASKED, values)
    assert statement is not None
    assert ASKED.statement({**values, "key": 2, "name": "'", "since": NOON + timedelta(1)}) is statement
    other = learned(ASKED, {**values, "name": None})
    assert other is not None
    assert other.text != statement.text
    assert learned(ASKED, {**values, "notify": False}) is not statement


def test_it_finds_what_the_orm_finds(cast: Cast) -> None:
    for place in (restaurant(cast.asha, name="100 %s"), restaurant(cast.asha, name="Cafe")):
        values: dict[str, Any] = {
            "key": place.pk,
            "name": place.name,
            "since": NOON,
            "least": None,
            "cities": (),
            "notify": False,
        }
        for _ in range(10):  # the server prepares what comes often
            assert [tuple(row) for row in ASKED(**values)] == list(asked(**values))
        assert [tuple(row) for row in fetched(asked(**values))] == list(asked(**values))
    assert fetched(Restaurant.objects.none().values_list("pk")) == []


@on_postgresql
@pytest.mark.parametrize(
    "changed",
    [
        lambda value: Restaurant.objects.filter(pk=value + 1),
        lambda value: Restaurant.objects.filter(pk=min(value, 100)),
        lambda value: Restaurant.objects.filter(name__contains=value),
        lambda value: Restaurant.objects.filter(pk=value) if value > 1_790_000_012 else Restaurant.objects.all(),
        lambda value: Restaurant.objects.filter(pk__in=list(Restaurant.objects.filter(pk=value))),
        lambda value: Restaurant.objects.filter(pk=value).none(),
    ],
    ids=["another number", "at most", "a part", "a branch", "asked first", "nothing"],
)
@pytest.mark.django_db
def test_it_leaves_to_the_orm_what_makes_something_of_a_value(changed: Any) -> None:
    prepared = Prepared(lambda *, value: changed(value).values_list("pk"))
    assert learned(prepared, {"value": 7}) is None
    assert prepared(value=7) == []


@on_postgresql
@pytest.mark.django_db
def test_it_asks_no_database_while_it_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    ours: Any = connections["default"]
    monkeypatch.setitem(connections.settings, "other", ours.settings_dict)
    connections["other"] = ours.copy()
    there = Restaurant.objects.using("other")
    prepared = Prepared(
        lambda *, value: Restaurant.objects.filter(pk=value).exclude(pk__in=list(there)).values_list("pk")
    )
    try:
        assert prepared.statement({"value": 7}) is None
    finally:
        connections["other"].close()
        del connections["other"]


def test_it_keeps_so_many_shapes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.models.prepared.MOST_SHAPES", 1)
    prepared = Prepared(asked)
    values = {"key": 1, "name": "", "since": NOON, "least": Decimal(5), "cities": (), "notify": True}
    for _ in range(3):
        learned(prepared, values)
        learned(prepared, {**values, "key": None})
        assert len(prepared.known) == 1


@on_postgresql
@pytest.mark.django_db
def test_it_goes_on_without_plans_where_a_kept_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise NotSupportedError("cached plan must not change result type")

    values = {"key": 1, "name": None, "since": None, "least": None, "cities": (), "notify": True}
    monkeypatch.setattr(ServerBindingCursor, "execute", refuse)
    learned(ASKED, values)
    ours: Any = connections["default"]
    monkeypatch.setattr(ours.connection, "prepare_threshold", 5)
    with pytest.raises(OperationalError):  # within a transaction, which is lost
        ASKED(**values)
    assert ours.connection.prepare_threshold is None
    with monkeypatch.context() as outside:
        outside.setattr(ours, "in_atomic_block", False)
        assert ASKED(**values) == []


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_transaction_begins_again_where_a_kept_plan_refuses(cast: Cast) -> None:
    caller, path = api(cast.asha), f"/lead/restaurants/{restaurant(cast.asha).pk}/"
    kept = "SELECT 1 FROM pg_prepared_statements WHERE statement LIKE '%%\"address\"%%'"
    change = "ALTER TABLE leads_restaurant ALTER address TYPE "
    for number in range(7):
        assert caller.patch(path, {"notes": f"Note {number}."}).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(kept)
        assert cursor.fetchone()
    # A migration has a connection of its own: the driver forgets the plans of the one that it sees altering.
    with closing(connection.copy()) as theirs, theirs.cursor() as migration:
        migration.execute(f"{change} varchar(500)")
        try:
            answer = caller.patch(path, {"notes": "The last."})
            assert (answer.status_code, answer.json()["version"]) == (200, 9)
        finally:
            migration.execute(f"{change} text")
            connection.close()


# --- who asks, and details --------------------------------------------------------------------------
def test_the_columns_of_a_caller_come_in_the_order_of_the_model() -> None:
    assert [field.attname for field in User._meta.concrete_fields if field.attname in CALLER] == [*CALLER]


@on_postgresql
def test_a_detail_is_compiled_once_for_all_of_one_standing(cast: Cast) -> None:
    details = statements._prepared_for(RestaurantViewSet, statements._shown)
    details.known.clear()
    for person in (cast.asha, cast.bela, cast.asha):
        path = f"/lead/restaurants/{restaurant(person).pk}/"
        for _ in range(2):
            assert api(person).get(path).status_code == 200
            assert api(cast.carl).get(path).status_code == 404
            assert api(cast.root).get(path).status_code == 200
    assert len(details.known) == len({cast.asha.role, cast.root.role})
    assert all(isinstance(known, tuple) for known in details.known.values())


def test_a_detail_follows_whoever_it_is_given_to_at_once(cast: Cast) -> None:
    place = restaurant(cast.asha)
    path = f"/lead/restaurants/{place.pk}/"
    for owner, other in ((cast.carl, cast.asha), (cast.asha, cast.carl)):
        place.allocate(to=owner, by=cast.root, at=NOON)
        assert api(owner).get(path).status_code == 200
        assert api(other).get(path).status_code == 404
        assert api(cast.maya).get(path).status_code == (404 if owner == cast.carl else 200)


def test_a_detail_costs_the_same_statements_prepared_or_not(cast: Cast) -> None:
    path = f"/lead/restaurants/{restaurant(cast.asha).pk}/"
    caller = api(cast.asha)
    for _ in range(7):
        with CaptureQueriesContext(connection) as captured:
            assert caller.get(path).status_code == 200
        assert len(captured) == 2


def test_it_knows_nobody_by_a_session_that_is_not_theirs(cast: Cast) -> None:
    from kams.tokens import _callers  # noqa: PLC0415 - beside what it is about

    assert _callers(pk=cast.asha.pk, session=uuid.uuid4(), at=NOON) == []
    assert _callers(pk=cast.asha.pk, session=None, at=NOON)[0][0] == cast.asha.pk


# --- rows that are locked, and those that bodies name -------------------------------------------------
def held(*, key: int) -> Any:
    return Interaction.objects.with_participants().locked().filter(pk=key).order_by()


@on_postgresql
def test_an_instance_is_what_the_orm_would_make(cast: Cast, django_assert_num_queries: Any) -> None:
    key = interaction(contact(restaurant(cast.asha))).pk
    statement = learned(Prepared(held), {"key": key})
    assert statement is not None
    assert "FOR NO KEY UPDATE" in statement.text
    assert statement.instance is not None
    with django_assert_num_queries(1):
        (found,) = map(statement.instance, statement.rows({"key": key}))
        assert found.lead.name
    (known,) = held(key=key)
    assert vars(found).keys() == vars(known).keys()
    names = [field.attname for field in Interaction._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(known, name) for name in names]
    assert (found.participant_ids, found.lead, found._was) == (known.participant_ids, known.lead, known._was)


def test_a_locked_row_follows_whoever_it_is_given_to_at_once(cast: Cast) -> None:
    place = restaurant(cast.asha)
    path = f"/track/interactions/{interaction(contact(place)).pk}/"
    for number in range(3):
        for owner, other in ((cast.carl, cast.asha), (cast.asha, cast.carl)):
            Restaurant.objects.filter(pk=place.pk).update(assigned_to=owner)
            assert api(owner).patch(path, {"details": f"{owner} {number}"}).status_code == 200
            assert api(other).patch(path, {"details": "not theirs"}).status_code == 404


def test_a_row_that_a_body_names_follows_whoever_it_is_given_to_at_once(cast: Cast) -> None:
    place = restaurant(cast.asha)
    body = {"lead": place.pk, "contact": contact(place).pk, "interaction_type": "NOTE", "details": "…"}
    for _ in range(3):
        for owner, other in ((cast.carl, cast.asha), (cast.asha, cast.carl)):
            Restaurant.objects.filter(pk=place.pk).update(assigned_to=owner)
            assert api(owner).post("/track/interactions/", body).status_code == 201
            refused = api(other).post("/track/interactions/", body).json()
            assert set(refused["errors"]) == {"lead", "contact"}
    Restaurant.objects.filter(pk=place.pk).update(archived_at=NOON)
    assert api(cast.asha).post("/track/interactions/", body).status_code == 400


@on_postgresql
def test_a_row_that_a_body_names_is_compiled_once_for_all_of_one_standing(cast: Cast) -> None:
    seen._seen(Restaurant).known.clear()
    for person in (cast.asha, cast.bela, cast.asha):
        place = restaurant(person)
        body = {"lead": place.pk, "contact": contact(place).pk, "interaction_type": "NOTE", "details": "…"}
        assert api(person).post("/track/interactions/", body).status_code == 201
    assert [type(known) for known in seen._seen(Restaurant).known.values()] == [tuple]
