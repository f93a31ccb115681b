"""A prepared statement is what the ORM would have sent, whatever the values; where it would not be, the ORM asks."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import NotSupportedError, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from common.api import row_of
from common.models import Prepared, fetched
from kams.models import User
from kams.tokens import CALLER
from leads.models import Restaurant
from leads.views import RestaurantViewSet
from tests.cast import NOON, Cast, api, restaurant

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


@on_postgresql
@given(values=VALUES)
def test_it_sends_what_the_orm_would_send(values: dict[str, Any]) -> None:
    statement = ASKED.statement(values)
    if statement is not None:
        text, parameters = asked(**values).query.get_compiler("default").as_sql()
        assert statement.text == text
        assert statement.filled(values) == list(parameters)


@on_postgresql
def test_it_prepares_what_has_values_of_all_kinds() -> None:
    values = {"key": 1, "name": "%s", "since": NOON, "least": Decimal(5), "cities": ("Pune",), "notify": True}
    statement = ASKED.statement(values)
    assert statement is not None
    assert ASKED.statement({**values, "key": 2, "name": "'", "since": NOON + timedelta(1)}) is statement
    other = ASKED.statement({**values, "name": None})
    assert other is not None
    assert other.text != statement.text
    assert ASKED.statement({**values, "notify": False}) is not statement


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
    assert prepared.statement({"value": 7}) is None
    assert prepared(value=7) == []


def test_it_keeps_so_many_shapes_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.models.prepared.MOST_SHAPES", 1)
    prepared = Prepared(asked)
    values = {"key": 1, "name": "", "since": NOON, "least": Decimal(5), "cities": (), "notify": True}
    prepared.statement(values)
    assert prepared.statement({**values, "key": None}) is None
    assert len(prepared.known) == 1


@on_postgresql
@pytest.mark.django_db
def test_it_goes_on_without_plans_where_a_kept_one_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise NotSupportedError("cached plan must not change result type")

    values = {"key": 1, "name": None, "since": None, "least": None, "cities": (), "notify": True}
    monkeypatch.setattr(ServerBindingCursor, "execute", refuse)
    ours: Any = connections["default"]
    monkeypatch.setattr(ours.connection, "prepare_threshold", 5)
    with pytest.raises(NotSupportedError):  # within a transaction, which is lost
        ASKED(**values)
    assert ours.connection.prepare_threshold is None
    with monkeypatch.context() as outside:
        outside.setattr(ours, "in_atomic_block", False)
        assert ASKED(**values) == []


# --- who asks, and details --------------------------------------------------------------------------
def test_the_columns_of_a_caller_come_in_the_order_of_the_model() -> None:
    assert [field.attname for field in User._meta.concrete_fields if field.attname in CALLER] == [*CALLER]


@on_postgresql
def test_a_detail_is_compiled_once_for_all_of_one_standing(cast: Cast) -> None:
    row_of._details_of(RestaurantViewSet).known.clear()
    for person in (cast.asha, cast.bela, cast.asha):
        path = f"/lead/restaurants/{restaurant(person).pk}/"
        assert api(person).get(path).status_code == 200
        assert api(cast.carl).get(path).status_code == 404
        assert api(cast.root).get(path).status_code == 200
    known = row_of._details_of(RestaurantViewSet).known
    assert len(known) == len({person.team_id for person in (cast.asha, cast.bela, cast.carl)}) + 1
    assert None not in known.values()


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

    assert _callers(pk=cast.asha.pk, session=uuid.uuid4()) == []
    assert _callers(pk=cast.asha.pk, session=None)[0][0] == cast.asha.pk
