"""A row is read from its columns by what its serializer declares: the same in lists, alone, and after a change."""

from __future__ import annotations

import pytest
from rest_framework.serializers import Serializer

from common.api.fields import Text
from common.api.rows import reader_for
from leads.models import Restaurant
from tests.cast import Cast, api, call_plan, contact, interaction, restaurant
from tests.routes import endpoints
from tests.world import ORDER

pytestmark = pytest.mark.usefixtures("noon")

SHAPES = {
    operation.path: operation.view.serializer_class
    for operation in endpoints()
    if operation.action == "list" and hasattr(operation.view, "serializer_class")
}


def test_it_is_the_same_row_wherever_it_is_shown(cast: Cast) -> None:
    place = restaurant(cast.asha)
    who = contact(place)
    talk, plan = interaction(who, order=dict(ORDER), participants=[who]), call_plan(place)
    rows = {"/lead/restaurants/": place, "/contact/contacts/": who, "/track/interactions/": talk, "/call/": plan}
    caller = api(cast.asha)
    for path, row in rows.items():
        alone = caller.get(f"{path}{row.pk}/").json()
        assert caller.get(path).json() == [alone]
        assert caller.patch(f"{path}{row.pk}/", {}).json() == alone
        reader = reader_for(SHAPES[path])
        assert list(alone) == [*reader.names, *(name for name, _ in reader.nested), *reader.computed]


def test_it_has_every_declared_field_and_no_other() -> None:
    for path, shape in SHAPES.items():
        declared = {name for name, field in shape().fields.items() if not field.write_only}
        reader = reader_for(shape)
        assert {*reader.names, *(name for name, _ in reader.nested), *reader.computed} == declared, path


def test_it_shows_a_part_that_is_not_there_as_null(cast: Cast) -> None:
    with_order, without = (interaction(contact(restaurant(cast.asha)), order=order) for order in (dict(ORDER), None))
    shown = {row["id"]: row["order"] for row in api(cast.asha).get("/track/interactions/").json()}
    assert shown[without.pk] is None
    assert shown[with_order.pk] == {**ORDER, "order_date": "2024-12-28T12:00:00Z"}


def test_it_leaves_out_what_is_only_written(cast: Cast) -> None:
    class Shape(Serializer[Restaurant]):
        name = Text()
        password = Text(write_only=True)

    restaurant(cast.asha, name="Shown")
    assert reader_for(Shape).one(Restaurant.objects.all()) == {"name": "Shown"}

    assert reader_for(Shape).one(Restaurant.objects.none()) is None
